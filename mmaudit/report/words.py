"""Texts for people: plain words for what tables name by key, and text from data made safe to read.

What cannot be seen is shown by its code point: a right-to-left override turns a file name round,
and a zero-width space hides in a word. Escaping does not help against them, since they are text.
Emoji and Persian need the zero-width joiner and non-joiner, so those two stay.
"""

import re
from collections.abc import Sequence

from mmaudit.formats import number as plain
from mmaudit.names import WORTHS
from mmaudit.rows import Metric

DONE = re.compile(r"([\w-]+(?:/[\w-]+)+)(?::(\d+))?@([\w-]+)")
OWN = "Verdict: "  # how the audit of pairs begins
LONGEST = 2000  # characters of one text that a page shows
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad"
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff\ufffe\uffff]"
)
PRESENT = re.compile(r"present:([\w,-]+)")
ABSENT, AT_MOST = re.compile(r"absent:(\d+)"), re.compile(r"absent:up_to_(\d+)")
KEYED = re.compile(r"(?:^|(?<=, ))(modality|value|absent)=([^,]+)")
OF_WORTH = re.compile(r"(?<=\bof )p_true\b")


def condition(name: str) -> str:
    """A condition as a person says it.

    Example:
        >>> condition("image/text_overlay:5@image")
        'text overlay on image, severity 5'
        >>> condition("present:image,text")
        'only image and text present'
        >>> condition("absent:1"), condition("absent:up_to_2")
        ('any 1 of the modalities absent', 'any of the modalities absent, 2 at most')
        >>> condition("value=p_true, absent=zeros, modality=text")
        'probability of the right answer, absent values: zeros, text'
    """
    name = ABSENT.sub("any \\1 of the modalities absent", name)
    name = AT_MOST.sub("any of the modalities absent, \\1 at most", name)
    said = PRESENT.sub(lambda m: f"only {listed(m[1].split(','))} present", name)
    said = KEYED.sub(_keyed, DONE.sub(_done, said))
    return "clean data" if said == "clean" else said


def _done(match: re.Match[str]) -> str:
    part = match[1].rpartition("/")[2].replace("_", " ")
    return f"{part} on {match[3]}" + (f", severity {match[2]}" if match[2] else "")


def _keyed(match: re.Match[str]) -> str:
    if match[1] == "absent":
        return f"absent values: {match[2]}"
    return worth(match[2]) if match[1] == "value" else match[2]


def worth(name: str) -> str:
    """What an answer is worth, as a person says it; other values by their name."""
    return WORTHS.get(name, name)


def said(headline: str) -> str:
    """What an audit found, as the page says it: a verdict is what the gate says, and no one else.

    Example:
        >>> said("Verdict: noisy (13 % mismatched), under image/fog:3@image.")
        'Pairs: noisy (13 % mismatched), under fog on image, severity 3.'
    """
    text = f"Pairs: {headline.removeprefix(OWN)}" if headline.startswith(OWN) else headline
    return condition(OF_WORTH.sub(f"the {WORTHS['p_true']}", text))


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    Example:
        >>> listed(["image", "text", "audio"])
        'image, text and audio'
    """
    *most, last = [name.replace("_", " ") for name in names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def amount(value: float, meaning: Metric) -> str:
    """A number in a sentence: a share as a percentage.

    Example:
        >>> amount(0.98806, Metric("", unit="1")), amount(12.5, Metric("", unit="dB"))
        ('98.8 %', '12.5')
    """
    return f"{100 * value:.1f} %" if meaning.unit == "1" else plain(value)


def visible(text: str, *, longest: int = LONGEST) -> str:
    """The text with control, bidi and other unseen characters as ``⟦U+202E⟧``, cut if very long."""
    cut = text[:longest]
    shown = HIDDEN.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", cut)
    return shown if len(text) <= longest else f"{shown}… ({len(text):,} characters)"
