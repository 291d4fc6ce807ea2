"""Damage: what is done to every sample, drawn by the seed and its id, each modality by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints
from mmaudit.corruptions.base import Plan
from mmaudit.corruptions.groups import expand
from mmaudit.errors import UsageError
from mmaudit.injection.assignment import Assignment, assign
from mmaudit.injection.context import Surroundings
from mmaudit.injection.effects.chain import Setting, make_worse
from mmaudit.injection.effects.lineage import lineage
from mmaudit.injection.spec import load_corruption, load_part
from mmaudit.injection.steps import Draw, Step
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples

LEVELS = 6  # severities that a sample may draw, 0 among them, all alike likely
PURPOSE = "adaptivity"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to one modality of some samples.

    Attributes:
        severity: 0 to 5, ``(n,)``; 0 too where the modality is absent.
        corruption: Name of the corruption, ``(n,)``, empty where nothing was done.
        dose: What was measured to have been done by that corruption's own dose, ``(n,)``; NaN
            where nothing was.
    """

    severity: NDArray[np.int8]
    corruption: NDArray[np.str_]
    dose: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What is done to every sample of the selection.

    Attributes:
        assignments: Each corruption of each modality, and to which samples at which severity.
        surroundings: What corruptions may know of the set around a sample, by modality.
        seed: Seed of all randomness.
    """

    assignments: tuple[Assignment, ...]
    surroundings: Mapping[str, Surroundings]
    seed: int

    @property
    def modalities(self) -> tuple[str, ...]:
        """Which modalities are damaged at all."""
        return tuple(dict.fromkeys(a.step.modality for a in self.assignments))

    @property
    def beside(self) -> int:
        """How many other samples are decoded beside each, at most."""
        return max((a.step.beside for a in self.assignments), default=0)

    @property
    def versions(self) -> dict[str, str]:
        """Version of each corruption."""
        return {a.step.name: str(a.step.version) for a in self.assignments}

    def done(self, samples: Samples, rows: Ints) -> tuple[Samples, dict[str, Done]]:
        """Some samples made worse, and what was done to each modality.

        Args:
            samples: The decoded samples.
            rows: Their positions in the selection, ``(n,)``.
        """
        values, present, what = dict(samples.values), dict(samples.present), dict[str, Done]()
        names = dict(zip(rows.tolist(), samples.ids, strict=True))
        for modality in self.modalities:
            setting = Setting(
                surroundings=self.surroundings[modality],
                ids=lambda at: [names[row] for row in at.tolist()],
                seed=self.seed,
                measured="own",
            )
            origin = lineage(self.assignments, modality, rows)
            there = samples.present[modality]
            worse, still, effects = make_worse(values[modality], there, origin, setting)
            severity, dose = np.zeros(rows.size, np.int8), np.full(rows.size, np.nan)
            names_of = np.full(rows.size, "", object)
            for effect in effects:
                hit, step = effect.applied, effect.assignment
                severity[hit] = step.severity[rows[hit]]
                names_of[hit] = step.step.name
                (own,) = effect.doses.values()
                dose[hit] = own[hit]
            values[modality] = worse
            present[modality] = still & np.array([v is not None for v in worse], np.bool_)
            what[modality] = Done(severity, names_of.astype(np.str_), dose)
        return replace(samples, values=values, present=present), what


def damage(
    patterns: Sequence[str],
    usual: Sequence[str],
    kinds: Mapping[str, str],
    dataset: Dataset,
    whole: Dataset,
    seed: int,
) -> Damage:
    """Decide what is done to every sample.

    Args:
        patterns: Corruptions as names, patterns or subsets.
        usual: What they are where nobody chose: of these, some may fit no modality.
        kinds: Kind of each of the model's modalities.
        dataset: The selected samples.
        whole: The dataset before the selection, for statistics.
        seed: The run's seed.

    Raises:
        UsageError: A pattern matches nothing, or nothing that fits the modalities, or only plans.
    """
    names = _fitting(patterns, kinds, strict=tuple(patterns) != tuple(usual))
    steps = [step for modality, kind in kinds.items() for step in _steps(modality, kind, names)]
    surroundings = {m: Surroundings(dataset, whole, m, seed) for m in kinds}
    for step in steps:
        if "column" in step.part.needs:
            _ = surroundings[step.modality].statistics  # measured now, once
    assignments = assign(
        dataset,
        steps,
        seed=seed,
        fraction=min(1.0, (LEVELS - 1) / LEVELS),
        severity_per_sample=True,
        plans={},
    )
    return Damage(assignments=assignments, surroundings=surroundings, seed=seed)


def _steps(modality: str, kind: str, names: Sequence[str]) -> list[Step]:
    """The corruptions of one modality, of which every sample draws one."""
    own = [name for name in names if name.partition("/")[0] == kind]
    return [
        Step(
            name=name,
            severity=1,
            modalities=(modality,),
            makes="values",
            corruption=load_corruption(name),
            draw=Draw(PURPOSE, place, len(own)),
        )
        for place, name in enumerate(own)
    ]


def _fitting(patterns: Sequence[str], kinds: Mapping[str, str], *, strict: bool) -> list[str]:
    """Corruptions of single values that the patterns ask for and that fit some modality."""
    names: dict[str, None] = {}
    for pattern in patterns:
        some = [n for n in expand((pattern,)) if _fits(n, kinds)]
        if strict and not some:
            raise UsageError(
                f"nothing that {pattern!r} matches damages single values of this dataset",
                where=f"its modalities are {', '.join(f'{m} ({k})' for m, k in kinds.items())}",
                fix=" or ".join(f"'{kind}/*'" for kind in dict.fromkeys(kinds.values())),
            )
        names |= dict.fromkeys(some)
    return list(names)


def _fits(name: str, kinds: Mapping[str, str]) -> bool:
    """Whether a corruption is of single values of a kind that is there, and needs no folder."""
    if name.partition("/")[0] not in kinds.values():
        return False
    part = load_part(name)
    return not isinstance(part, Plan) and not part.outside
