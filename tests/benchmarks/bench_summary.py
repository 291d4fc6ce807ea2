"""What the intervals of a sweep cost: the summary of many conditions, by the CPU time of one core.

    PYTHONPATH=.:tests/kits OMP_NUM_THREADS=1 python tests/benchmarks/bench_summary.py [--corruptions 40]

Ten classes, five severities of each corruption, 1,000 draws. Beside it the same with percentiles
of the draws in the place of every interval, and weights drawn anew for each statistic, as before.
"""

import argparse
import time

import numpy as np

import many_runs
from mmaudit.audits.robustness import summary
from mmaudit.audits.robustness.answers import Classes
from mmaudit.audits.robustness.audit import Row
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.measures.intervals import bootstrap
from mmaudit.measures.intervals.replicates import Replicates

CLASSES = 10


def conditions(corruptions):
    """The clean condition and every severity of so many corruptions."""
    return [
        many_runs.condition(0),
        *(
            Condition(
                name=f"image/part{part}:{severity}@image",
                modality="image",
                corruption=f"image/part{part}",
                severity=severity,
                present=("image",),
            )
            for part in range(corruptions)
            for severity in range(1, 6)
        ),
    ]


def answers(task, some, samples):
    """A table of answers to each condition."""
    rng = np.random.default_rng(0)
    labels, shown = rng.integers(0, CLASSES, (1, samples)), rng.normal(size=(samples, CLASSES))
    for one in some:
        logits = shown + rng.normal(0, 0.5, shown.shape)
        logits[np.arange(samples), labels[0]] += 3.5 - 0.4 * (one.severity or 0)
        p = np.exp(logits)
        p /= p.sum(axis=1, keepdims=True)
        table = many_runs.table(task, one, p[None].astype(np.float32), labels, None)
        yield table.drop_columns(["slice:set"])


def seconds(task, some, tables):
    """CPU time of one summary."""

    def read(names, group, *_):
        yield tables[group] if names is None else tables[group].select(names)

    start = time.process_time()
    summary.summarise(Row, some, task, read, 0, 1000)
    return time.process_time() - start


def as_before():
    """Percentiles of the draws alone, and nothing kept from one statistic to the next."""
    ends = Replicates._ends

    def percentiles(self, level):
        object.__setattr__(self, "evidence", None)
        return ends(self, level)

    Replicates._ends, bootstrap.KEPT = percentiles, 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--corruptions", type=int, default=4)
    parser.add_argument("--samples", type=int, default=10_000)
    asked = parser.parse_args()
    task = Classes(tuple(f"c{k}" for k in range(CLASSES)), tuple(range(CLASSES)))
    some = conditions(asked.corruptions)
    tables = list(answers(task, some, asked.samples))
    seconds(task, some[:2], tables)  # compiles
    ours = seconds(task, some, tables)
    as_before()
    print(
        f"| {len(some) - 1} | {asked.samples:,} | {ours:.1f} | {seconds(task, some, tables):.1f} |"
    )
