"""How well a thousand workers are used: a simulation of the engine's rule over measured units.

    PYTHONPATH=.:tests/kits OMP_NUM_THREADS=1 python tests/benchmarks/study_cluster.py

The rule is that of `mmaudit/engines/ray.py`: units in their order, each to the next free worker, a
bounded number on the way; one that is lost is begun again by the next free worker. How long units
take is measured here, by a real sweep, and drawn from with replacement, scaled to a mean length.

What goes wrong is put in: of the workers some are slow all the time, of the units some take far
longer than others of their size, and of the units one in a hundred takes its process with it, at a
moment that is uniform over its length; another one is there after a while, and loads its model
anew. The driver hands units out one after the other and takes a moment for each.

Efficiency: the seconds that all units need where nothing goes wrong, over the seconds of all
workers from the first moment to the end of the last unit; the model's loading counts as lost.
"""

import heapq
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import mmaudit as mm
from mmaudit.engines.base import ROWS, cut

WORKERS = 1_000
LENGTHS = (2.0, 10.0, 60.0)  # mean seconds of a unit
PER_WORKER = (5, 10, 20, 50, 100)
ROUNDS = 5


@dataclass(frozen=True)
class Cluster:
    """What workers and driver are like.

    Attributes:
        workers: How many there are.
        load: Seconds until a worker that starts has its model.
        back: Seconds until one that was lost starts again.
        driver: Seconds that the driver takes to hand out a unit.
        slow: Share of workers that take `slower` times as long.
        straggling: Share of units that take `longer` times as long as they should.
        fail: Share of units whose worker is lost, each time that one is tried.
    """

    workers: int = WORKERS
    load: float = 10.0
    back: float = 5.0
    driver: float = 0.002
    slow: float = 0.02
    slower: float = 2.0
    straggling: float = 0.01
    longer: float = 3.0
    fail: float = 0.01


def makespan(seconds, cluster, rng):
    """Seconds until the last of the units is there."""
    pace = np.where(rng.random(cluster.workers) < cluster.slow, cluster.slower, 1.0)
    length = seconds * np.where(rng.random(seconds.size) < cluster.straggling, cluster.longer, 1.0)
    free = [(cluster.load, worker) for worker in range(cluster.workers)]
    heapq.heapify(free)
    todo = [(0.0, unit) for unit in range(seconds.size)]  # from when on it may begin, and which
    heapq.heapify(todo)
    driver = end = 0.0
    while todo:
        since, worker = heapq.heappop(free)
        may, unit = heapq.heappop(todo)
        driver = max(driver, since, may) + cluster.driver
        takes = length[unit] * pace[worker]
        if rng.random() < cluster.fail:
            lost = driver + takes * rng.random()
            heapq.heappush(todo, (lost, unit))
            heapq.heappush(free, (lost + cluster.back + cluster.load, worker))
        else:
            end = max(end, driver + takes)
            heapq.heappush(free, (driver + takes, worker))
    return end


class Forest:
    """A model that takes some milliseconds a sample, some samples more than others."""

    modalities, classes = ("a", "b"), ("no", "yes")
    output, accepts_missing = "probabilities", True

    def scores(self, batch, present):
        x = np.concatenate([np.asarray(batch[m]) * present[m][:, None] for m in "ab"], axis=1)
        for _ in range(4):
            x = np.tanh(x @ np.ones((x.shape[1], x.shape[1]), np.float32) / x.shape[1] + x)
        p = 1 / (1 + np.exp(-x.sum(axis=1)))
        return np.stack([1 - p, p], axis=1).astype(np.float32)


MANIFEST = """schema = 1
name = "units"
[source]
path = "rows.parquet"
id = "id"
[target]
column = "label"
kind = "class"
[modality.a]
kind = "vector"
column = "a"
[modality.b]
kind = "vector"
column = "b"
"""


def measured(units=40):
    """Seconds of the units of a real sweep, one after the other."""
    n = units * ROWS
    with tempfile.TemporaryDirectory() as folder:
        place, rng = Path(folder), np.random.default_rng(0)
        labels = rng.integers(0, 2, n)
        rows = {"id": [f"s{i}" for i in range(n)], "label": np.array(["no", "yes"])[labels]}
        rows |= {m: list(rng.normal(size=(n, 32)).astype(np.float32)) for m in "ab"}
        parquet.write_table(pa.table(rows), place / "rows.parquet")
        (place / "dataset.toml").write_text(MANIFEST)
        mm.robustness(
            place / "dataset.toml", Forest(), corruptions=("vector/*",), severities=(1,),
            out=place / "run", replicates=10, quiet=True,
        )  # fmt: skip
        files = [place / "run" / "robustness" / "samples" / unit.file for unit in cut(n)]
        ends = np.array([file.stat().st_mtime for file in files])
    return np.diff(ends)


def main():
    started = time.monotonic()
    units = measured()
    print(f"{units.size} units measured in {time.monotonic() - started:.0f} s: mean "
          f"{units.mean():.3f} s, sd {units.std() / units.mean():.3f} of it, longest "
          f"{units.max() / units.mean():.2f} of it\n")  # fmt: skip
    print(f"{WORKERS:,} workers; efficiency, mean of {ROUNDS} and the lowest\n")
    print("| units a worker | " + " | ".join(f"units of {s:g} s" for s in LENGTHS) + " |")
    print("|---" * (len(LENGTHS) + 1) + "|")
    for each in PER_WORKER:
        cells = []
        for length in LENGTHS:
            shares = []
            for r in range(ROUNDS):
                rng = np.random.default_rng([each, int(length), r])
                seconds = rng.choice(units, each * WORKERS) * (length / units.mean())
                took = makespan(seconds, Cluster(), rng)
                shares.append(seconds.sum() / (WORKERS * took))
            cells.append(f"{np.mean(shares):.3f} ({min(shares):.3f})")
        print(f"| {each} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
