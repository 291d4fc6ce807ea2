"""Control of a training plan: does it teach a small probe more than as many random copies do?

The probe is a ridge regression of classes on landmark features of each modality, in which a
modality that is masked is zero, as in the copies. Parts of the samples are judged by probes that
are fitted to the others and their copies.

References:
    Wei, Feng, Wang, Hu 2024, arXiv:2309.06255 (the plan; random copies are modality dropout)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints
from mmaudit.audits.base import Outcome
from mmaudit.audits.contributions.training.plan import PLAN, plan_file
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.unimodal.probes import ProbeRows, rows_of
from mmaudit.inference.unimodal.references import Audited
from mmaudit.measures.balance.probe import landmarks
from mmaudit.measures.games.ties import share_right

TABLE = "training_control"
DRAWS = 20
FOLDS = 4
LANDMARKS = 80
LEAST = 60  # samples that a probe of four parts is fitted to
PENALTIES = tuple(10.0 ** np.arange(-5, 2))
COST = 0.05  # of accuracy: more lost to random copies, and a probe cannot carry copies
NOT_BETTER = "no reason to prefer it"
NONE = "The plan has no control: there are no features, too few samples, or no copies."


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a plan gives beside its controls: accuracy with everything and with each alone.

    Attributes:
        none: Without copies, ``(1 + modality,)``.
        plan: With those of the plan.
        random: With as many random ones, ``(draw, 1 + modality)``.
        within: With as many random ones of each class, likewise.
        modalities: Names.
        copies: How many copies there are.
    """

    none: Floats
    plan: Floats
    random: Floats
    within: Floats
    modalities: tuple[str, ...]
    copies: int

    @property
    def valid(self) -> bool:
        """Whether the probe carries copies at all."""
        return bool(self.none[0] - self.random[:, 0].mean() <= COST)

    @property
    def better(self) -> bool:
        """Whether the plan is above all draws but one of both controls, and above none."""
        above = min(int((self.plan[0] > some[:, 0]).sum()) for some in (self.random, self.within))
        return self.valid and above >= len(self.random) - 1 and bool(self.plan[0] > self.none[0])

    def says(self) -> str:
        """The comparison in a sentence."""
        mean, spread = self.random[:, 0].mean(), self.random[:, 0].std(ddof=1)
        sentence = (
            f"In a probe the plan's {self.copies:,} copies give {self.plan[0]:.1%} right, as many "
            f"random copies {mean:.1%} ({len(self.random)} draws, standard deviation "
            f"{spread:.1%}), of the same classes {self.within[:, 0].mean():.1%}, no copies "
            f"{self.none[0]:.1%}"
        )
        if not self.valid:
            return f"{sentence}: no verdict, this probe cannot carry masked copies."
        return f"{sentence}: {'better than chance' if self.better else NOT_BETTER}."

    def table(self) -> pa.Table:
        """One row for each way to copy and what was there."""
        names = ("", *self.modalities)
        ways = {"none": self.none[None], "plan": self.plan[None], "random": self.random}
        ways["random_within_class"] = self.within
        rows = [
            {
                "copies": way,
                "modality": name,
                "accuracy": float(values[:, k].mean()),
                "deviation": float(values[:, k].std(ddof=1)) if len(values) > 1 else None,
                "draws": len(values),
            }
            for way, values in ways.items()
            for k, name in enumerate(names)
        ]
        return pa.Table.from_pylist(rows, schema=SCHEMA)


