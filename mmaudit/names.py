"""Names: words that several rooms share, and values as texts."""

import re
from collections.abc import Collection, Iterable

ALL = "all"  # a split, a slice or a group that leaves nothing out
CPU_SECONDS = "cpu_seconds"  # in run.json: of a training over all settings, by method
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


def crossed(condition: str, modality: str, policy: str | None = None) -> str:
    """The condition under which a modality is absent beside what another one does.

    Args:
        condition: The other one; empty for all that damages the same modality.
        modality: The modality that is absent.
        policy: The absence policy, where it is named.
    """
    return under(f"{condition} without {modality}", policy)


def under(condition: str, policy: str | None) -> str:
    """The condition under an absence policy, where that is named."""
    return f"{condition} ({policy})" if policy else condition


def uncrossed(condition: str, present: str) -> tuple[str, str] | None:
    """The two halves of what `crossed` made: with all present, and only the modality absent.

    Args:
        condition: The condition.
        present: Modalities that are present under it, joined by commas.

    Returns:
        None where it is no such condition.

    Example:
        >>> uncrossed("image/fog:3@camera without caption (zeros)", "camera")
        ('image/fog:3@camera', 'present:camera (zeros)')
    """
    damaged, parted, rest = condition.rpartition(" without ")
    if not parted or "@" not in damaged:
        return None
    _, bracket, policy = rest.partition(" (")
    return damaged, under(
        f"present:{present or NONE}", policy.removesuffix(")") if bracket else None
    )


def absent(count: int) -> str:
    """The condition of what is told of all subsets with so many modalities absent."""
    return f"absent:{count}"


def up_to(count: int) -> str:
    """The condition of what holds under every subset with at most so many modalities absent."""
    return f"absent:up_to_{count}"


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
