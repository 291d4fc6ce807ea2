"""Calibrate: the parameters at which a corruption has an asked dose, found by bisection.

Severity 3 of one corruption may do more than severity 5 of another. At equal doses they can be
compared. Between two severities the parameters are interpolated, so a dose can be reached where it
lies between those of severity 1 and 5.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.corruptions.base import SEVERITIES, AnyCorruption
from mmaudit.doses.base import Dose
from mmaudit.doses.choose import doses
from mmaudit.errors import UsageError
from mmaudit.injection.assignment import Assignment
from mmaudit.injection.context import Surroundings
from mmaudit.injection.effects.chain import Setting, make_worse
from mmaudit.injection.effects.lineage import lineage
from mmaudit.injection.encoder import COSINE, Encoder, alike
from mmaudit.injection.spec import load_corruption
from mmaudit.injection.steps import Step
from mmaudit.samples.decode import column

SAMPLES = 64
HALVINGS = 18
CLOSE = 0.05  # of the reachable range: how near the reached dose must be
ByModality = Mapping[str, Surroundings]


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
class Calibration:
    """The parameters of one step at the asked doses.

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


def calibrate(
    steps: Sequence[Step],
    text: str | None,
    surroundings: ByModality,
    seed: int,
    encoder: Encoder | None = None,
    *,
    scale: bool = False,
) -> dict[str, Calibration]:
    """The parameters at which steps have the asked dose, by ``corruption@modality``.

    Args:
        steps: The steps; those that are not measured by that dose are left out.
        text: The asked dose, see `targets`; none is asked for where it is None.
        surroundings: Those of each modality.
        seed: The run's seed.
        encoder: What measures the dose ``cosine``.
        scale: Whether parameters in pixels follow the size of each picture.

    Raises:
        UsageError: No step is measured by that dose.
    """
    if text is None:
        return {}
    name, wanted = targets(text)
    calibrations = {}
    for step in steps:
        measured = _measured(step, name, surroundings, encoder)
        if measured is not None:
            by = encoder if name == COSINE else None
            search = _Search(measured, surroundings[step.modality], seed, by, scale=scale)
            calibrations[_key(step)] = search.calibration(wanted)
    if not calibrations:
        raise _unmeasured(name, steps, surroundings, encoder)
    return calibrations


def _unmeasured(
    name: str, steps: Sequence[Step], surroundings: ByModality, encoder: Encoder | None
) -> UsageError:
    if name == COSINE and encoder is None:
        return UsageError(
            "cosine is measured by an encoder", fix="--encoder openclip:CONFIG.json@CHECKPOINT"
        )
    names = {dose.name for step in steps for dose in _doses(step)}
    names |= {COSINE for step in steps if _encodes(encoder, step, surroundings)}
    return UsageError(
        f"no step is measured by {name!r}",
        fix=f"one of {', '.join(sorted(names))}" if names else "a corruption of values",
    )


def with_levels(steps: Sequence[Step], calibrations: Mapping[str, Calibration]) -> tuple[Step, ...]:
    """The steps with the parameters of their calibrations; others stay as they are."""
    return tuple(_with(step, calibrations.get(_key(step))) for step in steps)


def calibrations_of_card(steps: Iterable[Mapping[str, Any]]) -> dict[str, Calibration]:
    """What calibration gave, as the steps of a card tell it.

    Raises:
        KeyError: They do not tell it so,
        TypeError: or not in these words,
        ValueError: or the parameters are not those of the corruption.
    """
    calibrations = {}
    for step in steps:
        if (entry := step.get("calibrated")) is not None:
            levels = tuple(Level(**level) for level in entry["levels"])
            for level in levels:
                load_corruption(step["part"]).at(1)._replace(**level.parameters)
            calibrations[f"{step['part']}@{step['modality']}"] = Calibration(
                dose=entry["dose"], reachable=tuple(entry["reachable"]), levels=levels
            )
    return calibrations


def _key(step: Step) -> str:
    return f"{step.name}@{step.modality}"


def _doses(step: Step) -> tuple[Dose, ...]:
    """The doses by which a step is measured; none where it is a plan."""
    kind = step.name.partition("/")[0]
    return doses(kind, step.part.dose) if step.makes == "values" else ()


def _encodes(encoder: Encoder | None, step: Step, surroundings: ByModality) -> bool:
    if encoder is None or step.makes != "values":
        return False
    return surroundings[step.modality].kind in encoder.encode


