"""Small run directories, made of the same rows and tables that audits write."""

import contextlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from mmaudit.audits.declaration import declaration
from mmaudit.audits.noisy_pairs.metrics import meanings as pair_meanings
from mmaudit.audits.robustness.metrics import declared, meanings
from mmaudit.rows import Estimate, column
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.store import write


@dataclass(frozen=True, slots=True)
class Row:
    condition: str = column("What was done")
    modality: str = column("Modality that was touched")
    corruption: str = column("Corruption that was applied")
    severity: int | None = column("Severity, 1 to 5")
    present: str = column("Modalities present")
    slice: str = column("Slice of the data")
    metric: str = column("What was measured")
    estimate: Estimate = column("The measured number")


@dataclass(frozen=True, slots=True)
class Plain:
    slice: str = column("Slice of the data")
    metric: str = column("What was measured")
    estimate: Estimate = column("The measured number")


MADE = Provenance(
    audit="robustness",
    options={"severities": [1, 3, 5], "absent": "zeros", "batch_size": 64},
    seed=7,
    versions={"mmaudit": "0.1.0", "image/motion_blur": "1", "text/keyboard": "1"},
    digests={"manifest": "a" * 64, "model": "b" * 64},
    headline="Accuracy falls from 0.90 to 0.61 under the worst corruption, image/motion_blur.",
    notes=("2 samples were skipped.",),
)
CLEAN = 0.9
DAMAGE = {"image/motion_blur": ("image", 0.06), "text/keyboard": ("text", 0.02)}


def wide(value, half, n=1000):
    return Estimate(value, value - half, value + half, n)


def row(metric, estimate, condition="clean", corruption="", severity=None, slice="all"):
    modality = corruption.split("/")[0]
    return Row(condition, modality, corruption, severity, "image,text", slice, metric, estimate)


def robustness_rows(severities=(1, 3, 5), n=1000, half=0.02):
    for part in ("all", "digit=7"):
        yield row("accuracy", wide(CLEAN, half, n), slice=part)
        yield row("nll", wide(0.3, half, n), slice=part)
    yield row("ece", wide(0.03, half, n))
    for corruption, (modality, step) in DAMAGE.items():
        for s in severities:
            name = f"{corruption}:{s}@{modality}"
            for part in ("all", "digit=7"):
                at = {"condition": name, "corruption": corruption, "severity": s, "slice": part}
                yield row("accuracy", wide(CLEAN - step * s, half, n), **at)
                yield row("accuracy_drop", wide(step * s, half / 2, n), **at)
                yield row("nll", wide(0.3 + step * s, half, n), **at)
                yield row("nll_rise", wide(step * s, half / 2, n), **at)
            yield row("flip_rate", wide(step * s * 1.2, half / 2, n), name, corruption, s)
            yield row("ece", wide(0.03 + step * s / 4, half, n), name, corruption, s)
        derived = f"{corruption}@{modality}"
        mean = CLEAN - step * 3
        yield row("accuracy_area_under_curve", wide(mean, half, n), derived, corruption)
        yield row("accuracy_relative_drop", wide(step * 3 / CLEAN, half, n), derived, corruption)
        yield row(
            "accuracy_worst", wide(CLEAN - step * severities[-1], half, n), derived, corruption
        )
        yield row(
            "accuracy_monotonicity_violations", Estimate(0.0, 0.0, 0.01, n), derived, corruption
        )


def missing_rows(n=1000):
    for present, accuracy in (("image", 0.7), ("text", 0.55), ("", 0.1)):
        name = f"present:{present or 'none'}"
        gone = ",".join(m for m in ("image", "text") if m not in present.split(","))
        drop = wide(CLEAN - accuracy, 0.02, n)
        for metric, told in (("accuracy", wide(accuracy, 0.03, n)), ("accuracy_drop", drop)):
            yield Row(name, gone, "missing/subset", None, present, "all", metric, told)


def of_sweep(rows):
    """What the metrics of a sweep mean, of whichever task; of others nothing is said."""
    metrics = {**declared("class"), **declared("number"), **declared("embedding")}
    known = {}
    for metric in dict.fromkeys(r.metric for r in rows):
        with contextlib.suppress(KeyError):
            known |= meanings([metric], metrics)
    return known


