"""Markdown: tables, lists and paragraphs in lines that fit, and text that is shown as it is."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from inspect import cleandoc
from textwrap import dedent, fill

WIDTH = 100
INDENT = "    "
SPECIAL = re.compile(r"([\\*_\[\]`~|#])")
CODE = re.compile(r"``(.+?)``")
SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Yields|References|Example|Examples):$")
BOOK = re.compile(r"\n(?=[A-ZÀ-Ž][^\n]*\b(?:19|20)\d\d\b)")  # begins with an author, has a year
ENTRY = re.compile(r"^(\*{0,2}[A-Za-z_][\w ,./*]*?): +(.*)$")


def paragraph(text: str) -> str:
    """A paragraph in short lines; nothing in it is broken inside a word."""
    return fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def item(text: str, mark: str = "- ") -> str:
    """An item of a list in short lines."""
    return fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell does not end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def code(text: str) -> str:
    """Code inside a line."""
    return f"`{text}`"


def anchor(heading: str) -> str:
    """Where a link to a heading leads, as GitHub names it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def anchors(headings: Sequence[str]) -> Iterator[str]:
    """Where links to headings lead; of two that differ in capitals alone the later has a number."""
    before: list[str] = []
    for heading in headings:
        link = anchor(heading)
        yield f"{link}-{before.count(link)}" if link in before else link
        before.append(link)


def block(text: str, language: str = "") -> str:
    """Code of several lines."""
    return f"```{language}\n{text.rstrip()}\n```"


def verbatim(text: str) -> str:
    """A text of data, shown as it is: no sign in it means anything to Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", html.escape(text, quote=False))


def page(*pieces: str) -> str:
    """A page of pieces with an empty line between each two."""
    return "\n\n".join(piece.strip("\n") for piece in pieces if piece) + "\n"


def prose(docstring: str) -> str:
    """A docstring in Google style as Markdown: sections become lists, examples become blocks."""
    out: list[str] = []
    for part in _paragraphs(cleandoc(docstring)):
        first, _, rest = part.partition("\n")
        section = SECTION.match(first.strip())
        if section is None:
            out.append(_plain(part))
            continue
        out.append(f"**{section[1]}**")
        if section[1].startswith("Example"):
            out.append(_plain(dedent(rest)))
        elif section[1] == "References":
            entries = re.split(BOOK, dedent(rest))
            out.append("\n".join(item(inline(entry)) for entry in entries))
        else:
            out.append("\n".join(_entries(dedent(rest))))
    return "\n\n".join(piece for piece in out if piece)


def _paragraphs(text: str) -> list[str]:
    """What empty lines divide; lines of code stay together."""
    out: list[str] = []
    for part in re.split(r"\n[ ]*\n", text):
        if out and part.startswith(INDENT) and out[-1].startswith(INDENT):
            out[-1] += f"\n\n{part}"
        else:
            out.append(part)
    return out


def _plain(text: str) -> str:
    """A paragraph, an example, or what is indented on purpose."""
    if not text.strip():
        return ""
    if text.lstrip().startswith(">>>"):
        return block(dedent(text), "python")
    if text.startswith(INDENT):
        return block(dedent(text))
    if text.lstrip().startswith(("* ", "- ")):
        items = re.split(r"\n(?=\s*[*-] )", text.strip())
        return "\n".join(item(inline(one.strip()[2:])) for one in items)
    return paragraph(inline(re.sub("::$", ":", text)))


def _entries(text: str) -> Iterable[str]:
    """The entries of a section: a name and what it is; without a name, a sentence."""
    entries = re.split(r"\n(?=\S)", text)
    for entry in entries:
        named = ENTRY.match(" ".join(entry.split()))
        if named and (len(entries) > 1 or re.fullmatch(r"[\w*]+", named[1])):
            yield item(f"`{named[1]}`: {inline(named[2])}")
        else:
            yield item(inline(entry))


def inline(text: str) -> str:
    """Two backticks, or one with a name between them, are code."""
    return CODE.sub(r"`\1`", text)
