"""Alignments: whether modalities speak of the same thing, and how much of one the others tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa

from mmaudit import seeds
from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.audits.inspect.cells import Cells, exact, row
from mmaudit.audits.inspect.contents import Contents, one_of_each_group, ranked
from mmaudit.audits.inspect.learning.features import FeatureReader, ValueFeatures
from mmaudit.audits.inspect.learning.labels import PURPOSE
from mmaudit.bounds.corrections import holm
from mmaudit.measures.balance.alignment import DIRECTIONS, SHUFFLES, Alignment, alignment
from mmaudit.measures.balance.axes import effective_rank, scaled
from mmaudit.measures.balance.recovery import Recovery, recovery

MOST = 1_000  # samples that are looked at, of a group one
LEVEL = 0.05  # over all pairs together
EACH = 40  # re-pairings for each pair, if more: with fewer no p-value of many is below the level
NAMED = 4  # pairs that a sentence names
SCHEMA = pa.schema(
    [
        pa.field("first", pa.string(), nullable=False),
        pa.field("second", pa.string(), nullable=False),
        pa.field("samples", pa.int64(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in ("cka", "low", "high")),
        *(pa.field(name, pa.float64(), nullable=False) for name in ("p_value", "corrected")),
        *(pa.field(f"cca_{k}", pa.float64()) for k in range(1, DIRECTIONS + 1)),
    ]
)


@dataclass(frozen=True, slots=True)
class Alignments:
    """How modalities hang together.

    Attributes:
        pairs: Of each pair of modalities, where enough samples have both.
        corrected: p-value of each pair, by Holm's method over all of them.
        recovered: What the others tell of each modality.
        ranks: In how many directions the features of each vary, and of how many samples that is.
    """

    pairs: Mapping[tuple[str, str], Alignment]
    corrected: Mapping[tuple[str, str], float]
    recovered: Mapping[str, Recovery]
    ranks: Mapping[str, tuple[float, int]]


def alignments(contents: Contents, features: FeatureReader) -> Alignments:
    """Hold modalities against each other, by plain features of some samples.

    Args:
        contents: What the units wrote.
        features: Reads plain features of the samples.
    """
    names = contents.dataset.modalities
    rows = _sampled(contents)
    every = {m: features.of(m, rows) for m in names} if len(names) > 1 else {}
    of = {m: f for m, f in every.items() if f is not None}
    pairs, couples = {}, [*combinations(of, 2)]
    for a, b in couples:
        both = of[a].there & of[b].there
        one = alignment(
            _scaled(of[a], both),
            _scaled(of[b], both),
            contents.seed,
            shuffles=max(SHUFFLES, EACH * len(couples)),
        )
        if one is not None:
            pairs[a, b] = one
    return Alignments(
        pairs=pairs,
        corrected=dict(zip(pairs, holm([p.p_value for p in pairs.values()]), strict=True)),
        recovered=dict(_recovered(of, contents.seed)),
        ranks={m: (effective_rank(_scaled(f, f.there)), int(f.there.sum())) for m, f in of.items()},
    )


def _sampled(contents: Contents) -> Ints:
    """Samples by hash of the id, one of each group: those of a group say the same twice."""
    return one_of_each_group(contents, ranked(contents, PURPOSE))[:MOST]


def _scaled(features: ValueFeatures, those: Bools) -> Floats:
    return scaled(features.rows[those])


def _recovered(of: Mapping[str, ValueFeatures], seed: int) -> Iterator[tuple[str, Recovery]]:
    if len(of) < 2:
        return
    whole = np.all([f.there for f in of.values()], axis=0)
    scaled = {m: _scaled(f, whole) for m, f in of.items()}
    for modality, wanted in scaled.items():
        others = [rows for m, rows in scaled.items() if m != modality]
        rng = np.random.default_rng([seed, seeds.digest(PURPOSE, f"recovered/{modality}")])
        one = recovery(others, wanted, rng)
        if one is not None:
            yield modality, one


def rows(of: Alignments) -> Iterator[Cells]:
    """The rows of the summary; a pair of modalities is ``a,b``."""
    for (a, b), pair in of.pairs.items():
        both = f"{a},{b}"
        yield from row("cka", pair.cka, modality=both)
        yield from row("cka_p_value", exact(pair.p_value, pair.cka.n), modality=both)
        yield from row("cca_held_out", pair.correlation, modality=both)
    for modality, one in of.recovered.items():
        yield from row("recovered", one.share, modality=modality)
        yield from row("recovered_p_value", exact(one.p_value, one.share.n), modality=modality)
    for modality, (rank, n) in of.ranks.items():
        yield from row("effective_rank", exact(rank, n), modality=modality)


def table(of: Alignments) -> pa.Table:
    """A row a pair of modalities, the least aligned first."""
    some = []
    for (a, b), pair in sorted(of.pairs.items(), key=lambda p: p[1].cka.value):
        cells = {"first": a, "second": b, "samples": pair.cka.n}
        cells |= {"cka": pair.cka.value, "low": pair.cka.low, "high": pair.cka.high}
        cells |= {"p_value": pair.p_value, "corrected": of.corrected[a, b]}
        some.append(cells | {f"cca_{k}": r for k, r in enumerate(pair.spectrum, 1)})
    return pa.Table.from_pylist(some, SCHEMA)


def notes(of: Alignments, features: str) -> Iterator[str]:
    """Which pairs of modalities show no sign that they go together.

    Args:
        of: How they hang together.
        features: What that was seen in, for a person.
    """
    without = [pair for pair, p in of.corrected.items() if p > LEVEL]
    if not without:
        return
    named = ", ".join(f"{a} and {b}" for a, b in without[:NAMED])
    more = f", and of {len(without) - NAMED} other pairs" if len(without) > NAMED else ""
    n = min(of.pairs[pair].cka.n for pair in without)
    yield (
        f"{features} of {named}{more} show no sign of going together ({n:,} samples, against "
        "shuffled ones): they hardly speak of each other, such features do not see it, or the "
        "pairs are wrong."
    )
