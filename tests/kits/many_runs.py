"""Many simulated test sets as the slices of one run: audited once, and gated slice by slice."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from mmaudit.audits.robustness import summary
from mmaudit.audits.robustness.answers import Classes, Numbers
from mmaudit.audits.robustness.audit import Row
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.options import VIEWS
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.store import write

PART = "image/fog"
MADE = Provenance(audit="robustness", seed=0, digests={"manifest": "a" * 64, "model": "b" * 64})


def condition(severity):
    """What is done at a severity; nothing at 0."""
    if not severity:
        return Condition(name="clean", present=("image",))
    return Condition(
        name=f"{PART}:{severity}@image",
        modality="image",
        corruption=PART,
        severity=severity,
        present=("image",),
    )


def run(folder, scores, labels, groups=None, *, keep=True, replicates=8):
    """Audit answers that are there, as the command does, and write what it writes.

    Args:
        folder: Where the run goes.
        scores: Answers by severity (0 is clean): probabilities ``(test set, sample, class)``, or
            numbers ``(test set, sample)``.
        labels: Classes or numbers, ``(test set, sample)``.
        groups: Number of each sample's group, ``(test set, sample)``.
        keep: Whether the answers are kept.
        replicates: Bootstrap draws; few, where no interval is made of them.
    """
    first = next(iter(scores.values()))
    classes = tuple(f"c{k}" for k in range(first.shape[2])) if first.ndim > 2 else ()
    task = Classes(classes, tuple(range(len(classes)))) if classes else Numbers()
    conditions = [condition(severity) for severity in scores]
    tables = [table(task, conditions[i], s, labels, groups) for i, s in enumerate(scores.values())]

    def read(names, group, *_):
        yield tables[group] if names is None else tables[group].select(names)

    outcome = summary.summarise(Row, conditions, task, read, 0, replicates)
    path = Path(folder) / "robustness"
    write(to_table(outcome.rows, Row, MADE, outcome.metrics, VIEWS), path / "summary.parquet")
    if keep:
        plain = [
            t.drop_columns([c for c in t.column_names if c == "probabilities"]) for t in tables
        ]
        whole = pa.concat_tables(sorted(plain, key=lambda t: t["condition"][0].as_py()))
        write(whole.replace_schema_metadata(MADE.metadata()), path / "samples" / "000000.parquet")
    return Path(folder)


def table(task, one, scores, labels, groups):
    """The answers to one condition, as the audit keeps them; test sets are slices."""
    sets, n = labels.shape
    ids = [f"{i:07d}" for i in range(sets * n)]
    number = np.repeat(np.arange(sets), n)
    columns = {
        "id": pa.array(ids),
        "condition": pa.array([one.name] * (sets * n)),
        **task.columns(scores.reshape(sets * n, -1), labels.reshape(-1), ids),
        "dose": pa.array(np.full(sets * n, float(bool(one.severity)))),
        "touched": pa.array(np.full(sets * n, bool(one.severity))),
        "slice:set": pa.array([f"{i:05d}" for i in number]),
    }
    if groups is not None:
        names = [f"{s}-{g}" for s, g in zip(number, groups.reshape(-1), strict=True)]
        columns["group"] = pa.array(names)
    return pa.table(columns)


def verdicts(folder, metric, sets, *, baseline=None, **limit):
    """Outcome of a gate on each test set, and the estimate it was about."""
    name = metric if "{" in metric else f"{metric}{{condition={condition(3).name}}}"
    checks = [
        {"id": str(i), "metric": f"robustness.{name}", "slice": f"set={i:05d}"} | limit
        for i in range(sets)
    ]
    made = judge(folder, config.build({"check": checks}, "gate.toml"), baseline=baseline)
    cells = [result.cells[0] for result in made.results]
    assert all(cell.estimate is not None for cell in cells), cells[0].reason
    return np.array([cell.outcome for cell in cells]), [cell.estimate for cell in cells]


def right(shape_or_mask, sure=0.9):
    """Probabilities of a model of two classes whose truth is class 0."""
    correct = np.asarray(shape_or_mask, bool)
    p = np.where(correct, sure, 1 - sure)
    return np.stack([p, 1 - p], axis=-1)