SCHEMA = pa.schema(
    [
        pa.field("copies", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("accuracy", pa.float64(), nullable=False),
        pa.field("deviation", pa.float64()),
        pa.field("draws", pa.int64(), nullable=False),
    ]
)


def control(
    plan: pa.Table, rows: ProbeRows, modalities: Sequence[str], classes: int, seed: int
) -> Control | None:
    """Compare a plan with as many random copies of the same modalities.

    Args:
        plan: The plan: ``id``, ``keep``, ``copies``.
        rows: The samples that it is of, or some of them, in a random order.
        modalities: The modalities.
        classes: How many classes there are.
        seed: Seed of the random copies.

    Returns:
        None where there are no features, too few samples, or no copies of these.
    """
    counts = _counts(plan, rows.ids, modalities)
    if len(rows.ids) < LEAST or not counts.any() or any(not rows.views.get(m) for m in modalities):
        return None
    probe = _Probe.of(rows, modalities, classes)
    rng = np.random.default_rng([seed, len(rows.ids)])
    alike = np.zeros_like(rows.labels)
    random = [_random(counts, alike, rows, modalities, rng) for _ in range(DRAWS)]
    within = [_random(counts, rows.labels, rows, modalities, rng) for _ in range(DRAWS)]
    penalty = max(PENALTIES, key=lambda p: float(probe.judged(np.zeros_like(counts), p)[0]))
    ways = (np.zeros_like(counts), counts, *random, *within)
    none, own, *drawn = (probe.judged(c, penalty) for c in ways)
    return Control(
        none=none,
        plan=own,
        random=np.stack(drawn[:DRAWS]),
        within=np.stack(drawn[DRAWS:]),
        modalities=tuple(modalities),
        copies=int(counts.sum()),
    )


def _counts(plan: pa.Table, ids: Sequence[str], modalities: Sequence[str]) -> Ints:
    """Copies of each sample with each modality, ``(sample, modality)``."""
    place = {name: i for i, name in enumerate(ids)}
    counts = np.zeros((len(ids), len(modalities)), np.int64)
    for row in plan.to_pylist():
        if row["id"] in place:
            counts[place[row["id"]], modalities.index(row["keep"])] += row["copies"]
    return counts


def _random(
    counts: Ints,
    within: Ints,
    rows: ProbeRows,
    modalities: Sequence[str],
    rng: np.random.Generator,
) -> Ints:
    """As many copies of each modality in each part, of random samples of it that have it.

    Args:
        counts: Copies of the plan, ``(sample, modality)``.
        within: Part of each sample, ``(sample,)``.
        rows: The samples.
        modalities: The modalities.
        rng: Draws the samples.
    """
    out = np.zeros_like(counts)
    for k, m in enumerate(modalities):
        for part in np.unique(within):
            mine = within == part
            able, copied = np.flatnonzero(rows.present[m] & mine), int(counts[mine, k].sum())
            if able.size:
                out[:, k] += np.bincount(rng.choice(able, copied), minlength=len(out))
    return out


@dataclass(frozen=True, slots=True)
class _Probe:
    """Features of the samples, a block of columns for each modality, zero where it is absent."""

    blocks: tuple[Floats, ...]
    target: Floats
    labels: Ints
    fold: Ints

    @classmethod
    def of(cls, rows: ProbeRows, modalities: Sequence[str], classes: int) -> "_Probe":
        """Landmark features, and a column that says whether the modality is there."""
        n = len(rows.ids)
        blocks = []
        for m in modalities:
            there = rows.present[m]
            features = landmarks(rows.views[m][0], LANDMARKS)
            block = np.zeros((n, features.shape[1] + 1))
            block[there, :-1] = features - features.mean(axis=0)
            block[there, -1] = 1.0
            blocks.append(block)
        unit = np.arange(n) if rows.groups is None else rows.groups
        target = np.eye(classes)[rows.labels] - 1 / classes
        return cls(tuple(blocks), target, rows.labels, unit % FOLDS)

    def judged(self, counts: Ints, penalty: float) -> Floats:
        """Accuracy on samples that were not fitted to: with everything, and with each alone."""
        right = np.zeros((len(self.labels), 1 + len(self.blocks)))
        for fold in range(FOLDS):
            out = self.fold == fold
            if out.any() and not out.all():
                slopes = self._slopes(~out, counts, penalty)
                scores = [b[out] @ s for b, s in zip(self.blocks, slopes, strict=True)]
                for k, one in enumerate([np.sum(scores, axis=0), *scores]):
                    right[out, k] = share_right(one, self.labels[out])
        return np.asarray(right.mean(axis=0))

    def _slopes(self, rows: NDArray[np.bool_], counts: Ints, penalty: float) -> list[Floats]:
        """The regression of the samples and their copies, by modality."""
        edges = np.cumsum([0, *(block.shape[1] for block in self.blocks)])
        wide, target = np.hstack([block[rows] for block in self.blocks]), self.target[rows]
        square, product = wide.T @ wide, wide.T @ target
        for k, (start, stop) in enumerate(pairwise(edges.tolist())):
            copied = np.flatnonzero(counts[rows, k])
            some = wide[copied, start:stop]
            often = some * counts[rows, k][copied, None]
            square[start:stop, start:stop] += some.T @ often
            product[start:stop] += often.T @ target[copied]
        square += penalty * len(target) / 10 * np.eye(len(square))
        return np.split(np.linalg.solve(square, product), edges[1:-1])


def with_plan(
    outcome: Outcome, file: Path, question: Audited, inputs: Inputs, seed: int
) -> Outcome:
    """The same outcome with the plan's file, and its control beside it.

    Args:
        outcome: What was made, the plan among its tables.
        file: The file that was asked for.
        question: The model, and how samples are read.
        inputs: The data.
        seed: Seed of the random copies.
    """
    plan, beside = outcome.tables[PLAN], None
    classes = len(inputs.dataset.classes or ())
    if inputs.dataset.target_kind == "class" and classes:
        rows = rows_of(inputs.dataset, question.loaded, question.kinds, {}, question.room)
        beside = control(plan, rows, tuple(question.kinds), classes, seed)
    return replace(
        outcome,
        notes=(NONE if beside is None else beside.says(), *outcome.notes),
        tables={**outcome.tables, **({} if beside is None else {TABLE: beside.table()})},
        files=plan_file(plan, file),
    )