def _measured(
    step: Step, name: str, surroundings: ByModality, encoder: Encoder | None
) -> Step | None:
    """The step with the dose of this name as its first one; None where it has none."""
    if name == COSINE:
        return step if _encodes(encoder, step, surroundings) else None
    dose = next((dose for dose in _doses(step) if dose.name == name), None)
    return None if dose is None else replace(step, corruption=replace(step.part, dose=dose))


def between(part: AnyCorruption, place: float) -> Any:
    """Parameters between two severities: numbers in proportion, anything else of the nearer one.

    Args:
        part: The corruption.
        place: 1 to 5.
    """
    lower = min(int(place), SEVERITIES - 1)
    a, b, share = part.at(lower), part.at(lower + 1), place - lower
    mixed = {k: _mixed(v, w, share) for (k, v), w in zip(a._asdict().items(), b, strict=True)}
    return a._replace(**mixed)


class _Search:
    """Mean doses of one step on a few samples: its own first dose, or the cosine of an encoder."""

    def __init__(
        self, step: Step, around: Surroundings, seed: int, encoder: Encoder | None, *, scale: bool
    ) -> None:
        self.step, self.encoder, self.kind = step, encoder, around.kind
        whole = around.dataset
        dataset = whole.select(limit=SAMPLES, seed=seed)
        cells = dataset.cells(step.modality, range(len(dataset)))
        values, _ = column(cells, self.kind, dataset.shape(step.modality))
        there = [i for i, value in enumerate(values) if value is not None]
        if not there:
            raise UsageError(f"no sample has a value of {step.modality!r}", fix="another modality")
        self.values = [values[i] for i in there]
        self.rows = np.searchsorted(whole.rows, dataset.rows)[there]
        self.clean = None if encoder is None else encoder.codes(self.kind, self.values)
        ids = dict(
            zip(self.rows.tolist(), dataset.column("id").take(there).to_pylist(), strict=True)
        )
        self.setting = Setting(
            surroundings=around,
            ids=lambda rows: [ids[row] for row in rows.tolist()],
            seed=seed,
            measured="own" if encoder is None else "nothing",
            scale_with_size=scale,
        )

    def dose(self, parameters: Any) -> float:
        doses = self._doses(parameters)
        measured = doses[~np.isnan(doses)]
        if not measured.size:
            raise UsageError(
                f"{self.named} of {self.step.modality!r} is not known for any sample",
                fix="another dose",
            )
        return float(measured.mean())

    def _doses(self, parameters: Any) -> Floats:
        """The dose of every sample at these parameters, ``(n,)``; NaN where there is none."""
        part = replace(self.step.part, severities=(parameters,) * SEVERITIES)
        severity = np.ones(len(self.setting.surroundings.dataset), np.int8)
        assignment = Assignment(replace(self.step, corruption=part), severity)
        origin = lineage([assignment], self.step.modality, self.rows)
        there = np.ones(self.rows.size, np.bool_)
        worse, _, (effect,) = make_worse(self.values, there, origin, self.setting)
        if self.encoder is not None and self.clean is not None:
            return alike(self.clean, self.encoder.codes(self.kind, worse))
        return effect.doses[part.dose.name]

    @property
    def named(self) -> str:
        return self.step.part.dose.name if self.encoder is None else COSINE

    def calibration(self, wanted: Sequence[float]) -> Calibration:
        part = self.step.part
        ends = self.dose(part.at(1)), self.dose(part.at(SEVERITIES))
        own = range(1, SEVERITIES + 1) if len(wanted) > 1 else [self.step.severity or 1]
        levels = [self._level(t, s, ends) for t, s in zip(wanted, own, strict=True)]
        return Calibration(self.named, ends, tuple(levels))

    def _level(self, target: float, severity: int, ends: tuple[float, float]) -> Level:
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
            nearest = between(part, (low + high) / 2)
            reached = self.dose(nearest)
            if abs(reached - target) <= CLOSE * abs(ends[1] - ends[0]):
                return Level(target, reached, ok=True, parameters=nearest._asdict())
        own = part.at(severity)
        return Level(target, self.dose(own), ok=False, parameters=own._asdict())


def _with(step: Step, calibration: Calibration | None) -> Step:
    if calibration is None:
        return step
    levels = calibration.levels * (SEVERITIES if len(calibration.levels) == 1 else 1)
    severities = tuple(
        was._replace(**level.parameters) if level.ok else was
        for was, level in zip(step.part.severities, levels, strict=True)
    )
    return replace(step, corruption=replace(step.part, severities=severities))


def _mixed(a: Any, b: Any, share: float) -> Any:
    if isinstance(a, bool) or not isinstance(a, (int, float)):
        return b if share >= 0.5 else a
    mixed = a + (b - a) * share
    return round(mixed) if isinstance(a, int) else mixed
