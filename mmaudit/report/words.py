"""Plain words for what tables name by key: conditions, shares, lists."""

import re
from collections.abc import Sequence

from mmaudit.formats import number as plain
from mmaudit.rows import Metric

DONE = re.compile(r"([\w-]+(?:/[\w-]+)+)(?::(\d+))?@([\w-]+)")
OWN = "Verdict: "  # how the audit of pairs begins
PRESENT = re.compile(r"present:([\w,-]+)")


def condition(name: str) -> str:
    """A condition as a person says it.

    Example:
        >>> condition("image/text_overlay:5@image")
        'text overlay on image, severity 5'
        >>> condition("present:image,text")
        'only image and text present'
    """
    said = PRESENT.sub(lambda m: f"only {listed(m[1].split(','))} present", name)
    said = DONE.sub(_done, said)
    return "clean data" if said == "clean" else said


def _done(match: re.Match[str]) -> str:
    part = match[1].rpartition("/")[2].replace("_", " ")
    return f"{part} on {match[3]}" + (f", severity {match[2]}" if match[2] else "")


def said(headline: str) -> str:
    """What an audit found, as the page says it: a verdict is what the gate says, and no one else.

    Example:
        >>> said("Verdict: noisy (13 % mismatched), under image/fog:3@image.")
        'Pairs: noisy (13 % mismatched), under fog on image, severity 3.'
    """
    text = f"Pairs: {headline.removeprefix(OWN)}" if headline.startswith(OWN) else headline
    return condition(text)


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
