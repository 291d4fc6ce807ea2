"""Drops against a baseline run: whether the two may be compared, and by how much they differ."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mmaudit.gate.limits import STORED, Limit, z
from mmaudit.gate.numbers.apart import BIASED, apart
from mmaudit.gate.numbers.quantity import Grounds, Quantity, label
from mmaudit.names import ALL
from mmaudit.rows import Estimate
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.run import Summary, estimate

PAIRED = (  # means of samples
    *("accuracy", "nll", "brier", "mae"),
    *("flip_rate", "destroyed_rate", "repaired_rate"),
)
ROOT = "rmse"  # the root of a mean of samples
MODEL = "model"  # the one digest that may differ: it is what the comparison is about
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """How much worse one run is than another on a row.

    Attributes:
        estimate: The number; None where they cannot be compared.
        note: Why not, or what to know about it.
        grounds: What it rests on; None where that is its interval.
    """

    estimate: Estimate | None
    note: str = ""
    grounds: Grounds | None = None


@dataclass(slots=True)
class Comparison:
    """Two runs of one audit; answers that several limits need are read once.

    Attributes:
        this: Summary of the run that is judged.
        base: Summary of the baseline run.
        pairs: Whether to compare sample by sample where the metric allows.
        stopped: Conditions of the baseline whose samples were stopped when they were decided.
        readers: What reads the samples of the baseline and of this run; None without NumPy.
    """

    this: Summary
    base: Summary
    pairs: bool = True
    stopped: frozenset[str] = frozenset()
    readers: tuple[Any, Any] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Look at samples, where NumPy is there to do it."""
        try:
            from mmaudit.gate.numbers.samples import SampleReader  # noqa: PLC0415  NumPy
        except ModuleNotFoundError:
            return
        self.readers = SampleReader(self.base), SampleReader(self.this)

    def drops(self, rows: Sequence[Row], limit: Limit) -> list[Quantity]:
        """The worsening of each row against the same row of the baseline."""
        return [self._one(row, limit) for row in rows]

    def _one(self, row: Row, limit: Limit) -> Quantity:
        metric = row["metric"]
        relative = limit.kind == "max_drop_rel"
        name = f"{'relative ' if relative else ''}drop of {metric} against the baseline"
        quantity = Quantity(label(row, self.this.columns), name, limit, None, rows=(row,))
        better = self.this.better(metric)
        if better == "neither":
            return replace(quantity, reason=f"which direction of {metric} is good is not known")
        why = self.base.absent and f"baseline: {self.base.absent}"
        why = why or incomparable(self.this.origin, self.base.origin, row)
        if not why and row.get("condition") in self.stopped:
            why = "the baseline was stopped when its checks were decided"
        if why:
            return replace(quantity, reason=f"not comparable: {why}")
        there = self.base.find(row)
        base, this = estimate(there and there["estimate"]), estimate(row["estimate"])
        if base is None or this is None:
            which = "the baseline" if base is None else "this run"
            return replace(quantity, reason=f"{which} has no number for this row")
        if relative and base.value <= 0:
            return replace(quantity, reason="the baseline's value is not above zero")
        share = limit.value if relative else 0.0
        sign = 1 if better == "higher" else -1
        drop = self.difference(row, (base, this), sign, share)
        if drop.estimate is None:
            return replace(quantity, reason=drop.note)
        if relative and drop.grounds is None:
            drop = replace(drop, estimate=rescaled(drop.estimate, share, base.value))
        return replace(quantity, estimate=drop.estimate, reason=drop.note, grounds=drop.grounds)

    def difference(
        self, row: Row, values: tuple[Estimate, Estimate], sign: int, share: float
    ) -> Difference:
        """How much worse this run is than the base on a row, and what to know about the number.

        Sample by sample the number is the relative drop where a share is given; where it is not
        known sample by sample it is the drop less that share of the base.

        Args:
            row: The row of this run.
            values: The estimates of the base and of this run.
            sign: +1 where higher values are better, -1 where lower ones are.
            share: Share of the base that is taken off, for a relative drop.
        """
        metric = row["metric"]
        if not self.pairs:
            biased = metric in BIASED
            return Difference(apart(*values, sign, share, biased=biased), "not paired, as asked")
        alone = metric not in PAIRED or "condition" not in row or _of_curve(row)
        if self.readers is None or alone:
            return self._whole(row, values, sign, share)
        from mmaudit.gate.numbers import grounds  # noqa: PLC0415  NumPy, where it is there
        from mmaudit.gate.numbers.samples import NoSamples  # noqa: PLC0415  likewise

        base, this = self.readers
        try:
            before = _named("baseline: ", lambda: base.of(row))
            numbers = this.of(row).minus(before, -sign)
            if share and math.isinf(numbers.high):
                return self._whole(row, values, sign, share)
            rests = grounds.of_ratio(this, base, row) if share else grounds.of_samples(numbers)
        except NoSamples as why:
            return Difference(None, f"not comparable: {why}")
        return Difference(grounds.measured(rests), "", rests)

    def _whole(
        self, row: Row, values: tuple[Estimate, Estimate], sign: int, share: float
    ) -> Difference:
        """A statistic of all samples together: resampled in pairs where that is known how."""
        metric = row["metric"]
        what = f"{metric} of a whole curve" if _of_curve(row) else metric
        note = f"{what} is not compared sample by sample, but as if unpaired, so wider"
        alone = apart(*values, sign, share, biased=metric in BIASED)
        if self.readers is not None and metric == ROOT:
            alone = _allowing(self.readers, row, alone)
        unpaired = Difference(alone, note)
        if self.readers is None:
            return unpaired
        from mmaudit.gate.numbers import resampled  # noqa: PLC0415  NumPy, and compiled random numbers
        from mmaudit.gate.numbers.samples import NoSamples  # noqa: PLC0415  NumPy, where it is there

        if metric not in resampled.METRICS or row["slice"] != ALL or "condition" not in row:
            return unpaired
        try:
            base, this = (reader.table(row["condition"]) for reader in self.readers)
        except NoSamples:
            return unpaired
        spread = resampled.deviation(base, this, metric, share * sign)
        if spread is None:
            return unpaired
        if isinstance(spread, str):
            return Difference(None, f"not comparable: {spread}")
        value = sign * ((1 - share * sign) * values[0].value - values[1].value)
        half = math.hypot(z(STORED) * spread, resampled.unseen(base, metric))
        more = [resampled.noise(rows, metric) for rows in (base, this)]
        low, high = value - half - more[1], value + half + (1 - share * sign) * more[0]
        return Difference(Estimate(value, low, high, min(e.n for e in values)), "resampled")


