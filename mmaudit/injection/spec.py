"""Spec: what is to be done, as a person writes it, and the part that it names."""

import re
from typing import NamedTuple

from mmaudit import parts
from mmaudit.corruptions.base import SEVERITIES, AnyCorruption, AnyPlan, Plan
from mmaudit.errors import UsageError

KIND = "corruptions"
DEFAULT_SEVERITY = 3
SPEC = re.compile(r"(?P<part>[^:@]+)(?::(?P<severity>[^@]*))?(?:@(?P<modality>.+))?")


class Spec(NamedTuple):
    """What is to be done: ``image/fog:3@left_camera``.

    Attributes:
        part: Name of the corruption.
        severity: 0 to 5.
        modality: To which modality; None where the text does not say.
        parameters: Parameters that are named in place of a severity, as ``cell_rate=0.25``.
    """

    part: str
    severity: int
    modality: str | None
    parameters: str = ""

    def __str__(self) -> str:
        where = "" if self.modality is None else f"@{self.modality}"
        return f"{self.part}:{self.parameters or self.severity}{where}"

    @property
    def planned(self) -> bool:
        """Whether it is a corruption of the whole set."""
        return isinstance(load_part(self.part), Plan)


def split_spec(text: str) -> Spec:
    """Read ``PART[:SEVERITY][@MODALITY]``; the severity is 3 unless it is said.

    Named parameters may stand for the severity: ``missing/mcar:cell_rate=0.25``.

    Raises:
        UsageError: The text is not of that form, there is no such part or no such severity.

    Example:
        >>> split_spec("image/fog:3@left_camera")
        Spec(part='image/fog', severity=3, modality='left_camera', parameters='')
        >>> str(split_spec("missing/mcar:cell_rate=0.25"))
        'missing/mcar:cell_rate=0.25'
    """
    match = SPEC.fullmatch(text.strip())
    if match is None or "/" not in match["part"]:
        raise UsageError(
            f"{text!r} does not name a corruption",
            fix="PART[:SEVERITY][@MODALITY], as image/fog:3@camera, or a subset, as common:3",
        )
    if match["part"] not in parts.names(KIND):
        raise parts.unknown(KIND, match["part"])
    level = match["severity"]
    if level is not None and "=" in level:
        return Spec(match["part"], DEFAULT_SEVERITY, match["modality"], level)
    return Spec(match["part"], _severity(level, text), match["modality"])


def _severity(text: str | None, whole: str) -> int:
    if text is None:
        return DEFAULT_SEVERITY
    if text not in {str(level) for level in range(SEVERITIES + 1)}:
        raise UsageError(
            f"{text!r} in {whole!r} is not a severity", fix=f"a number from 0 to {SEVERITIES}"
        )
    return int(text)


def load_part(name: str) -> AnyCorruption | AnyPlan:
    """A corruption or a plan by name.

    Raises:
        UsageError: There is none.
    """
    module = parts.load(KIND, name)
    part: AnyCorruption | AnyPlan = module.PLAN if hasattr(module, "PLAN") else module.CORRUPTION
    return part


def load_corruption(name: str) -> AnyCorruption:
    """A corruption of single samples by name.

    Raises:
        UsageError: There is none, or the name is that of a plan.
    """
    part = load_part(name)
    if isinstance(part, Plan):
        raise UsageError(
            f"{name!r} corrupts a whole dataset, not one sample", fix="a corruption of one sample"
        )
    return part


def load_plan(name: str) -> AnyPlan:
    """A plan by name.

    Raises:
        UsageError: There is none, or the name is that of a corruption of single samples.
    """
    part = load_part(name)
    if not isinstance(part, Plan):
        raise UsageError(f"{name!r} is not a plan", fix="one of missing/*, pairing/*, label/*")
    return part
