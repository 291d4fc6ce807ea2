"""Worst cases: for each sample the worst of the corruptions of a modality, at one severity.

The mean over samples of the worst of these damages is a lower bound of what the model keeps under
any one of them, which no average shows. It is of these corruptions and these draws of their
randomness and of no others, so it is an ordinary mean over samples with an ordinary interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Ints
from mmaudit.audits.robustness import touched
from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.worst.rank import Badness, badness
from mmaudit.errors import UsageError
from mmaudit.measures.intervals.proportion import proportion
from mmaudit.rows import Estimate, Metric
from mmaudit.samples.parts import Part

CORRUPTION = "worst/corruption"
WORST = "worst"  # column of the answers: the condition that alone gave the worst one
WORST_RATE = "worst_rate"
METRICS = {
    WORST_RATE: Metric(
        "share of samples of which this condition alone gives the worst answer of all corruptions "
        "of its modality at its severity",
        "1",
        "neither",
        0.0,
        1.0,
    )
}


def worst_cases(conditions: Sequence[Condition], draws: int) -> tuple[Condition, ...]:
    """The worst of the single corruptions of each modality at each severity, then of them all.

    Args:
        conditions: The conditions of a sweep.
        draws: Draws of each corruption's randomness; of one draw of one corruption there is no
            worst.

    Raises:
        UsageError: There is nothing to choose among.
    """
    single = [c for c in conditions if len(c.changes) == 1 and not c.plan and not c.crossed]
    modalities = dict.fromkeys(c.modality for c in single)
    sets = [(m,) for m in modalities] + ([tuple(modalities)] if len(modalities) > 1 else [])
    cases = [case for some in sets for case in _of(some, single)]
    several = tuple(case for case in cases if len(case.worst_of) * draws > 1)
    if not several:
        raise UsageError(
            "--worst-case chooses among corruptions of single modalities at one severity, and "
            f"there {'is one' if single else 'are none'}",
            fix="--corruptions of a modality, as 'image/*', or --draws 5",
        )
    return several


def _of(modalities: tuple[str, ...], single: Sequence[Condition]) -> Iterator[Condition]:
    """One condition for each severity at which all of the modalities are corrupted."""
    target, by = ",".join(modalities), dict[str, list[Condition]]()
    for condition in single:
        if condition.modality in modalities:
            by.setdefault(_level(condition), []).append(condition)
    for level, members in by.items():
        if {c.modality for c in members} == {*modalities}:
            yield Condition(
                name=f"{CORRUPTION}:{level}@{target}",
                modality=target,
                corruption=CORRUPTION,
                severity=members[0].severity,
                present=members[0].present,
                worst_of=tuple(members),
            )


def _level(condition: Condition) -> str:
    """The severity, or the dose of a calibrated one, as the name says it."""
    return condition.name.removeprefix(f"{condition.corruption}:").removesuffix(
        f"@{condition.modality}"
    )


@dataclass(slots=True)
class WorstAnswers:
    """The worst answer so far about each of some samples; no more is held, whatever was asked.

    Attributes:
        case: The condition.
        task: What is asked.
    """

    case: Condition
    task: Task
    _answers: pa.Table | None = None
    _badness: Badness = field(default_factory=lambda: Badness(np.zeros(0), np.zeros(0)))
    _member: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # -1: several are as bad
    _done: set[tuple[str, int]] = field(default_factory=set)

    def lacks(self, member: Condition, draw: int) -> bool:
        """Whether these answers belong here and are not yet in."""
        return member in self.case.worst_of and (member.name, draw) not in self._done

    def add(self, member: Condition, draw: int, answers: pa.Table) -> None:
        """Take the answers under one member that are worse than all before."""
        number = self.case.worst_of.index(member)
        bad = badness(self.task, answers)
        self._done.add((member.name, draw))
        if self._answers is None:
            self._answers, self._badness = answers, bad
            self._member = np.full(len(bad.loss), number)
            return
        worse, n = bad.beyond(self._badness), answers.num_rows
        several = bad.level(self._badness) & (self._member != number)
        self._member = np.where(worse, number, np.where(several, -1, self._member))
        rows = np.where(worse, np.arange(n) + n, np.arange(n))
        self._answers = pa.concat_tables([self._answers, answers]).take(rows).combine_chunks()
        self._badness = bad.where(worse, self._badness)

    def table(self) -> pa.Table:
        """The worst answers, as the answers under any condition.

        Their doses are those of different corruptions, and are left out.
        """
        if self._answers is None:
            raise ValueError("no answers were added")
        n = self._answers.num_rows
        names = pa.array([c.name for c in self.case.worst_of], pa.string())
        alone = pa.array(self._member, mask=self._member < 0)
        values = {
            "condition": pa.array([self.case.name] * n, pa.string()),
            touched.DOSE: pa.nulls(n, pa.float64()),
            WORST: names.take(alone),
        }
        table = self._answers
        for name, column in values.items():
            table = table.set_column(table.column_names.index(name), name, column)
        return table


def rates(
    case: Condition, worst: pa.ChunkedArray, parts: Sequence[Part]
) -> Mapping[str, Mapping[str, Estimate]]:
    """By part and condition, of how many samples it alone gives the worst answer.

    Args:
        case: The worst case of one modality.
        worst: The column `WORST` of its answers, ``(n,)``.
        parts: Parts of the samples.
    """
    names = worst.to_numpy()
    out: dict[str, dict[str, Estimate]] = {}
    for part in parts:
        some = part.of(names)
        out[part.name] = {
            c.name: proportion(int((some == c.name).sum()), some.size) for c in case.worst_of
        }
    return out
