"""Steps: what is done to which modality, in order, resolved against a dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from mmaudit.corruptions.base import AnyCorruption, AnyPlan, Plan
from mmaudit.corruptions.groups import SUBSETS, expand
from mmaudit.errors import UsageError
from mmaudit.injection.parameters import P, of_modalities, read, with_parameters
from mmaudit.injection.spec import SPEC, Spec, load_part, split_spec
from mmaudit.kinds import text
from mmaudit.samples.dataset import Dataset, parts_unknown

Makes = Literal["values", "mask", "donors", "labels"]
DOSE_OF: Mapping[Makes, str] = {
    "mask": "missing",
    "donors": "mismatch",
    "labels": "label_changed",
}  # what the ledger calls the dose of a plan; 1 or 0 for each sample
LABEL = "label"  # what stands for the modality where labels are made worse
EVERY = "*"
WILD = frozenset("*?[")  # a part with one of these is a pattern


class Draw(NamedTuple):
    """That a step is one of several, of which every sample draws one.

    Attributes:
        pattern: What stands for them, as ``common`` or ``image/*``.
        place: Place of the step among them.
        among: How many they are.
    """

    pattern: str
    place: int
    among: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One corruption and what it is done to.

    Attributes:
        name: Name of the corruption.
        severity: 0 to 5; not looked at where severities are drawn for each sample.
        modalities: What it is done to; several for missing modalities, none for labels.
        makes: Whether it changes values one by one, or is a plan and of which kind.
        corruption: The corruption of single values, where it is one.
        plan: The plan, where it is one.
        clips: Values from a folder that stand for other samples, where the step takes such.
        draw: Where it is one of several, of which every sample draws one.
        named: Parameters that a user named in place of a severity, as ``cell_rate=0.25``.
    """

    name: str
    severity: int
    modalities: tuple[str, ...]
    makes: Makes
    corruption: AnyCorruption | None = None
    plan: AnyPlan | None = None
    clips: tuple[Any, ...] = ()
    draw: Draw | None = None
    named: str = ""

    @property
    def modality(self) -> str:
        """The one modality, or what stands for it in the ledger."""
        return self.modalities[0] if self.modalities else LABEL

    @property
    def spec(self) -> str:
        """The step as text, as ``image/fog:3@camera``."""
        where = "+".join(self.modalities) or None
        return str(Spec(self.name, self.severity, where, self.named))

    @property
    def part(self) -> AnyCorruption:
        """The corruption of single values."""
        if self.corruption is None:
            raise TypeError(f"{self.name} is a plan")
        return self.corruption

    @property
    def keeps_cells(self) -> bool:
        """Whether every cell of a table stays one that its column has, or is empty."""
        return self.makes != "values" or "cells" in self.part.keeps

    @property
    def beside(self) -> int:
        """How many other samples are decoded for each."""
        single = 0 if self.corruption is None or self.clips else self.corruption.donors
        return int(self.makes == "donors") + single

    @property
    def version(self) -> int:
        """Version of the corruption or plan."""
        part: Any = self.corruption or self.plan
        return int(part.version)

    def parameters(self, severity: int) -> dict[str, Any]:
        """Named parameters of a severity; empty at 0."""
        part: Any = self.corruption or self.plan
        return part.at(severity)._asdict() if severity else {}


def resolve(texts: Sequence[str], dataset: Dataset) -> tuple[Step, ...]:
    """Steps from their texts.

    A modality that is not named is the only one of the corruption's kind; ``@*`` means all of
    that kind. Missing modalities concern all modalities, wrong pairs the only text. The name of a
    subset, as ``common``, or a pattern, as ``image/*``, is a step for each corruption that it
    stands for, of which every sample draws one.

    Raises:
        UsageError: A text is not a step, or does not say which modality where there are several.
    """
    steps = [step for text in texts for step in _named(text, dataset)]
    earlier: set[tuple[str, tuple[str, ...]]] = set()
    for step in steps:
        if (step.name, step.modalities) in earlier:
            raise UsageError(
                f"{step.spec} is asked for twice, and would do the very same again",
                fix="a higher severity",
            )
        earlier.add((step.name, step.modalities))
    return tuple(steps)


def _named(text: str, dataset: Dataset) -> list[Step]:
    """The steps of one text: one a modality, or several of which every sample draws one."""
    match = SPEC.fullmatch(text.strip())
    if match is None or not (match["part"] in SUBSETS or WILD & set(match["part"])):
        return _resolved(split_spec(text), dataset)
    pattern = match["part"]
    names = _expanded(pattern)
    rest = text.strip().removeprefix(pattern)
    return [
        replace(step, draw=Draw(pattern, place, len(names)))
        for place, name in enumerate(names)
        for step in _resolved(split_spec(name + rest), dataset)
    ]


def _expanded(pattern: str) -> tuple[str, ...]:
    """The corruptions of values of one kind that a subset or a pattern stands for.

    Those that need a folder of recordings are meant by their own name alone.
    """
    matches = {name: load_part(name) for name in expand((pattern,))}
    families = tuple(dict.fromkeys(name.partition("/")[0] for name in matches))
    plans = [name for name, part in matches.items() if isinstance(part, Plan)]
    if plans:
        raise UsageError(
            f"{pattern!r} stands for plans, and a sample cannot draw one of them: each concerns "
            f"the whole set ({', '.join(plans)})",
            fix=f"--apply {plans[0]}, each by its name",
        )
    if len(families) > 1:
        raise UsageError(
            f"{pattern!r} stands for corruptions of {' and '.join(families)}, and every sample "
            "draws one of them for one modality",
            fix=" and ".join(f"--apply '{f}/{pattern.partition('/')[2] or '*'}'" for f in families),
        )
    return tuple(
        name for name, part in matches.items() if not (isinstance(part, Plan) or part.outside)
    )


def _resolved(spec: Spec, dataset: Dataset) -> list[Step]:
    part = load_part(spec.part)
    if isinstance(part, Plan):
        modalities = _planned(spec, part.makes, dataset)
        plan, level = _parametrised(spec, part, modalities)
        return [
            Step(
                name=spec.part,
                severity=level,
                modalities=modalities,
                makes=plan.makes,
                plan=plan,
                named=spec.parameters,
            )
        ]
    kind = spec.part.partition("/")[0]
    corruption, level = _parametrised(spec, part)
    return [
        Step(
            name=spec.part,
            severity=level,
            modalities=(modality,),
            makes="values",
            corruption=corruption,
            named=spec.parameters,
        )
        for modality in _of_kind(spec, kind, dataset)
    ]


def _parametrised(spec: Spec, part: P, modalities: Sequence[str] = ()) -> tuple[P, int]:
    """A part with the parameters that are named, and the severity that is told for them."""
    if not spec.parameters:
        return part, spec.severity
    values = of_modalities(part, read(spec.parameters), modalities)
    return with_parameters(spec.part, part, values)


def _planned(spec: Spec, makes: str, dataset: Dataset) -> tuple[str, ...]:
    if makes == "labels":
        if spec.modality is not None:
            raise UsageError(f"{spec.part} concerns labels, not a modality", fix=spec.part)
        return ()
    if spec.modality not in {None, EVERY}:
        return (_checked(str(spec.modality), dataset),)
    if makes == "mask":
        return dataset.modalities
    if spec.modality == EVERY:
        raise UsageError("all modalities together stay a pair", fix=f"{spec.part}@MODALITY")
    return _of_kind(spec, text.NAME, dataset)


def _of_kind(spec: Spec, kind: str, dataset: Dataset) -> tuple[str, ...]:
    fitting = tuple(m for m, k in dataset.kinds.items() if k == kind)
    if spec.modality not in {None, EVERY}:
        named = _checked(str(spec.modality), dataset)
        if named not in fitting and not spec.planned:
            raise UsageError(
                f"{spec.part} is for {kind}, and {named!r} is {dataset.kinds[named]}",
                fix=f"one of {', '.join(fitting)}" if fitting else f"{dataset.kinds[named]}/*",
            )
        return (named,)
    if not fitting:
        raise UsageError(
            f"the dataset has no modality of kind {kind} for {spec.part}",
            fix=f"{spec.part}@MODALITY, one of {', '.join(dataset.modalities)}",
        )
    if len(fitting) > 1 and spec.modality is None:
        raise UsageError(
            f"{spec.part} could be for {', '.join(fitting)}", fix=f"{spec.part}@{fitting[0]}, or @*"
        )
    return fitting


def _checked(modality: str, dataset: Dataset) -> str:
    if modality not in dataset.modalities:
        raise parts_unknown(modality, dataset.modalities)
    return modality
