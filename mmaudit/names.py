"""Names: words that several rooms share, and values as texts."""

import re
from collections.abc import Collection, Iterable

ALL = "all"  # a split, a slice or a group that leaves nothing out
CLEAN = "clean"  # the condition under which nothing was done to a sample
NONE = "none"  # what holds nothing: no modality, no corruption
SLICE = "slice:"  # how the column of a slice begins, before its name
WORTHS = {  # of an answer in a game of modalities, as a person says them
    "p_true": "probability of the right answer",
    "correct": "share of right answers",
    "p_labels": "probability of what is true of a label",
    "labels_correct": "share of right labels",
}

TRUTHS = ("True", "TRUE", "False", "FALSE")  # as tables write what is ``true`` and ``false`` here


def name(value: object) -> str:
    """A class, id or group as text: ``True`` is ``true``, ``3.0`` is ``3``, NumPy's as Python's.

    Example:
        >>> [name(True), name("True"), name(3.0), name("cat")]
        ['true', 'true', '3', 'cat']
    """
    if not isinstance(value, str) and hasattr(value, "item"):
        value = value.item()
    if value in TRUTHS and isinstance(value, str):
        return value.lower()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def subset(modalities: Iterable[str]) -> str:
    """The condition under which only some modalities are present."""
    return f"present:{','.join(modalities) or NONE}"


def outright(corruption: str, patterns: Collection[str]) -> bool:
    """Whether a corruption, or each of those that ``+`` joins, is asked for by its own name.

    Example:
        >>> outright("image/fog", ["image/*"]), outright("image/fog", ["image/fog", "text/*"])
        (False, True)
    """
    return all(name in patterns for name in corruption.split("+"))


def part(slice: str, value: object) -> str:
    """The samples that have one value of a slice, as tables and gates name them: NAME=VALUE."""
    return f"{slice}={value}"


def slice_value(part: str) -> tuple[str, str]:
    """The column of a slice and its value, from what `part` made."""
    name, _, value = part.partition("=")
    return SLICE + name, value


def natural(text: str, *, spelling: bool = False) -> list[tuple[bool, int, str]]:
    """Sorting key by which ``class 2`` comes before ``class 10``.

    Args:
        text: The name.
        spelling: Whether ``07`` comes before ``7``; otherwise they are one number.

    Example:
        >>> sorted(["class 10", "class 2"], key=natural)
        ['class 2', 'class 10']
    """
    pieces = re.findall(r"(\d+)|(\D+)", text)
    return [
        (not digits, int(digits or 0), rest or (digits if spelling else ""))
        for digits, rest in pieces
    ]