def _allowing(readers: tuple[Any, Any], row: Row, drop: Estimate) -> Estimate:
    """The difference of two roots of mean squares, with what samples that were not seen may add.

    Where few errors differ, the moments of both runs know of no more than these.
    """
    from mmaudit.gate.numbers import grounds  # noqa: PLC0415  NumPy, where it is there
    from mmaudit.gate.numbers.samples import MAE, NoSamples  # noqa: PLC0415  likewise

    try:
        first, second = (reader.of({**row, "metric": MAE}) for reader in readers)
        more = grounds.unseen_of_root(first, second)
    except NoSamples:
        return drop
    low, high = (math.hypot(drop.value - end, more) for end in (drop.low, drop.high))
    return replace(drop, low=drop.value - low, high=drop.value + high)


def _of_curve(row: Row) -> bool:
    """Whether a row is of a corruption at all its severities, to which there are no answers."""
    whole = bool(row.get("corruption")) and row.get("severity") is None
    return whole and str(row.get("condition")) == f"{row['corruption']}@{row.get('modality')}"


def _named(which: str, read: Callable[[], Any]) -> Any:
    """What is read of a run, which a refusal names."""
    from mmaudit.gate.numbers.samples import NoSamples  # noqa: PLC0415  NumPy, where it is there

    try:
        return read()
    except NoSamples as why:
        raise NoSamples(f"{which}{why}") from None


def rescaled(drop: Estimate, share: float, base: float) -> Estimate:
    """From ``drop - share * base`` to the drop as a share of the base."""
    return Estimate(
        drop.value / base + share, drop.low / base + share, drop.high / base + share, drop.n
    )


def incomparable(this: Provenance | None, base: Provenance | None, row: Row) -> str:
    """Why two runs may not be compared on a row; empty if they may.

    The data, the seed, the absence policy and the versions of the row's corruptions must be the
    same, and the severities for a number of a whole curve; the model may differ.
    """
    if this is None or base is None:
        return "one of the tables does not say how it was made"
    parts = [part for part in str(row.get("corruption") or "").split("+") if part]
    data = sorted({*this.digests, *base.digests} - {MODEL})
    compared: list[tuple[str, Any, Any]] = [
        *((f"digest of the {k}", this.digests.get(k), base.digests.get(k)) for k in data),
        ("seed", this.seed, base.seed),
        ("absence policy", this.options.get("absent"), base.options.get("absent")),
        *((f"version of {p}", this.versions.get(p), base.versions.get(p)) for p in parts),
    ]
    if parts and row.get("condition") == f"{row['corruption']}@{row.get('modality')}":
        severities = (run.options.get("severities") for run in (this, base))
        compared.append(("severities", *map(_listed, severities)))
    for what, mine, theirs in compared:
        if mine != theirs:
            return f"{what} {str(mine)[:12]} against {str(theirs)[:12]}"
    return ""


def _listed(severities: Any) -> Any:
    """Severities as a list, which a table that was read has, or as they are."""
    return list(severities) if isinstance(severities, list | tuple) else severities
