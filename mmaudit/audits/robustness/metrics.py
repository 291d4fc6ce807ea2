"""What is measured on one condition and on one severity curve, for each kind of task."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.answers_by_condition import Arrays, Frame
from mmaudit.measures.intervals.bootstrap import SHARE, Replicates, mean, replicated_mean
from mmaudit.measures.tasks import curves
from mmaudit.measures.tasks.answers import from_predictions, from_probabilities
from mmaudit.measures.tasks.breaking import Limit, breaking_point
from mmaudit.measures.tasks.classification import BETTER as CLASS_BETTER
from mmaudit.measures.tasks.classification import BOUNDS, classification
from mmaudit.measures.tasks.regression import BETTER as NUMBER_BETTER
from mmaudit.measures.tasks.regression import regression
from mmaudit.measures.tasks.retrieval import better as retrieval_better
from mmaudit.measures.tasks.retrieval import retrieval
from mmaudit.samples.parts import Part

Measured = dict[str, Replicates]
FLIP_RATE = "flip_rate"
BREAKING = "_breaking_point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Measures the answers of one task with one set of bootstrap weights.

    Attributes:
        asked: What the columns mean.
        frame: Keys, groups and parts of the samples.
        replicates: Bootstrap replicates.
        shared: Modalities of which a group has one thing in several rows.
        limit: What a severity curve is asked to cross; None for the numbers of the whole curve.
    """

    asked: Task
    frame: Frame
    replicates: int
    shared: frozenset[str] = frozenset()
    limit: Limit | None = None

    @property
    def primary(self) -> str:
        """The metric that severity curves are drawn of."""
        if self.asked.kind == "embedding":
            a, b = self._modalities[:2]
            return f"recall@1:{a}->{b}"
        return {"class": "accuracy", "number": "mae"}[self.asked.kind]

    def better(self, metric: str) -> str:
        """Which direction of a metric is good: ``higher`` or ``lower``."""
        if self.asked.kind == "embedding":
            return retrieval_better(metric)
        known: Mapping[str, str] = CLASS_BETTER if self.asked.kind == "class" else NUMBER_BETTER
        return known[metric]

    def measure(self, answers: Arrays, part: Part) -> Measured:
        """Every metric of one condition on one part of the samples."""
        keys = part.of(self.frame.keys)
        chosen = {name: part.of(values) for name, values in answers.items()}
        if self.asked.kind == "class":
            return self._classes(chosen, keys)
        if self.asked.kind == "number":
            return regression(chosen["label"], chosen["prediction"], keys, self.replicates)
        embeddings = {m: chosen[f"embedding_{m}"] for m in self._modalities[:2]}
        groups = [str(g) for g in part.of(self.frame.groups)]
        return retrieval(embeddings, groups, keys, self.replicates, self.shared)

    def flips(self, clean: Arrays, answers: Arrays, part: Part) -> Measured:
        """Share of answers that are others than on clean data; needs no labels."""
        if self.asked.kind != "class":
            return {}
        changed = part.of(clean["prediction"] != answers["prediction"])
        keys = part.of(self.frame.keys)
        return {FLIP_RATE: replicated_mean(changed, keys, self.replicates, SHARE)}

    def differences(self, clean: Measured, measured: Measured) -> Measured:
        """How much worse than clean, paired: ``_drop`` where higher is better, else ``_rise``."""
        out: Measured = {}
        for metric in measured.keys() & clean.keys():
            better = self.better(metric)
            name = f"{metric}_drop" if better == "higher" else f"{metric}_rise"
            out[name] = curves.drop(clean[metric], measured[metric], better=better)
        return out

    def curve(self, clean: Measured, cells: Mapping[int, Measured]) -> Measured:
        """Numbers of a whole severity curve, on the primary metric."""
        primary, better = self.primary, self.better(self.primary)
        if primary not in clean or any(primary not in c for c in cells.values()):
            return {}
        start, line = clean[primary], {s: c[primary] for s, c in cells.items()}
        if self.limit is not None:
            point = breaking_point(start, line, self.limit, better=better)
            return {} if point is None else {f"{primary}{BREAKING}": point}
        out = {
            f"{primary}_area_under_curve": curves.area_under_curve(start, line),
            f"{primary}_worst": curves.worst_case([*line.values()], better=better),
            f"{primary}_monotonicity_violations": curves.violations(start, line, better=better),
            f"{primary}_kendall_tau": curves.kendall_tau(start, line),
        }
        relative = curves.relative_drop(start, line) if better == "higher" else None
        if relative is not None:
            out[f"{primary}_relative_drop"] = relative
        flips = [c[FLIP_RATE] for c in cells.values() if FLIP_RATE in c]
        return out | ({FLIP_RATE: mean(flips)} if flips else {})

    @property
    def _modalities(self) -> list[str]:
        return [name.removeprefix("embedding_") for name in self.asked.fields]

    def _classes(self, chosen: Arrays, keys: NDArray[np.uint64]) -> Measured:
        if "probabilities" in chosen:
            answers = from_probabilities(chosen["label"], chosen["probabilities"])
            return classification(answers, keys, self.replicates)
        answers = from_predictions(chosen["label"], chosen["prediction"], len(self.asked.classes))
        measured = classification(answers, keys, self.replicates)
        for metric, column in (("nll", "loss"), ("brier", "brier")):
            values = chosen[column]
            measured[metric] = replicated_mean(values, keys, self.replicates, BOUNDS[metric])
        return measured


def shared_modalities(asked: Task, frame: Frame, clean: Arrays) -> frozenset[str]:
    """Modalities whose clean embeddings are equal within every group: one picture, many texts."""
    if asked.kind != "embedding" or not frame.grouped:
        return frozenset()
    _, first, group = np.unique(frame.groups, return_index=True, return_inverse=True)
    return frozenset(
        name.removeprefix("embedding_")
        for name, x in clean.items()
        if np.allclose(x, x[first[group]], atol=1e-6)
    )
