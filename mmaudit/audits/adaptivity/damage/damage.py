"""Damage: what is done to every sample, drawn by the seed and its id, each modality by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.audits.adaptivity.damage import bursts
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
        severity: 0 to 5, ``(n,)``; 0 too where the modality is absent. In bursts it is the step
            of the share of the duration.
        corruption: Name of the corruption, ``(n,)``, empty where nothing was done.
        dose: What was measured to have been done by that corruption's own dose, ``(n,)``; NaN
            where nothing was.
        burst: Where the damage lies in time; None where whole values are damaged.
        changed: Share of the duration that became another, ``(n,)``; None likewise.
    """

    severity: NDArray[np.int8]
    corruption: NDArray[np.str_]
    dose: Floats
    burst: bursts.Bursts | None = None
    changed: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What is done to every sample of the selection.

    Attributes:
        assignments: Each corruption of each modality, and to which samples at which severity.
        surroundings: What corruptions may know of the set around a sample, by modality.
        seed: Seed of all randomness.
        steps: Of each assignment the severity that each sample drew, ``(sample,)``, which in bursts
            says how much of the duration is damaged.
        in_bursts: Whether values are damaged in one stretch of time alone.
    """

    assignments: tuple[Assignment, ...]
    surroundings: Mapping[str, Surroundings]
    seed: int
    steps: tuple[NDArray[np.int8], ...]
    in_bursts: bool = False

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
        for modality in self.modalities:
            worse, there, what[modality] = self._modality(modality, samples, rows)
            values[modality], present[modality] = worse, there
        return replace(samples, values=values, present=present), what

    def _modality(
        self, modality: str, samples: Samples, rows: Ints
    ) -> tuple[list[Any], Bools, Done]:
        """One modality made worse: its values, which are there ``(n,)``, and what was done."""
        clean, there = samples.values[modality], samples.present[modality]
        names = dict(zip(rows.tolist(), samples.ids, strict=True))
        burst = self._bursts(modality, samples, rows) if self.in_bursts else None
        setting = Setting(
            surroundings=self.surroundings[modality],
            ids=lambda at: [names[row] for row in at.tolist()],
            seed=self.seed,
            measured="own",
            as_stored=None if burst is None else lambda i, v: burst.inside(i, clean[i], v),
        )
        origin = lineage(self.assignments, modality, rows)
        worse, still, effects = make_worse(clean, there, origin, setting)
        severity, dose = np.zeros(rows.size, np.int8), np.full(rows.size, np.nan)
        names_of = np.full(rows.size, "", object)
        for effect in effects:
            hit = effect.applied
            severity[hit] = self.steps[effect.place][rows[hit]]
            names_of[hit] = effect.assignment.step.name
            (own,) = effect.doses.values()
            dose[hit] = own[hit]
        changed = None if burst is None else burst.changed(clean, worse)
        done = Done(severity, names_of.astype(np.str_), dose, burst, changed)
        return worse, still & np.array([v is not None for v in worse], np.bool_), done

    def _bursts(self, modality: str, samples: Samples, rows: Ints) -> bursts.Bursts:
        """Where the damage of one modality lies."""
        own = [
            step[rows]
            for step, a in zip(self.steps, self.assignments, strict=True)
            if a.step.modality == modality
        ]
        step = np.max(own, axis=0).astype(np.int64)  # each sample drew one of them
        return bursts.draw_bursts(samples.values[modality], step, samples.ids, modality, self.seed)


def damage(
    patterns: Sequence[str],
    usual: Sequence[str],
    kinds: Mapping[str, str],
    dataset: Dataset,
    whole: Dataset,
    seed: int,
    *,
    in_bursts: bool = False,
) -> Damage:
    """Decide what is done to every sample.

    Args:
        patterns: Corruptions as names, patterns or subsets.
        usual: What they are where nobody chose: of these, some may fit no modality.
        kinds: Kind of each of the model's modalities.
        dataset: The selected samples.
        whole: The dataset before the selection, for statistics.
        seed: The run's seed.
        in_bursts: Damage one stretch of time alone, of the modalities that go on in time; what
            changes the length of a value is left out.

    Raises:
        UsageError: A pattern matches nothing, or nothing that fits the modalities, or only plans.
    """
    kinds = bursts.timed(kinds) if in_bursts else kinds
    names = _fitting(patterns, kinds, strict=tuple(patterns) != tuple(usual), in_bursts=in_bursts)
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
    return Damage(
        assignments=tuple(_at_worst(a) for a in assignments) if in_bursts else assignments,
        surroundings=surroundings,
        seed=seed,
        steps=tuple(a.severity for a in assignments),
        in_bursts=in_bursts,
    )


def _at_worst(assignment: Assignment) -> Assignment:
    """The same at the severity of bursts, wherever it is done at all."""
    level = np.where(assignment.severity > 0, bursts.SEVERITY, 0)
    return replace(assignment, severity=level.astype(np.int8))


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


def _fitting(
    patterns: Sequence[str], kinds: Mapping[str, str], *, strict: bool, in_bursts: bool
) -> list[str]:
    """Corruptions of single values that the patterns ask for and that fit some modality."""
    names: dict[str, None] = {}
    for pattern in patterns:
        some = [n for n in expand((pattern,)) if _fits(n, kinds, in_bursts=in_bursts)]
        if strict and not some:
            raise UsageError(
                f"nothing that {pattern!r} matches damages single values of this dataset",
                where=f"its modalities are {', '.join(f'{m} ({k})' for m, k in kinds.items())}",
                fix=" or ".join(f"'{kind}/*'" for kind in dict.fromkeys(kinds.values())),
            )
        names |= dict.fromkeys(some)
    return list(names)


def _fits(name: str, kinds: Mapping[str, str], *, in_bursts: bool) -> bool:
    """Whether a corruption is of single values of a kind that is there, and needs no folder.

    In bursts it must keep the length too: else nothing says which stretch of it is which.
    """
    if name.partition("/")[0] not in kinds.values():
        return False
    part = load_part(name)
    if isinstance(part, Plan) or part.outside:
        return False
    return not in_bursts or "length" in part.keeps
