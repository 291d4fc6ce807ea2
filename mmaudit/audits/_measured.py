"""What is measured on one condition and on one severity curve, for each kind of task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mmaudit.audits._answers import Task
from mmaudit.measures import robustness as curves
from mmaudit.measures.answers import from_predictions, from_probabilities
from mmaudit.measures.bootstrap import SHARE, Replicates, mean, replicated_mean
from mmaudit.measures.classification import BETTER as CLASS_BETTER
from mmaudit.measures.classification import BOUNDS, classification
from mmaudit.measures.regression import BETTER as NUMBER_BETTER
from mmaudit.measures.regression import regression
from mmaudit.measures.retrieval import better as retrieval_better
from mmaudit.measures.retrieval import retrieval

Measured = dict[str, Replicates]
FLIP_RATE = "flip_rate"


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the samples: all of them, or one value of a slice."""

    name: str
    mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Measures the answers of one task with one set of bootstrap weights.

    Attributes:
        asked: What the columns mean.
        keys: Key of each sample's bootstrap unit, ``(n,)``.
        replicates: Bootstrap replicates.
        shared: Modalities of which a group has one thing in several rows.
    """

    asked: Task
    keys: NDArray[np.uint64]
    replicates: int
    shared: frozenset[str] = frozenset()

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

    def measure(self, answers: pa.Table, part: Part) -> Measured:
        """Every metric of one condition on one part of the samples."""
        chosen, keys = answers.filter(pa.array(part.mask)), self.keys[part.mask]
        if self.asked.kind == "class":
            return self._classes(chosen, keys)
        if self.asked.kind == "number":
            truth, answer = (chosen[c].to_numpy() for c in ("label", "prediction"))
            return regression(truth, answer, keys, self.replicates)
        embeddings = {m: _matrix(chosen[f"embedding_{m}"]) for m in self._modalities[:2]}
        groups = chosen["group"] if "group" in chosen.column_names else chosen["id"]
        return retrieval(embeddings, groups.to_pylist(), keys, self.replicates, self.shared)

    def flips(self, clean: pa.Table, answers: pa.Table, part: Part) -> Measured:
        """Share of answers that are others than on clean data; needs no labels."""
        if self.asked.kind != "class":
            return {}
        changed = pc.not_equal(clean["prediction"], answers["prediction"]).to_numpy()
        keys = self.keys[part.mask]
        return {FLIP_RATE: replicated_mean(changed[part.mask], keys, self.replicates, SHARE)}

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
        return [f.name.removeprefix("embedding_") for f in self.asked.fields]

    def _classes(self, chosen: pa.Table, keys: NDArray[np.uint64]) -> Measured:
        classes = self.asked.classes
        labels = _indices(chosen["label"], classes)
        if "probabilities" in chosen.column_names:
            told = chosen["probabilities"].combine_chunks().flatten().to_numpy()
            answers = from_probabilities(labels, told.reshape(len(labels), -1))
            return classification(answers, keys, self.replicates)
        predicted = _indices(chosen["prediction"], classes)
        answers = from_predictions(labels, predicted, len(classes))
        measured = classification(answers, keys, self.replicates)
        for metric, column in (("nll", "loss"), ("brier", "brier")):
            values = chosen[column].to_numpy()
            measured[metric] = replicated_mean(values, keys, self.replicates, BOUNDS[metric])
        return measured


def shared_modalities(asked: Task, clean: pa.Table) -> frozenset[str]:
    """Modalities whose clean embeddings are equal within every group: one picture, many texts."""
    if asked.kind != "embedding" or "group" not in clean.column_names:
        return frozenset()
    _, first, group = np.unique(
        np.array(clean["group"].to_pylist(), str), return_index=True, return_inverse=True
    )
    modalities = [f.name.removeprefix("embedding_") for f in asked.fields]
    rows = {m: _matrix(clean[f"embedding_{m}"]) for m in modalities}
    return frozenset(m for m, x in rows.items() if np.allclose(x, x[first[group]], atol=1e-6))


def parts(clean: pa.Table) -> Sequence[Part]:
    """All samples, then every value of every slice."""
    found = [Part("all", np.ones(clean.num_rows, bool))]
    for column in clean.column_names:
        if column.startswith("slice:"):
            values = np.array([str(v) for v in clean[column].to_pylist()])
            name = column.removeprefix("slice:")
            found += [Part(f"{name}={v}", values == v) for v in sorted(set(values))]
    return found


def _indices(values: pa.ChunkedArray, classes: tuple[str, ...]) -> NDArray[np.int64]:
    return pc.index_in(values, pa.array(classes, pa.string())).to_numpy().astype(np.int64)


def _matrix(column: pa.ChunkedArray) -> NDArray[np.float32]:
    flat = column.combine_chunks().flatten().to_numpy()
    return flat.reshape(len(column), -1)
