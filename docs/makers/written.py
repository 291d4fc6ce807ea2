"""Written: texts, rows and labels, clean and at severities 1, 3 and 5, with changes marked."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from makers import material, shown
from makers.markdown import item, table, verbatim

WORD = re.compile(r"\w+|\W")
ALIKE = 0.5  # of two words, from which on their characters are compared


def texts(name: str) -> str:
    """A text corruption: what is new is bold, what is gone is struck out."""
    clean, *worse = shown.values(name)
    lines = [f"clean: {verbatim(clean)}"]
    lines += [f"{s}: {marked(clean, text)}" for s, text in zip(shown.SHOWN, worse, strict=True)]
    return "\n".join(map(item, lines))


def marked(clean: str, text: str) -> str:
    """The text with what was put in between ``<b>`` and what was taken out between ``<del>``.

    Words are compared first; inside a word that became another, characters are compared where the
    two are alike.
    """
    if clean == text:
        return "*as it was*"
    before, after = WORD.findall(clean), WORD.findall(text)
    out = ""
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, new = before[a:b], after[c:d]
        if tag == "equal":
            out += verbatim("".join(new))
        elif len(gone) == len(new) and all(map(_alike, gone, new)):
            out += "".join(map(_word, gone, new))
        else:
            out += _changed("".join(gone), "".join(new))
    return out


def _alike(before: str, after: str) -> bool:
    """Whether one word could be read for the other."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return matcher.ratio() >= ALIKE and not any(map(_unseen, after))


def _word(before: str, after: str) -> str:
    """A word that became another, by its characters."""
    if before == after:
        return verbatim(after)
    pieces = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return "".join(
        verbatim(after[c:d]) if tag == "equal" else _changed(before[a:b], after[c:d])
        for tag, a, b, c, d in pieces
    )


def _changed(gone: str, new: str) -> str:
    return _tagged("del", gone) + _tagged("b", new)


def _tagged(tag: str, text: str) -> str:
    """A piece between tags; what nobody would see has a sign."""
    if not text:
        return ""
    if text.isspace():
        text = text.replace(" ", "␣")
    signs = (f"[U+{ord(c):04X}]" if _unseen(c) else verbatim(c) for c in text)
    return f"<{tag}>{''.join(signs)}</{tag}>"


def _unseen(character: str) -> bool:
    return unicodedata.category(character)[0] in {"C", "Z"} and character != " "


def cells(name: str) -> str:
    """A table corruption: a row a severity; what is not as it was is bold."""
    clean, *worse = shown.values(name)
    head = ["severity", *material.CELLS]
    rows = [["clean", *map(_cell, clean)]]
    for severity, row in zip(shown.SHOWN, worse, strict=True):
        rows.append([str(severity), *_differing(clean, row)])
    return table(head, rows)


def _differing(clean: Any, row: Any) -> Iterator[str]:
    for before, after in zip(clean, row, strict=True):
        yield _cell(after) if before == after else f"**{_cell(after)}**"


def _cell(value: Any) -> str:
    if value is None:
        return "_empty_"
    return f"{value:.4g}" if isinstance(value, float) else verbatim(str(value))


def labels(name: str, n: int = 24) -> str:
    """A plan of labels: the class of each sample; a new one is bold."""
    rows, plans = shown.plans(name, n)
    names = [material.LABELS[label] for label in rows.labels]
    lines = [["clean", " ".join(names)]]
    for severity, plan in zip(shown.SHOWN, plans, strict=True):
        new = [material.LABELS[label] for label in plan]
        words = [b if a == b else f"**{b}**" for a, b in zip(names, new, strict=True)]
        lines.append([str(severity), " ".join(words)])
    return table(["severity", f"classes of {n} samples"], lines)
