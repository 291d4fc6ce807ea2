"""What every measure of answers owes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mmaudit import parts
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.tasks.base import (
    KIND,
    Answers,
    EmbeddingAnswers,
    LabelAnswers,
    Measure,
    NumberAnswers,
    from_predictions,
    from_probabilities,
)
from mmaudit.rows import Estimate, Metric
from mmaudit.testing.questions import ask, frozen, global_randomness, require

N = 60
REPLICATES = 50
AnyAnswers = Answers | NumberAnswers | EmbeddingAnswers | LabelAnswers


@dataclass(frozen=True, slots=True)
class MeasureSubject:
    """A measure by name."""

    name: str
    part: Measure

    def measured(self, n: int = N, order: Any = None) -> Mapping[str, Replicates]:
        """What it measures of ``n`` answers, in some order."""
        rows = np.arange(n) if order is None else order
        keys = unit_keys(0, [str(i) for i in range(n)])[rows]
        return self.part.measure(rearranged(answers(self.part.TASK, n), rows), keys, REPLICATES)


def check_measure(name: str, *, skip: Collection[str] = ()) -> None:
    """Ask a measure what every measure owes.

    Does it say what it is, and what each of its metrics means? Is every number finite, within the
    bounds of its metric and of its own, with as many draws as were asked for? Does its interval
    hold its value, with a width where there are several samples? Do the same answers and keys give
    the same numbers, in any order of samples? Does it take a single sample? Are the answers left
    alone, and global randomness?

    Args:
        name: Name of the measure, as ``my_measure``.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.

    Example:
        >>> check_measure("regression")
    """
    ask(name, subject(name), QUESTIONS, skip)


def subject(name: str) -> MeasureSubject:
    """A measure by name."""
    return MeasureSubject(name, cast("Measure", parts.load(KIND, name)))


def answers(task: str, n: int = N) -> AnyAnswers:
    """Answers of ``n`` samples to a task, most of them right."""
    rng = np.random.default_rng(0)
    if task == "number":
        truth = rng.normal(size=n)
        return NumberAnswers(truth, truth + rng.normal(0, 0.5, n))
    if task == "embedding":
        one = rng.normal(size=(n, 8))
        return EmbeddingAnswers(
            {"image": one, "text": one + rng.normal(size=(n, 8))}, [str(i) for i in range(n)]
        )
    if task == "multilabel":
        several = rng.random((n, 3)) < 0.4
        likely = np.clip(0.3 + 0.4 * several + rng.normal(0, 0.2, (n, 3)), 0, 1)
        return LabelAnswers(several, likely, ("a", "b", "c"))
    labels = rng.integers(0, 3, n)
    scores = rng.random((n, 3)) + np.eye(3)[labels]
    return from_probabilities(labels, scores / scores.sum(axis=1, keepdims=True))


def rearranged(some: AnyAnswers, rows: NDArray[np.int64]) -> AnyAnswers:
    """Answers of the same samples in another order."""
    if isinstance(some, NumberAnswers):
        return NumberAnswers(some.truth[rows], some.answers[rows])
    if isinstance(some, LabelAnswers):
        return LabelAnswers(some.truth[rows], some.probabilities[rows], some.names)
    if isinstance(some, EmbeddingAnswers):
        embeddings = {m: values[rows] for m, values in some.embeddings.items()}
        return replace(some, embeddings=embeddings, groups=[some.groups[i] for i in rows])
    if some.probabilities is None:
        return from_predictions(some.labels[rows], some.predictions[rows], some.classes)
    return from_probabilities(some.labels[rows], some.probabilities[rows])


def require_interval(name: str, estimate: Estimate, metric: Metric, *, wide: bool) -> None:
    """Fail unless an estimate is a number with an interval.

    Args:
        name: Which number, for the message.
        estimate: The estimate.
        metric: What it means.
        wide: Whether its interval must have a width.
    """
    value, low, high = estimate.value, estimate.low, estimate.high
    shown = f"{name} is {estimate} of n = {estimate.n}"
    require(low <= value <= high, f"{shown}: the interval does not hold the value")
    near = 1e-9 * max(1.0, abs(value))
    inside = metric.low - near <= value <= metric.high + near
    require(inside, f"{shown}, outside {metric.low} … {metric.high}")
    require(estimate.n >= 1, f"{shown}: of no samples")
    require(not wide or high > low, f"{shown}: an interval without a width")


def it_says_what_it_is(of: MeasureSubject) -> None:
    """The first line of its docstring is a sentence."""
    summary = parts.summary(KIND, of.name)
    require(summary.endswith("."), f"the docstring begins with {summary!r}, no whole sentence")


def every_metric_is_declared(of: MeasureSubject) -> None:
    """What it measures has a help, a unit, a direction and bounds, and is asked about."""
    measured = of.measured()
    require(measured, "nothing is measured")
    for name in measured:
        base = name.partition(":")[0]
        require(base in of.part.METRICS, f"{name} is measured, and METRICS does not declare {base}")
    for name, metric in of.part.METRICS.items():
        require(isinstance(metric, Metric), f"METRICS[{name!r}] is {metric!r}, no Metric")
        require(metric.help, f"{name} has no help")
        require(metric.low < metric.high, f"{name} lies between {metric.low} and {metric.high}")


def numbers_have_draws_and_intervals(of: MeasureSubject) -> None:
    """Value, draws and interval belong together."""
    for name, one in of.measured().items():
        metric = of.part.METRICS[name.partition(":")[0]]
        require(np.isfinite(one.point), f"{name} is {one.point}")
        require(one.draws.shape == (REPLICATES,), f"{name} has draws {one.draws.shape}")
        require(one.n == N, f"{name} is of {one.n} samples, not {N}")
        require_interval(name, one.estimate(), metric, wide=True)


def the_same_answers_give_the_same_numbers(of: MeasureSubject) -> None:
    """Nothing is drawn but by the keys."""
    require(_frozen(of.measured()) == _frozen(of.measured()), "asked again, the numbers differ")


def the_order_of_samples_does_not_matter(of: MeasureSubject) -> None:
    """Keys follow their samples, and so do draws."""
    order = np.random.default_rng(1).permutation(N)
    same = _frozen(of.measured()) == _frozen(of.measured(order=order))
    require(same, "in another order, the numbers differ")


def a_single_sample_is_measured(of: MeasureSubject) -> None:
    """With one sample a metric is left out, or has a number and what is known of it."""
    for name, one in of.measured(1).items():
        metric = of.part.METRICS[name.partition(":")[0]]
        require_interval(name, one.estimate(), metric, wide=False)


def answers_and_global_randomness_are_left_alone(of: MeasureSubject) -> None:
    """Arrays that may not be written to are accepted."""
    some = answers(of.part.TASK)
    arrays = [getattr(some, name) for name in some.__slots__]
    arrays += list(some.embeddings.values()) if isinstance(some, EmbeddingAnswers) else []
    arrays = [array for array in arrays if isinstance(array, np.ndarray)]
    before = [frozen(array) for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    state = global_randomness()
    of.part.measure(some, unit_keys(0, [str(i) for i in range(N)]), REPLICATES)
    require(global_randomness() == state, "global randomness was drawn from")
    require([frozen(array) for array in arrays] == before, "the answers were changed")


def _frozen(measured: Mapping[str, Replicates]) -> Any:
    return {name: (one.point, one.draws.tobytes(), one.n) for name, one in measured.items()}


QUESTIONS: tuple[Callable[[MeasureSubject], None], ...] = (
    it_says_what_it_is,
    every_metric_is_declared,
    numbers_have_draws_and_intervals,
    the_same_answers_give_the_same_numbers,
    the_order_of_samples_does_not_matter,
    a_single_sample_is_measured,
    answers_and_global_randomness_are_left_alone,
)
