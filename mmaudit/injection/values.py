"""Values: the one way in which values of a modality are made worse.

One value (`corrupt_value`), several at one severity (`corrupt_values`), and one modality of some
samples through all steps (`make_worse`). `mmaudit corrupt`, the audits, the dataset for training
and the Python API all come through here, so the same seed, id and corruption give the same bytes
everywhere.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, differ
from mmaudit.corruptions.base import AnyCorruption
from mmaudit.corruptions.sizes import sized
from mmaudit.doses.base import Context, Dose
from mmaudit.doses.choose import doses
from mmaudit.injection.assignment import Assignment
from mmaudit.injection.context import Surroundings
from mmaudit.injection.encoder import COSINE, Encoder
from mmaudit.injection.lineage import Lineage
from mmaudit.injection.spec import DEFAULT_SEVERITY, load_corruption
from mmaudit.injection.steps import DOSE_OF
from mmaudit.seeds import digests, words

ANYWHERE = Context()
Value = TypeVar("Value")  # what is worse is of the same kind
Measured = Literal["nothing", "own", "every"]  # no dose, a corruption's own, or all of its kind


def corrupt_value(
    sample: Value,
    corruption: str,
    *,
    severity: int = DEFAULT_SEVERITY,
    seed: int = 0,
    id: str = "",
    modality: str | None = None,
    context: Context = ANYWHERE,
) -> Value:
    """Corrupt one decoded value, with the same bytes as a whole run would give it.

    Args:
        sample: An image ``(h, w, c)`` uint8, a text, audio ``(time, channel)`` float32, a series
            ``(time, channel)``, a row of a table or a vector ``(d,)``. It is not changed.
        corruption: Name, as ``image/fog``.
        severity: 0 to 5.
        seed: The run's seed.
        id: Id of the sample in its dataset.
        modality: Name of the modality in its dataset; the corruption's kind unless said.
        context: Sample rate, statistics and donors, for the corruptions that need them.

    Example:
        >>> corrupt_value("a small brown dog", "text/word_swap", severity=5, id="sample-7")
        'a brown small dog'
        >>> corrupt_value("a small brown dog", "text/word_swap", severity=0, id="sample-7")
        'a small brown dog'
    """
    name = modality or corruption.partition("/")[0]
    values, _ = corrupt_values(
        [sample],
        [id],
        corruption=corruption,
        modality=name,
        severity=severity,
        seed=seed,
        context=context,
        dose=False,
    )
    worse: Value = values[0]
    return worse


def corrupt_values(
    values: Sequence[Any],
    ids: Sequence[str],
    *,
    corruption: str,
    modality: str,
    severity: int,
    seed: int,
    context: Callable[[int], Context] | Context = ANYWHERE,
    dose: bool = True,
    part: AnyCorruption | None = None,
) -> tuple[list[Any], Floats]:
    """Corrupt some values of one modality.

    Args:
        values: Decoded values; None where absent.
        ids: Id of each sample.
        corruption: Name of the corruption.
        modality: Name of the modality; two modalities of one sample get different noise.
        severity: 0 to 5; 0 returns the values themselves.
        seed: The run's seed.
        context: What there is around a sample, or a function from its place in ``values`` to it.
        dose: Whether to measure what was done.
        part: The corruption itself, where it is not the one that comes under this name: with
            other textures, or parameters that were calibrated.

    Returns:
        The corrupted values, None where absent; the dose of each, ``(n,)``, NaN where absent or
        not measured.
    """
    part = part or load_corruption(corruption)
    contexts = context if callable(context) else lambda _i: context
    purpose = f"{corruption}@{modality}"
    there = [i for i, value in enumerate(values) if value is not None]
    out: list[Any] = [None] * len(values)
    corrupted = _corrupted(part, there, values, ids, purpose, severity, seed, contexts)
    for i, value in zip(there, corrupted, strict=True):
        out[i] = value
    amounts = np.full(len(values), math.nan)
    if dose:
        for i in there:
            amounts[i] = part.dose.of(values[i], out[i], contexts(i))
    return out, amounts


def _corrupted(
    part: AnyCorruption,
    there: Sequence[int],
    values: Sequence[Any],
    ids: Sequence[str],
    purpose: str,
    severity: int,
    seed: int,
    contexts: Callable[[int], Context],
) -> Iterable[Any]:
    """The corrupted values of those that are there, many at once where the corruption can."""
    if part.batch is not None and severity and not part.needs:
        keys = digests(seed, purpose, [ids[i] for i in there])
        return part.batch([values[i] for i in there], part.at(severity), keys)
    return (
        part.damage(values[i], severity, words(seed, purpose, ids[i]), contexts(i)) for i in there
    )


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
    """

    surroundings: Surroundings
    ids: Callable[[Ints], Sequence[str]]
    seed: int
    measured: Measured = "every"
    scale_with_size: bool = False
    encoder: Encoder | None = None

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
    out, effects = list(values), []
    for place, assignment in origin.assignments.items():
        owners = origin.owners[place]
        if assignment.step.makes == "values":
            effect = _corrupt(out, present, place, assignment, owners, setting)
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
    present: Bools,
    place: int,
    assignment: Assignment,
    owners: Ints,
    setting: Setting,
) -> Effect:
    """Change the values where they stand, every severity and every size in a batch of its own."""
    step, severity = assignment.step, assignment.severity[owners]
    able = np.array([v is not None for v in values], np.bool_) & present
    applied = able & (severity > 0)
    measures, clean = setting.doses(step.part), list(values)
    amounts = np.full((len(measures), owners.size), np.nan)
    scale = setting.scale_with_size
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
            for n, (i, value) in enumerate(zip(some, worse, strict=True)):
                values[i] = value
                amounts[:, i] = [dose.of(clean[i], value, context(n)) for dose in measures]
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
        changed=applied & differ(clean, values) if setting.measured == "every" else None,
        parameters=parameters if follows else None,
    )


def _cosines(setting: Setting, clean: list[Any], worse: list[Any], applied: Bools) -> Floats:
    """How alike values and what a step made of them are to a model; NaN where it did nothing."""
    out, at = np.full(applied.size, np.nan), np.flatnonzero(applied)
    if setting.encoder is not None:
        kind = setting.surroundings.kind
        out[at] = setting.encoder.cosines(kind, [clean[i] for i in at], [worse[i] for i in at])
    return out
