"""What the numbers of a run rest on: its samples, where NumPy is there to look at them.

Without NumPy, or without the answers, a number rests on its interval alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mmaudit.gate.numbers.quantity import Grounds, Quantity
from mmaudit.rows import Estimate
from mmaudit.tables.run import Row, Summary


@dataclass(slots=True)
class Rests:
    """Looks for the grounds of rows of one summary.

    Attributes:
        summary: The summary.
    """

    summary: Summary
    _reader: Any = field(init=False, default=None)
    _modules: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Load what looks at samples, if it is installed and there are any."""
        if not self.summary.samples.is_dir():
            return
        try:
            from mmaudit.gate.numbers import grounds  # noqa: PLC0415  NumPy, where it is there
            from mmaudit.gate.numbers.samples import SampleReader  # noqa: PLC0415  likewise
        except ModuleNotFoundError:
            return
        self._modules, self._reader = grounds, SampleReader(self.summary)

    @property
    def reader(self) -> Any:
        """Reads samples; None without NumPy, and where there are none."""
        return self._reader

    def of_row(self, row: Row, estimate: Estimate) -> Grounds | None:
        """The grounds of a number of the summary; None where its interval is all there is.

        Raises:
            InputError: The answers that were kept give another number.
        """
        if self._modules is not None:
            grounds: Grounds | None = self._modules.of_row(self._reader, row, estimate)
            return grounds
        try:
            from mmaudit.gate.numbers.sampled import of_share  # noqa: PLC0415  NumPy, where it is there
        except ModuleNotFoundError:
            return None
        return of_share(estimate)

    def of_drop(self, row: Row, estimate: Estimate) -> Grounds | None:
        """The grounds of how much worse than clean a row is.

        Raises:
            InputError: The answers that were kept give another number.
        """
        if self._modules is None:
            return None
        grounds: Grounds | None = self._modules.of_drop(self._reader, row, estimate)
        return grounds

    def of_ratio(self, row: Row, drop: Estimate) -> tuple[Estimate, Grounds] | None:
        """By what share a row is worse than clean, and its grounds; None where it is not known.

        Args:
            row: The row.
            drop: By how much it is worse, as the summary says.
        """
        if self._modules is None or self.of_drop(row, drop) is None:
            return None
        from mmaudit.gate.numbers.samples import NoSamples  # noqa: PLC0415  NumPy, which is there

        try:
            grounds = self._modules.of_ratio(self._reader, None, row)
        except NoSamples:
            return None
        return self._modules.measured(grounds), grounds

    def mean_of(self, members: Sequence[Quantity]) -> tuple[Estimate, Grounds] | None:
        """The mean of rows of the same samples, and its grounds; None where it is not known."""
        if self._modules is None or any(m.grounds is None for m in members):
            return None
        from mmaudit.gate.numbers.samples import NoSamples  # noqa: PLC0415  NumPy, which is there

        try:
            parts = [self._numbers(member) for member in members]
            grounds = self._modules.of_samples(self._modules.mean_of(parts))
        except NoSamples:
            return None
        return self._modules.measured(grounds), grounds

    def _numbers(self, member: Quantity) -> Any:
        from mmaudit.gate.numbers.samples import NoSamples  # noqa: PLC0415  NumPy, which is there

        (row,) = member.rows
        if member.limit.kind == "max_drop_rel":
            raise NoSamples("shares of several rows have no common samples")
        if member.limit.kind != "max_drop":
            return self._reader.of(row)
        clean, there = self._reader.worse(row, row["metric"], None)
        return there.minus(clean, -self._reader.sign(row["metric"]))
