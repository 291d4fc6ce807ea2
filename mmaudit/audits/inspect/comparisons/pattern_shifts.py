"""Pattern shifts: whether modalities are there together in each split as in the base split."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mmaudit import seeds
from mmaudit.arrays import Bools, Codes
from mmaudit.audits.inspect.cells import Cells, exact, row
from mmaudit.audits.inspect.comparisons.shifts import FEWEST, base_of
from mmaudit.audits.inspect.contents import Contents, share
from mmaudit.audits.inspect.learning.absences import Pattern
from mmaudit.bounds.corrections import holm
from mmaudit.formats import number
from mmaudit.measures.data.patterns import exchanged
from mmaudit.names import NONE, part
from mmaudit.rows import Estimate, Metric

PURPOSE = "inspect pattern shift"  # of random numbers
LEVEL = 0.05  # over all splits together
FEWEST_PATTERNS = 3  # of two, the absence of one modality says all
METRICS = {
    "pattern_shift_p_value": Metric(
        "chance of patterns of absence as different, if both splits were drawn alike",
        "1",
        "neither",
        low=0.0,
        high=1.0,
        exact=True,
    ),
}
SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in ("split", "base", "present")),
        *(pa.field(name, pa.float64(), nullable=False) for name in ("rate", "low", "high")),
        pa.field("n", pa.int64(), nullable=False),
        *(
            pa.field(name, pa.float64(), nullable=False)
            for name in ("rate_of_base", "p_value", "corrected")
        ),
        pa.field("differs", pa.bool_(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class PatternShift:
    """How often each set of modalities is there in a split, beside the base.

    Attributes:
        base: The split that it is held against.
        split: The split.
        rates: Of each pattern: the modalities, its share of the split, and that of the base.
        p_value: Probability of shares as different if both are drawn alike.
        corrected: The same by Holm's method over all splits.
    """

    base: str
    split: str
    rates: tuple[tuple[tuple[str, ...], Estimate, float], ...]
    p_value: float
    corrected: float

    @property
    def differs(self) -> bool:
        """Whether the split differs from the base."""
        return self.corrected <= LEVEL


def pattern_shifts(
    contents: Contents, patterns: Sequence[Pattern], reference: str | None
) -> tuple[PatternShift, ...]:
    """Hold the patterns of each split against those of one; none where there are fewer than three.

    Args:
        contents: What the units wrote.
        patterns: The patterns.
        reference: The split of good samples; None where none is named.
    """
    base = base_of(contents, reference)
    if base is None or len(patterns) < FEWEST_PATTERNS:
        return ()
    texts, splits = contents.coded("split")
    code = {name: code for code, name in enumerate(texts.tolist())}
    number_of = _numbers(patterns, splits.size)
    names = [
        name
        for name in sorted(set(code) - {"", base})
        if min(int((splits == code[side]).sum()) for side in (name, base)) >= FEWEST
    ]
    p_values = []
    for name in names:
        some = (splits == code[name]) | (splits == code[base])
        rng = np.random.default_rng([contents.seed, seeds.digest(PURPOSE, name)])
        groups = None if contents.groups is None else contents.groups[some]
        inside = splits[some] == code[name]
        p_values.append(exchanged(number_of[some].astype(np.int64), inside, groups, rng))
    those = {name: splits == code[name] for name in names}
    return tuple(
        PatternShift(
            base, name, _rates(contents, patterns, those[name], splits == code[base]), p, q
        )
        for name, p, q in zip(names, p_values, holm(p_values), strict=True)
    )


def _numbers(patterns: Sequence[Pattern], n: int) -> Codes:
    """Number of the pattern of each sample, ``(n,)``: each has one."""
    numbers = np.zeros(n, np.min_scalar_type(-len(patterns)))
    for k, pattern in enumerate(patterns):
        numbers[pattern.those] = k
    return numbers


def _rates(
    contents: Contents, patterns: Sequence[Pattern], inside: Bools, base: Bools
) -> tuple[tuple[tuple[str, ...], Estimate, float], ...]:
    shares = ((p, share(p.those, inside, contents.groups)) for p in patterns)
    return tuple(
        (p.modalities, rate, float(p.those[base].mean())) for p, rate in shares if rate is not None
    )


def rows(some: Sequence[PatternShift]) -> Iterator[Cells]:
    """Rows of the summary, one a split."""
    for each in some:
        yield from row(
            "pattern_shift_p_value",
            exact(each.p_value, each.rates[0][1].n),
            slice=part("split", each.split),
        )


def notes(some: Sequence[PatternShift]) -> Iterator[str]:
    """A sentence for each split that differs, with the pattern that differs most."""
    for each in some:
        if each.differs:
            modalities, rate, of_base = max(each.rates, key=lambda r: abs(r[1].value - r[2]))
            yield (
                f"what is absent together differs between {each.split} and {each.base} "
                f"(p = {number(each.corrected)}): exactly {_named(modalities)} in "
                f"{rate.value:.1%}, of {each.base} in {of_base:.1%}."
            )


def _named(modalities: tuple[str, ...]) -> str:
    return " and ".join(modalities) or "nothing"


def table(some: Sequence[PatternShift]) -> pa.Table:
    """A row a split and pattern, the largest difference first."""
    cells = [
        {
            "split": each.split,
            "base": each.base,
            "present": ",".join(modalities) or NONE,
            "rate": rate.value,
            "low": rate.low,
            "high": rate.high,
            "n": rate.n,
            "rate_of_base": of_base,
            "p_value": each.p_value,
            "corrected": each.corrected,
            "differs": each.differs,
        }
        for each in some
        for modalities, rate, of_base in sorted(
            each.rates, key=lambda r: (-abs(r[1].value - r[2]), r[0])
        )
    ]
    return pa.Table.from_pylist(cells, SCHEMA)
