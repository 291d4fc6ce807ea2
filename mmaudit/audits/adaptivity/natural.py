"""Natural quality: is a modality trusted less in samples that are bad already, by nobody's hand?

The checks of ``mmaudit inspect`` say how bad a value is without anything to compare it with. What
they say is not drawn at random: a check that goes with the contents, as darkness with a class, goes
with trust too, and no effect of quality is shown by that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit import parts
from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.audits.adaptivity.pool import Pool
from mmaudit.checks.base import KIND, QualityCheck
from mmaudit.measures.trust.adaptivity import TAIL, RankEffect, rank_effect
from mmaudit.names import ALL, CLEAN
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples

LEVELS = 10  # of badness, as many samples each, by which trust is ranked


@dataclass(frozen=True, slots=True)
class NaturalDose:
    """A check of one modality.

    Attributes:
        name: The check, as ``image/blur``.
        modality: The modality.
        rate: Its samples a second; 0 where it has none.
    """

    name: str
    modality: str
    rate: float

    @property
    def check(self) -> QualityCheck[Any]:
        """The check itself."""
        loaded: QualityCheck[Any] = parts.load(KIND, self.name).CHECK
        return loaded

    @property
    def column(self) -> str:
        """Its column in the table of samples."""
        return f"quality_{self.modality}.{self.name.rpartition('/')[2]}"


def natural_doses(kinds: Mapping[str, str], dataset: Dataset) -> tuple[NaturalDose, ...]:
    """The checks of each modality that need no other values to learn from.

    Args:
        kinds: Kind of each modality.
        dataset: The samples.
    """
    return tuple(
        NaturalDose(name, modality, dataset.shape(modality).rate)
        for modality, kind in kinds.items()
        for name in parts.names(KIND)
        if name.partition("/")[0] == kind and parts.load(KIND, name).CHECK.learn is None
    )


def quality_columns(doses: Sequence[NaturalDose], samples: Samples) -> dict[str, pa.Array]:
    """What each check says of each sample, null where the modality is absent or it says nothing.

    Args:
        doses: The checks.
        samples: The decoded samples, clean.
    """
    columns: dict[str, pa.Array] = {}
    views: dict[Any, list[Any]] = {}  # what checks look at alike is looked at once
    for dose in doses:
        check, key = dose.check, (dose.modality, dose.check.view)
        if key not in views:
            values = samples.values[dose.modality]
            views[key] = [None if v is None else check.view(v, dose.rate) for v in values]
        numbers = np.array(
            [np.nan if view is None else float(check.measure(view)) for view in views[key]]
        )
        columns[dose.column] = pa.array(numbers, pa.float64(), mask=~np.isfinite(numbers))
    return columns


def natural_numbers(
    pool: Pool, doses: Sequence[NaturalDose], trust: str, parts_of: Iterable[tuple[str, Bools]]
) -> Iterator[tuple[TrustNumber, RankEffect]]:
    """How trust in each modality goes along with what its checks say, clean.

    Args:
        pool: The samples.
        doses: The checks.
        trust: How trust is told.
        parts_of: Parts of the samples by name, and which belong to each.
    """
    every = [(ALL, np.ones(len(pool.keys), np.bool_)), *parts_of]
    for dose in doses:
        numbers = pool.column(dose.column)
        own = pool.column(f"{trust}_{CLEAN}_{dose.modality}")
        there = np.isfinite(numbers) & np.isfinite(own)
        for name, inside in every:
            some = there & inside
            if not some.any():
                continue
            level = _levels(dose.check.worse(numbers[some]))
            measured = rank_effect(level, own[some], pool.keys[some])
            if np.isfinite(measured.value):
                effect = -measured
                yield (
                    TrustNumber(
                        metric="natural_adaptivity",
                        estimate=effect.estimate(),
                        trust=trust,
                        modality=dose.modality,
                        dose_of=dose.modality,
                        check=dose.name,
                        condition=CLEAN,
                        slice=name,
                    ),
                    effect,
                )


def natural_notes(effects: Sequence[tuple[TrustNumber, RankEffect]]) -> Iterator[str]:
    """By which checks trust surely goes with natural quality; all together err in 5 % of runs."""
    whole = [(one, effect) for one, effect in effects if one.slice == ALL]
    ends = [effect.ends(TAIL / len(whole)) for _, effect in whole]
    for falls, words in ((True, "falls"), (False, "rises")):
        names = [
            f"{one.check} of {one.modality}"
            for (one, _), (low, high) in zip(whole, ends, strict=True)
            if ((low > 0) if falls else (high < 0))
        ]
        if names:
            yield (
                f"In clean samples trust {words} where quality is worse by {', '.join(names)}: "
                "an association, which may be of the contents."
            )
    if whole and not any(low > 0 or high < 0 for low, high in ends):
        yield "Whether trust goes with the natural quality of clean samples cannot be told."


def _levels(worse: Floats) -> Ints:
    """Level of each sample, from the best, by quantiles; equal numbers have one level."""
    edges = np.unique(np.quantile(worse, np.arange(1, LEVELS) / LEVELS))
    return np.searchsorted(edges, worse, side="left").astype(np.int64)
