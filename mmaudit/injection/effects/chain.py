"""Effects: one modality of some samples taken through all steps, and what each step did to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, differ
from mmaudit.corruptions.base import AnyCorruption
from mmaudit.corruptions.sizes import sized
from mmaudit.doses.base import Dose
from mmaudit.doses.choose import doses
from mmaudit.injection.assignment import Assignment
from mmaudit.injection.context import Surroundings
from mmaudit.injection.effects.lineage import Lineage
from mmaudit.injection.encoder import COSINE, Encoder
from mmaudit.injection.steps import DOSE_OF
from mmaudit.injection.values import corrupt_values

Measured = Literal["nothing", "own", "every"]  # no dose, a corruption's own, or all of its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one step did to one modality of some samples.

    Attributes:
        place: Place of the step among all.
        assignment: The step, and what it does to every sample.
        owners: The sample whose value each one was when the step came to it, ``(n,)``.
        applied: Whether it was done to each, ``(n,)``.
        changed: Whether that made it another one, ``(n,)``; None where it was not looked at.
        doses: What was measured of each, ``(n,)``, by the name of the dose; NaN where nothing was.
        donors: The sample whose value each one got, where the step moves values, ``(n,)``.
        parameters: Those of each value, where they follow its size.
    """

    place: int
    assignment: Assignment
    owners: Ints
    applied: Bools
    doses: Mapping[str, Floats]
    donors: Ints | None = None
    changed: Bools | None = None
    parameters: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What making values worse depends on besides the steps.

    Attributes:
        surroundings: Those of the modality.
        ids: Function from positions of samples to their ids.
        seed: The run's seed.
        measured: Which doses are measured.
        scale_with_size: Whether parameters in pixels follow the size of the picture.
        encoder: What also measures texts and pictures, where there is one.
        as_stored: What is left of a value when it is stored, from its place and the value; the last
            step that changes it is measured on that. None: values are not stored.
    """

    surroundings: Surroundings
    ids: Callable[[Ints], Sequence[str]]
    seed: int
    measured: Measured = "every"
    scale_with_size: bool = False
    encoder: Encoder | None = None
    as_stored: Callable[[int, Any], Any] | None = None

    def doses(self, part: AnyCorruption) -> tuple[Dose, ...]:
        """The doses of a corruption that are measured, its own first."""
        if self.measured == "every":
            return doses(self.surroundings.kind, part.dose)
        return (part.dose,) if self.measured == "own" else ()


def make_worse(
    values: Sequence[Any], present: Bools, origin: Lineage, setting: Setting
) -> tuple[list[Any], Bools, list[Effect]]:
    """Take one modality of some samples through all steps that concern it.

    Args:
        values: The decoded values of ``origin.source``; None where absent, or not to be changed.
        present: Which of these samples have a value, ``(n,)``.
        origin: The steps, and whose value each one is meanwhile.
        setting: What else it depends on.

    Returns:
        The values, which of them are still there ``(n,)``, and the effect of each step.
    """
    out, effects, last = list(values), [], _last(origin)
    for place, assignment in origin.assignments.items():
        owners = origin.owners[place]
        if assignment.step.makes == "values":
            effect = _corrupt(out, values, present, place, last[place], origin, setting)
        elif assignment.step.makes == "mask":
            absent = assignment.mask(origin.modality)[owners] & present
            effect = _planned(place, assignment, owners, absent, absent)
            present = present & ~absent
        else:
            donors = assignment.indices[owners]
            wrong = assignment.groups_differ(donors, owners)
            effect = _planned(place, assignment, owners, (donors != owners) & present, wrong)
        effects.append(effect)
    return out, present, effects


def _last(origin: Lineage) -> dict[int, Bools]:
    """For which samples each step is the last that changes the value, ``(n,)``, by place."""
    later, last = np.zeros(origin.source.size, np.bool_), {}
    for place, assignment in reversed([*origin.assignments.items()]):
        if assignment.step.makes == "values":
            here = assignment.severity[origin.owners[place]] > 0
            last[place] = here & ~later
            later |= here
    return last


def _planned(
    place: int, assignment: Assignment, owners: Ints, applied: Bools, done: Bools
) -> Effect:
    """The effect of a plan, whose dose is 1 or 0."""
    makes = assignment.step.makes
    return Effect(
        place=place,
        assignment=assignment,
        owners=owners,
        applied=applied,
        doses={DOSE_OF[makes]: done.astype(np.float64)},
        donors=assignment.indices[owners] if makes == "donors" else None,
    )


def _corrupt(
    values: list[Any],
    stored: Sequence[Any],
    present: Bools,
    place: int,
    last: Bools,
    origin: Lineage,
    setting: Setting,
) -> Effect:
    """Change the values where they stand, every severity and every size in a batch of its own.

    Args:
        values: The values, which are changed.
        stored: The values before all steps.
        present: Which of them are there, ``(n,)``.
        place: Place of the step among all.
        last: For which of them it is the last step, ``(n,)``.
        origin: The steps, and whose value each one is.
        setting: What else it depends on.
    """
    assignment, owners = origin.assignments[place], origin.owners[place]
    step, severity = assignment.step, assignment.severity[owners]
    able = np.array([v is not None for v in values], np.bool_) & present
    applied = able & (severity > 0)
    measures, clean = setting.doses(step.part), list(values)
    amounts = np.full((len(measures), owners.size), np.nan)
    scale, looked = setting.scale_with_size, setting.measured == "every"
    changed = np.zeros(owners.size, np.bool_)
    follows = scale and bool(step.part.pixels)
    parameters: list[dict[str, Any]] = [{} for _ in owners] if follows else []
    for level in np.unique(severity[applied]).tolist():
        at = np.flatnonzero(able & (severity == level))
        for some, form, named in sized(step.part, level, at, clean, scale=scale):
            context = setting.surroundings.contexts(step, owners[some])
            worse, _ = corrupt_values(
                [clean[i] for i in some],
                setting.ids(owners[some]),
                corruption=step.name,
                modality=step.modality,
                severity=level,
                seed=setting.seed,
                context=context,
                dose=False,
                part=form,
            )
            if looked:
                changed[some] = differ([clean[i] for i in some], worse)
            for n, (i, value) in enumerate(zip(some, worse, strict=True)):
                values[i] = _as_stored(i, value, stored[i], setting) if last[i] else value
                amounts[:, i] = [dose.of(clean[i], values[i], context(n)) for dose in measures]
                if follows:
                    parameters[i] = named._asdict()
    measured = {dose.name: row for dose, row in zip(measures, amounts, strict=True)}
    if setting.encoder is not None and setting.surroundings.kind in setting.encoder.encode:
        measured[COSINE] = _cosines(setting, clean, values, applied)
    return Effect(
        place=place,
        assignment=assignment,
        owners=owners,
        applied=applied,
        doses=measured,
        changed=changed if looked else None,
        parameters=parameters if follows else None,
    )


def _as_stored(place: int, value: Any, stored: Any, setting: Setting) -> Any:
    """What is left of a value when it is stored; what steps did not change stays as it is."""
    if setting.as_stored is None or not differ([stored], [value])[0]:
        return value
    return setting.as_stored(place, value)


def _cosines(setting: Setting, clean: list[Any], worse: list[Any], applied: Bools) -> Floats:
    """How alike values and what a step made of them are to a model; NaN where it did nothing."""
    out, at = np.full(applied.size, np.nan), np.flatnonzero(applied)
    if setting.encoder is not None:
        kind = setting.surroundings.kind
        out[at] = setting.encoder.cosines(kind, [clean[i] for i in at], [worse[i] for i in at])
    return out
