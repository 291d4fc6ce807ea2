"""Numbers of a sweep, one condition after another: samples are let go as early as can be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mmaudit.arrays import Floats
from mmaudit.audits.robustness.answers_by_condition import Arrays
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.metrics import Measured, Meter
from mmaudit.audits.robustness.numbers.harm import harms

Cells = dict[str, Measured]  # what was measured under each condition, by its name


@dataclass(frozen=True, slots=True)
class CleanNumbers:
    """Clean answers beside those of conditions that were asked on the first samples alone.

    Attributes:
        whole: Measures the answers of all samples.
        all: The clean answers.
        meters: The same for the first samples, by their number.
        parts: What was measured on a part of the first samples.
    """

    whole: Meter
    all: Arrays
    meters: dict[int, Meter] = field(default_factory=dict)
    parts: dict[tuple[str, int], Measured] = field(default_factory=dict)

    @property
    def all_size(self) -> int:
        """How many clean answers there are."""
        return len(next(iter(self.all.values())))

    def meter(self, n: int) -> Meter:
        """Measures the answers of the first samples."""
        if n not in self.meters:
            self.meters[n] = replace(self.whole, frame=self.whole.frame.first(n))
        return self.meters[n]

    def answers(self, n: int) -> Arrays:
        """The clean answers of the first samples."""
        return {name: values[:n] for name, values in self.all.items()}

    def measured(self, name: str, n: int) -> Measured:
        """What was measured on a part of them."""
        if (name, n) not in self.parts:
            some = self.meter(n)
            part = next(p for p in some.frame.parts if p.name == name)
            self.parts[name, n] = some.measure(self.answers(n), part)
        return self.parts[name, n]


@dataclass(frozen=True, slots=True)
class SweepNumbers:
    """What was measured, one condition after another; samples are let go as early as can be.

    Attributes:
        beside: The clean answers.
        conditions: All conditions, clean first.
        sizes: Samples that were asked about under each condition.
        parts: What was measured under each condition, by part.
        curves: What was measured of each severity curve, by part and name of the curve.
        doses: Dose of each sample under the conditions of curves that are not closed, ``(n,)``.
    """

    beside: CleanNumbers
    conditions: Sequence[Condition]
    sizes: dict[str, int]
    parts: dict[str, Cells] = field(default_factory=dict)
    curves: dict[tuple[str, str], Measured] = field(default_factory=dict)
    doses: dict[str, Floats] = field(default_factory=dict)

    def add(self, condition: Condition, answers: Arrays, doses: Floats) -> Measured:
        """Measure the answers under one condition on every part.

        Returns:
            The main metric, by part, where it is defined.
        """
        mains: Measured = {}
        self.doses[condition.name] = doses
        n = self.sizes[condition.name] = len(next(iter(answers.values())))
        some, clean = self.beside.meter(n), condition is self.conditions[0]
        for part in some.frame.parts:
            there = self.beside.measured(part.name, n)
            measured = there
            if not clean:
                flips = some.flips(self.beside.answers(n), answers, part)
                plain = some.measure(answers, part)
                measured = plain | flips | some.differences(there, plain)
            smaller = some.settled(measured, whole=condition.severity is None)
            self.parts.setdefault(part.name, {})[condition.name] = smaller
            if some.primary in measured:
                mains[part.name] = measured[some.primary]
        for whole, curve in curves(self.conditions):
            if condition in curve and all(c.name in self.sizes for c in curve):
                self._close(whole, curve)
        return mains

    def numbers(self, part: str) -> Iterator[tuple[Condition, Measured]]:
        """What the summary says of each condition, then of each severity curve."""
        for whole, curve in curves(self.conditions):
            self._close(whole, curve)
        for condition in self.conditions:
            if condition.name in self.parts[part]:
                yield condition, self.parts[part][condition.name]
        for whole, _ in curves(self.conditions):
            if (part, whole.name) in self.curves:
                yield whole, self.curves[part, whole.name]

    def _close(self, whole: Condition, curve: Sequence[Condition]) -> None:
        """Measure a curve, of which no more severities come."""
        for name, cells in self.parts.items():
            line = {c.severity or 0: cells[c.name] for c in curve if c.name in cells}
            if line and (name, whole.name) not in self.curves:
                measured = self._of_curve(name, curve, line)
                self.curves[name, whole.name] = {m: r.settled() for m, r in measured.items()}
                for c in curve:
                    if c.name in cells:
                        cells[c.name] = {m: r.settled() for m, r in cells[c.name].items()}
        for c in curve:
            self.doses.pop(c.name, None)

    def _of_curve(
        self, name: str, curve: Sequence[Condition], line: Mapping[int, Measured]
    ) -> Measured:
        """The numbers of a whole curve on a part of the samples, and its harm per dose."""
        meter, primary = self.beside.whole, self.beside.whole.primary
        clean = self.beside.measured(name, self.beside.all_size)
        measured = meter.curve(clean, line, curve[0].attacks)
        if meter.limit is not None or not measured:
            return measured
        part = next(p for p in meter.frame.parts if p.name == name)
        heights = {s: cell[primary] for s, cell in line.items()}
        better = meter.better(primary)
        return measured | harms(curve, self.doses, part, clean[primary], heights, better)


def curves(conditions: Sequence[Condition]) -> Iterator[tuple[Condition, list[Condition]]]:
    """Conditions that differ in severity alone, with the row key of the whole curve."""
    curves: dict[str, list[Condition]] = {}
    for c in conditions:
        if c.severity is not None and not c.crossed:  # what is crossed does not start at clean
            curves.setdefault(c.series, []).append(c)
    for name, curve in curves.items():
        first = curve[0]
        whole = Condition(
            name=name,
            modality=first.modality,
            corruption=first.corruption,
            present=first.present,
        )
        yield whole, curve
