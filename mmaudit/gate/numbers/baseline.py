"""Drops against a baseline run: whether the two may be compared, and by how much they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmaudit.gate.decide import STORED, Limit, z
from mmaudit.gate.numbers import paired
from mmaudit.gate.numbers.quantity import Quantity, label
from mmaudit.names import ALL
from mmaudit.rows import Estimate
from mmaudit.tables.answers import answers
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.run import Summary, estimate

MODEL = "model"  # the one digest that may differ: it is what the comparison is about
Row = Mapping[str, Any]


@dataclass(slots=True)
class Comparison:
    """Two runs of one audit; answers that several limits need are read once.

    Attributes:
        this: Summary of the run that is judged.
        base: Summary of the baseline run.
        pairs: Whether to compare sample by sample where the metric allows.
        stopped: Conditions of the baseline whose samples were stopped when they were decided.
        last: The condition whose answers were read last, and the rows of both runs.
    """

    this: Summary
    base: Summary
    pairs: bool = True
    stopped: frozenset[str] = frozenset()
    last: tuple[str, list[Any]] | None = None

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
        drop, note = self.difference(row, (base, this), sign, share)
        if drop is None:
            return replace(quantity, reason=note)
        if relative:
            drop = rescaled(drop, share, base.value)
        return replace(quantity, estimate=drop, reason=note)

    def difference(
        self, row: Row, values: tuple[Estimate, Estimate], sign: int, share: float
    ) -> tuple[Estimate | None, str]:
        """How much worse this run is than the base on a row, and what to know about the number.

        Args:
            row: The row of this run.
            values: The estimates of the base and of this run.
            sign: +1 where higher values are better, -1 where lower ones are.
            share: Share of the base that is taken off, for a relative drop.
        """
        metric = row["metric"]
        if not self.pairs:
            return paired.apart(*values, sign, share), "not paired, as asked"
        if metric not in paired.MEANS or "condition" not in row:
            return self._whole(row, values, sign, share)
        base, this = self._answers(metric, row["condition"], row["slice"])
        for which, side in (("baseline: ", base), ("", this)):
            if isinstance(side, str):
                return None, f"not comparable: {which}{side}"
        if isinstance(base, str) or isinstance(this, str):
            return None, "not comparable"
        binary = metric in paired.SHARES
        drop = paired.difference(base, this, sign=sign, share=share, binary=binary)
        return (None, f"not comparable: {drop}") if isinstance(drop, str) else (drop, "")

    def _whole(
        self, row: Row, values: tuple[Estimate, Estimate], sign: int, share: float
    ) -> tuple[Estimate | None, str]:
        """A statistic of all samples together: resampled in pairs where that is known how."""
        metric = row["metric"]
        note = f"{metric} is not a mean over samples: compared as if unpaired, so wider"
        try:
            from mmaudit.gate.numbers import resampled  # noqa: PLC0415  NumPy, and compiled random numbers
        except ModuleNotFoundError:
            return paired.apart(*values, sign, share), note
        if metric not in resampled.METRICS or row["slice"] != ALL or "condition" not in row:
            return paired.apart(*values, sign, share), note
        base, this = self._loaded(row["condition"])
        if base is None or this is None:
            return paired.apart(*values, sign, share), note
        spread = resampled.deviation(base, this, metric, share * sign)
        if spread is None:
            return paired.apart(*values, sign, share), note
        if isinstance(spread, str):
            return None, f"not comparable: {spread}"
        value = sign * ((1 - share * sign) * values[0].value - values[1].value)
        half = z(STORED) * spread
        return Estimate(value, value - half, value + half, min(e.n for e in values)), "resampled"

    def _loaded(self, condition: str) -> list[Any]:
        """Both runs' answers to a condition; those to the last one are kept."""
        if self.last is None or self.last[0] != condition:
            rows = [answers(side.samples, condition) for side in self.sides]
            self.last = (condition, rows)
        return self.last[1]

    def _answers(
        self, metric: str, condition: str, part: str
    ) -> tuple[paired.Answers | str, paired.Answers | str]:
        base, this = (
            f"no answers to {condition} were kept"
            if rows is None
            else paired.answers(rows, metric, part)
            for rows in self._loaded(condition)
        )
        return base, this

    @property
    def sides(self) -> tuple[Summary, Summary]:
        """The baseline and this run."""
        return self.base, self.this


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