def make(folder, *, rows=None, made=MADE, missing=True, run=True, samples=0, **options):
    """A run directory with a robustness sweep; returns its path."""
    folder = Path(folder)
    n = {"n": samples} if samples else {}
    listed = list(robustness_rows(**{**n, **options}) if rows is None else rows)
    if rows is None and missing:
        listed += list(missing_rows(**n))
    if samples:
        listed = [agreeing(r, samples, listed) for r in listed]
    write(
        to_table(listed, Row, made, of_sweep(listed), declaration("robustness").views),
        folder / "robustness" / "summary.parquet",
    )
    if samples:
        write_samples(folder, samples, listed, made)
    if run:
        told = {
            "schema": 1,
            "audits": {
                "robustness": {"wall_seconds": 12.5, "samples": 1000, "workers": 2, "says": []}
            },
        }
        (folder / "run.json").write_text(json.dumps(told))
    return folder


def noisy(folder, rate=0.1):
    """A noisy-pairs audit beside it."""
    made = Provenance(audit="noisy_pairs", headline=f"About {rate:.0%} of the pairs mismatch.")
    rows = [
        Plain("all", "noise_rate", wide(rate, 0.02)),
        Plain("all", "flagged_rate", wide(rate * 0.9, 0.01)),
    ]
    write(
        to_table(
            rows,
            Plain,
            made,
            pair_meanings(r.metric for r in rows),
            declaration("noisy_pairs").views,
        ),
        Path(folder) / "noisy_pairs" / "summary.parquet",
    )
    return Path(folder)


def accuracies(rows):
    """The accuracy that the answers are to have under each condition."""
    return {
        r.condition: r.estimate.value for r in rows if r.metric == "accuracy" and r.slice == "all"
    }


def lucks(n):
    """How hard each sample is, evenly spread over 0 to 1."""
    return np.random.default_rng(0).permutation((np.arange(n) + 0.5) / n)


def truths(luck, accuracy):
    """The probability of the truth of each sample at an accuracy."""
    return np.clip(0.5 + (accuracy - luck) / 2, 0.01, 0.99)


def agreeing(r, n, rows):
    """A row with the number that the answers of n samples give, as wide as it was."""
    conditions = accuracies(rows)
    if r.slice != "all" or r.condition not in conditions:
        return r
    at, clean, luck = conditions[r.condition], conditions.get("clean", CLEAN), lucks(n)
    losses = [-np.log(truths(luck, a).astype(np.float32)) for a in (at, clean)]
    right = [luck < a for a in (at, clean)]
    values = {
        "accuracy": right[0],
        "accuracy_drop": right[1].astype(float) - right[0],
        "flip_rate": right[0] != right[1],
        "nll": losses[0],
        "nll_rise": losses[0] - losses[1],
    }
    if r.metric not in values:
        return r
    value = float(np.mean(values[r.metric], dtype=np.float64))
    low, high = (value + end - r.estimate.value for end in (r.estimate.low, r.estimate.high))
    return replace(r, estimate=Estimate(value, low, high, n))


def write_samples(folder, n, rows, made=MADE, parts=2, names=None):
    """Answers of each sample under each condition, whose accuracy is the summary's."""
    conditions, luck = accuracies(rows), lucks(n)
    label = np.random.default_rng(1).integers(0, 4, n)
    fields = [
        pa.field(name, kind, metadata={"help": told})
        for name, kind, told in (
            ("id", pa.string(), "Sample"),
            ("condition", pa.string(), "What was done"),
            ("prediction", pa.string(), "Answer"),
            ("p_true", pa.float32(), "Probability of the truth"),
            ("confidence", pa.float32(), "How sure the answer is"),
            ("correct", pa.bool_(), "Whether the answer is right"),
            ("loss", pa.float32(), "Loss"),
            ("dose", pa.float32(), "What was done, measured"),
            ("label", pa.string(), "Truth"),
            ("group", pa.string(), "Group"),
        )
    ]
    schema = pa.schema(fields, metadata=made.metadata())
    for part in range(parts):
        rows_of_part = np.arange(n)[part * n // parts : (part + 1) * n // parts]
        tables = []
        for name, accuracy in sorted(conditions.items()):
            correct = luck[rows_of_part] < accuracy
            p_true = truths(luck[rows_of_part], accuracy)
            wrong = np.where(correct, label[rows_of_part], (label[rows_of_part] + 1) % 4)
            columns = [
                [names[i] if names else f"s{i:06d}" for i in rows_of_part],
                [name] * len(rows_of_part),
                [f"class {i}" for i in wrong],
                p_true.astype(np.float32),
                np.maximum(p_true, 1 - p_true).astype(np.float32),
                correct,
                -np.log(p_true).astype(np.float32),
                np.zeros(len(rows_of_part), np.float32),
                [names[i] if names else f"class {i}" for i in label[rows_of_part]],
                [None] * len(rows_of_part),
            ]
            tables.append(
                pa.table(
                    [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)],
                    schema=schema,
                )
            )
        write(pa.concat_tables(tables), folder / "robustness" / "samples" / f"{part:05d}.parquet")
