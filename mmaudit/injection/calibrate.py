"""Calibrate: the parameters at which a corruption has an asked dose, found by bisection.

Severity 3 of one corruption may do more than severity 5 of another. At equal doses they can be
compared. Between two severities the parameters are interpolated, so a dose can be reached where it
lies between those of severity 1 and 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmaudit.corruptions._doses.further import doses
from mmaudit.corruptions.base import SEVERITIES, AnyCorruption, Dose
from mmaudit.errors import UsageError
from mmaudit.injection.apply import corrupt_values
from mmaudit.injection.around import Around
from mmaudit.injection.steps import Step
from mmaudit.samples.decode import column

SAMPLES = 64
HALVINGS = 18
CLOSE = 0.05  # of the reachable range: how near the reached dose must be


@dataclass(frozen=True, slots=True)
class Level:
    """One asked dose.

    Attributes:
        target: The asked dose.
        reached: Mean dose of the parameters that were found.
        ok: Whether that is near enough; otherwise the parameters are those of the severity.
        parameters: Named parameters.
    """

    target: float
    reached: float
    ok: bool
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What calibration found for one step.

    Attributes:
        dose: Name of the dose.
        reachable: Mean doses of severity 1 and of severity 5.
        levels: One entry for each asked dose.
    """

    dose: str
    reachable: tuple[float, float]
    levels: tuple[Level, ...]


def targets(text: str) -> tuple[str, tuple[float, ...]]:
    """Read ``ssim=0.6`` or five doses, one a severity, ``ssim=0.9,0.8,0.7,0.6,0.5``.

    Raises:
        UsageError: The text is not of that form.
    """
    name, _, numbers = text.partition("=")
    try:
        wanted = tuple(float(n) for n in numbers.split(","))
    except ValueError:
        wanted = ()
    if not name or len(wanted) not in {1, SEVERITIES} or not np.isfinite(wanted).all():
        raise UsageError(
            f"{text!r} is not a dose", fix=f"ssim=0.6, or {SEVERITIES} of them, one a severity"
        )
    return name.strip(), wanted


def calibrated(
    steps: Sequence[Step], text: str, around: Mapping[str, Around], seed: int
) -> tuple[tuple[Step, ...], dict[str, Found]]:
    """The steps with the parameters at which they have the asked dose.

    Args:
        steps: The steps; those that are measured by another dose stay as they are.
        text: The asked dose, see `targets`.
        around: Surroundings of each modality.
        seed: The run's seed.

    Raises:
        UsageError: No step is measured by that dose.
    """
    name, wanted = targets(text)
    found: dict[str, Found] = {}
    out = []
    for step in steps:
        measured = _measured(step, name)
        if measured is not None:
            search = _Search(measured, around[step.modality], seed)
            found[f"{step.name}@{step.modality}"] = search.found(wanted)
            out.append(_with(step, found[f"{step.name}@{step.modality}"]))
        else:
            out.append(step)
    if not found:
        known = sorted({dose.name for step in steps for dose in _doses(step)})
        raise UsageError(
            f"no step is measured by {name!r}",
            fix=f"one of {', '.join(known)}" if known else "a corruption of values",
        )
    return tuple(out), found


def _doses(step: Step) -> tuple[Dose, ...]:
    """The doses by which a step is measured; none where it is a plan."""
    kind = step.name.partition("/")[0]
    return doses(kind, step.part.dose) if step.makes == "values" else ()


def _measured(step: Step, name: str) -> Step | None:
    """The step with the dose of this name as its first one; None where it has none."""
    found = next((dose for dose in _doses(step) if dose.name == name), None)
    return None if found is None else replace(step, corruption=replace(step.part, dose=found))


def between(part: AnyCorruption, place: float) -> Any:
    """Parameters between two severities: numbers in proportion, anything else of the nearer one.

    Args:
        part: The corruption.
        place: 1 to 5.
    """
    lower = min(int(place), SEVERITIES - 1)
    a, b, share = part.at(lower), part.at(lower + 1), place - lower
    told = {k: _mixed(v, w, share) for (k, v), w in zip(a._asdict().items(), b, strict=True)}
    return a._replace(**told)


class _Search:
    """Mean doses of one step on a few samples."""

    def __init__(self, step: Step, around: Around, seed: int) -> None:
        self.step, self.around, self.seed = step, around, seed
        dataset = around.dataset.select(limit=SAMPLES, seed=seed)
        cells = dataset.cells(step.modality, range(len(dataset)))
        kind = dataset.kinds[step.modality]
        self.values, _ = column(cells, kind, dataset.usual(step.modality))
        self.ids: list[str] = dataset.column("id").to_pylist()
        self.rows = np.searchsorted(around.dataset.rows, dataset.rows)

    def dose(self, parameters: Any) -> float:
        part = replace(self.step.part, severities=(parameters,) * SEVERITIES)
        _, doses = corrupt_values(
            self.values,
            self.ids,
            corruption=self.step.name,
            modality=self.step.modality,
            severity=1,
            seed=self.seed,
            context=self.around.contexts(self.step, self.rows),
            part=part,
        )
        known = doses[~np.isnan(doses)]
        if not known.size:
            raise UsageError(
                f"no sample has a value of {self.step.modality!r}", fix="another modality"
            )
        return float(known.mean())

    def found(self, wanted: Sequence[float]) -> Found:
        part = self.step.part
        ends = self.dose(part.at(1)), self.dose(part.at(SEVERITIES))
        levels = [self._level(t, i, ends) for i, t in enumerate(wanted)]
        return Found(part.dose.name, ends, tuple(levels))

    def _level(self, target: float, place: int, ends: tuple[float, float]) -> Level:
        part = self.step.part
        low, high = 1.0, float(SEVERITIES)
        rising = ends[1] > ends[0]
        if min(ends) <= target <= max(ends):
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                if (self.dose(between(part, middle)) < target) == rising:
                    low = middle
                else:
                    high = middle
            chosen = between(part, (low + high) / 2)
            reached = self.dose(chosen)
            if abs(reached - target) <= CLOSE * abs(ends[1] - ends[0]):
                return Level(target, reached, ok=True, parameters=chosen._asdict())
        left = part.at(place + 1 if place else self.step.severity or 1)
        return Level(target, self.dose(left), ok=False, parameters=left._asdict())


def _with(step: Step, found: Found) -> Step:
    was = step.part.severities
    levels = found.levels * (SEVERITIES if len(found.levels) == 1 else 1)
    told = tuple(w._replace(**level.parameters) for w, level in zip(was, levels, strict=True))
    return replace(step, corruption=replace(step.part, severities=told))


def _mixed(a: Any, b: Any, share: float) -> Any:
    if isinstance(a, bool) or not isinstance(a, (int, float)):
        return b if share >= 0.5 else a
    mixed = a + (b - a) * share
    return round(mixed) if isinstance(a, int) else mixed
