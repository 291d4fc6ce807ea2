"""What a measure of answers is: its task, what its metrics mean, and one function of answers."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from mmaudit import contract, parts
from mmaudit.errors import UsageError
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.rows import Metric

KIND = "measures/tasks"
Task = Literal["class", "number", "embedding"]


class Measure(Protocol):
    """The module of a part in ``measures/tasks``; its path is its name."""

    TASK: Task  # whose answers it measures
    METRICS: Mapping[str, Metric]  # what each of its metrics means, the main one first

    def measure(
        self, answers: Any, keys: NDArray[np.uint64], replicates: int
    ) -> Mapping[str, Replicates]:
        """Every metric of the answers to one condition, over one set of bootstrap weights.

        Args:
            answers: Answers of ``n`` samples: `mmaudit.measures.answers.Answers` of classes,
                ``NumberAnswers`` or ``EmbeddingAnswers``, as the task says.
            keys: Key of each sample's unit, ``(n,)`` uint64, for
                `mmaudit.measures.intervals.bootstrap.replicate`.
            replicates: How many draws.

        Returns:
            The statistic and its draws by metric; a metric that is not defined is left out. Names
            are keys of ``METRICS``, or ``KEY:WAY`` where it is measured several ways.
        """
        ...


def check(name: str, part: object) -> None:
    """Refuse a module that is no measure.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check(KIND, name, part, Measure)


@cache
def measures(task: Task, further: tuple[str, ...] = ()) -> tuple[Measure, ...]:
    """The measures of a task: mmaudit's own, then others by name.

    Raises:
        UsageError: There is no measure of a name, it is of another task, or two have one metric.
    """
    own = [cast("Measure", parts.load(KIND, name)) for name in parts.own(KIND)]
    selected = {"mmaudit": next(part for part in own if task == part.TASK)}
    for name in dict.fromkeys(further):
        part = cast("Measure", parts.load(KIND, name))
        if part is selected["mmaudit"]:
            continue
        if task != part.TASK:
            raise UsageError(
                f"the measure {name!r} is of answers of kind {part.TASK}, and these are {task}",
                fix="leave it out of --measures",
            )
        for other, earlier in selected.items():
            if both := part.METRICS.keys() & earlier.METRICS.keys():
                raise UsageError(
                    f"the measures {name!r} and {other!r} both have {', '.join(sorted(both))}",
                    fix="leave one out of --measures",
                )
        selected[name] = part
    return tuple(selected.values())
