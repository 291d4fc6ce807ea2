"""What is measured on one condition and on one severity curve, for each kind of task."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmaudit.audits.robustness import touched
from mmaudit.audits.robustness.answers import FIRST, SCORES, TRUTH, Task
from mmaudit.audits.robustness.answers_by_condition import Arrays, Frame
from mmaudit.audits.robustness.numbers import flips
from mmaudit.audits.robustness.worst import summary as worst
from mmaudit.measures.intervals.bootstrap import replicated_mean
from mmaudit.measures.intervals.replicates import SHARE, Replicates, mean
from mmaudit.measures.tasks.absence import policies, subsets, unimodal
from mmaudit.measures.tasks.base import (
    Answers,
    EmbeddingAnswers,
    LabelAnswers,
    Measure,
    NumberAnswers,
    from_condensed,
    from_probabilities,
    measures,
)
from mmaudit.measures.tasks.base import Task as TaskKind
from mmaudit.measures.tasks.ranks.condensed import Condensed, drawn_classes
from mmaudit.measures.tasks.severity import breaking, curves, harm
from mmaudit.measures.tasks.severity.breaking import (
    Threshold,
    breaking_epsilon,
    breaking_point,
)
from mmaudit.rows import WORSENINGS, Better, Metric, worsening
from mmaudit.samples.parts import Part

Measured = dict[str, Replicates]
AnyAnswers = Answers | NumberAnswers | EmbeddingAnswers | LabelAnswers
BREAKING, EPSILON, INTERACTION = "_breaking_point", "_breaking_epsilon", "_interaction"
CROSSED = {
    INTERACTION: curves.Derived(
        "what damage changes of it where another modality is absent, less what it changes where "
        "that is present",
        bounds=lambda b: (2 * (b[0] - b[1]), 2 * (b[1] - b[0])),
    )
}
DERIVED = curves.DERIVED | breaking.DERIVED | subsets.DERIVED | policies.DERIVED
DERIVED |= unimodal.DERIVED | CROSSED
OF_ITS_OWN: dict[TaskKind, dict[str, Metric]] = {  # crossed, and measured nowhere else
    "class": {"p_true": Metric("probability of the true class", "1", "higher", *SHARE)},
    "number": {"mse": Metric("mean squared error", "", "lower", 0.0)},
}


def declared(task: TaskKind, further: tuple[str, ...] = ()) -> dict[str, Metric]:
    """What the metrics of a task mean that derive from no other, the main one first."""
    scores = {name: m for one in measures(task, further) for name, m in one.METRICS.items()}
    crossed = {
        f"{name}{INTERACTION}": CROSSED[INTERACTION].of(metric)
        for name, metric in OF_ITS_OWN.get(task, {}).items()
    }
    others = curves.METRICS | harm.METRICS | subsets.METRICS | touched.METRICS | worst.METRICS
    return scores | others | crossed


def meaning(metric: str, metrics: Mapping[str, Metric]) -> Metric:
    """What a metric of the summary means.

    Args:
        metric: Its name; what follows a colon (``recall@1:image->text``) says which way.
        metrics: What the metrics mean that derive from no other.

    Raises:
        KeyError: Neither it nor what it derives from is declared.
    """
    for suffix, derived in DERIVED.items():
        stem = metric.removesuffix(suffix)
        base, _, one = stem.partition(":")
        if stem != metric and base in metrics:
            derives = derived.of(meaning(stem, metrics))
            drop = suffix in WORSENINGS.values()
            why = metrics[base].unsure_drop_of_one if one and drop else ""
            return replace(derives, unsure=why) if why else derives
    base, _, way = metric.partition(":")
    return replace(metrics[base], help=f"{metrics[base].help}, {way}") if way else metrics[base]


def meanings(names: Iterable[str], metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """What some metrics mean, those first that derive from no other, in the order declared."""
    order = list(metrics)

    def place(name: str) -> tuple[int, str]:
        base = name.partition(":")[0]
        return (order.index(base) if base in metrics else len(order)), name

    return {name: meaning(name, metrics) for name in sorted(set(names), key=place)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Measures the answers of one task with one set of bootstrap weights.

    Attributes:
        task: What the columns mean.
        frame: Keys, groups and parts of the samples.
        replicates: Bootstrap replicates.
        shared: Modalities of which a group has one thing in several rows.
        limit: What a severity curve is asked to cross; None for the numbers of the whole curve.
        further: Names of measures beside mmaudit's own.
    """

    task: Task
    frame: Frame
    replicates: int
    shared: frozenset[str] = frozenset()
    limit: Threshold | None = None
    further: tuple[str, ...] = ()

    @property
    def primary(self) -> str:
        """The metric that severity curves are drawn of."""
        first = next(iter(self._measures[0].METRICS))
        if self.task.kind == "embedding":
            a, b = self._modalities[:2]
            return f"{first}:{a}->{b}"
        return first

    @property
    def metrics(self) -> dict[str, Metric]:
        """What the metrics mean that derive from no other."""
        return declared(self.task.kind, self.further)

    def better(self, metric: str) -> Better:
        """Which direction of a metric is good."""
        return meaning(metric, self.metrics).better

    def measure(self, answers: Arrays, part: Part) -> Measured:
        """Every metric of one condition on one part of the samples."""
        keys = part.of(self.frame.keys)
        rows = {name: part.of(values) for name, values in answers.items()}
        result: Measured = {}
        for one in self._measures:
            result |= one.measure(self._answers(rows, part), keys, self.replicates)
        return result

    def _answers(self, rows: Arrays, part: Part) -> AnyAnswers:
        if self.task.kind == "number":
            return NumberAnswers(rows["label"], rows["prediction"])
        if self.task.kind == "multilabel":
            truth = rows[TRUTH].astype(np.bool_)
            return LabelAnswers(truth, rows["probabilities"], self.task.classes)
        if self.task.kind == "embedding":
            groups = [str(g) for g in part.of(self.frame.groups)]
            embeddings = {m: rows[f"embedding_{m}"] for m in self._modalities[:2]}
            return EmbeddingAnswers(embeddings, groups, self.shared)
        if "probabilities" in rows:
            plain = from_probabilities(rows["label"], rows["probabilities"])
            return replace(plain, predictions=rows["prediction"].astype(np.int64))  # ties drawn
        classes = len(self.task.classes)
        some = Condensed(
            p_true=rows["p_true"],
            brier=rows["brier"],
            confidence=rows["confidence"],
            drawn=drawn_classes(rows[FIRST].astype(np.int64), classes),
            scores=rows[SCORES],
        )
        return from_condensed(rows["label"], rows["prediction"], classes, some)

    def flips(self, clean: Arrays, answers: Arrays, part: Part) -> Measured:
        """Shares of answers that are others than on clean data, were destroyed or were repaired."""
        keys = part.of(self.frame.keys)
        return {
            metric: replicated_mean(part.of(changed), keys, self.replicates, SHARE)
            for metric, changed in flips.changes(self.task, clean, answers).items()
        }

    def settled(self, measured: Measured, *, whole: bool) -> Measured:
        """The same without samples, but for what the numbers of a whole curve are made of.

        Args:
            measured: What was measured under a condition.
            whole: Whether that is of no curve.
        """
        keep = set() if whole else {self.primary, *curves.METRICS}
        return {m: r if m in keep else r.settled() for m, r in measured.items()}

    def differences(self, clean: Measured, measured: Measured) -> Measured:
        """How much worse than clean, paired: ``_drop`` where higher is better, else ``_rise``."""
        out: Measured = {}
        for metric in measured.keys() & clean.keys():
            better = self.better(metric)
            name = worsening(metric, better)
            if name is not None:
                out[name] = curves.drop(clean[metric], measured[metric], better=better)
        return out

    def curve(
        self, clean: Measured, cells: Mapping[int, Measured], radii: Sequence[float] = ()
    ) -> Measured:
        """Numbers of a whole severity curve, on the primary metric; of an attack with its radii."""
        primary, better = self.primary, self.better(self.primary)
        if primary not in clean or any(primary not in c for c in cells.values()):
            return {}
        start, line = clean[primary], {s: c[primary] for s, c in cells.items()}
        if self.limit is not None:
            point = breaking_point(start, line, self.limit, better=better)
            if point is None:
                return {}
            further = {f"{primary}{EPSILON}": breaking_epsilon(point, radii)} if radii else {}
            return {f"{primary}{BREAKING}": point} | further
        out = {
            f"{primary}_area_under_curve": curves.area_under_curve(start, line),
            f"{primary}_worst": curves.worst_case([*line.values()], better=better),
            f"{primary}_monotonicity_violations": curves.violations(start, line, better=better),
            f"{primary}_kendall_tau": curves.kendall_tau(start, line),
        }
        relative = curves.relative_drop(start, line) if better == "higher" else None
        if relative is not None:
            out[f"{primary}_relative_drop"] = relative
        for metric in curves.METRICS:
            if all(metric in c for c in cells.values()):
                out[metric] = mean([c[metric] for c in cells.values()])
        return out

    @property
    def _modalities(self) -> list[str]:
        return [name.removeprefix("embedding_") for name in self.task.fields]

    @property
    def _measures(self) -> tuple[Measure, ...]:
        return measures(self.task.kind, self.further)


def shared_modalities(task: Task, frame: Frame, clean: Arrays) -> frozenset[str]:
    """Modalities whose clean embeddings are equal within every group: one picture, many texts."""
    if task.kind != "embedding" or not frame.grouped:
        return frozenset()
    _, first, group = np.unique(frame.groups, return_index=True, return_inverse=True)
    return frozenset(
        name.removeprefix("embedding_")
        for name, x in clean.items()
        if np.allclose(x, x[first[group]], atol=1e-6)
    )
