"""What a task of a Ray cluster costs, and how well two of its workers are used.

    python tests/benchmarks/bench_ray.py

In turn on one machine: empty units, of which only the cost of a task remains, and units that keep
one core busy for a second, by two processes of the local engine and by two workers of Ray. Both
are started and warmed up before the clock starts; the medians of the rounds are compared.
"""

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from mmaudit.engines.base import cut
from mmaudit.engines.declaration import Place, here, opened

ROUNDS, EMPTY, BUSY = 3, 300, 16


@dataclass(frozen=True)
class Busy:
    """Work that takes some seconds of a core for each unit."""

    seconds: float
    processes: bool = True

    def __call__(self, rows):
        end = time.process_time() + self.seconds
        while time.process_time() < end:
            pass
        return pa.table({"row": list(rows)})

    def row_group(self, table):
        return 1


def took(runner, seconds, units):
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        runner.run(Busy(seconds), cut(units, 1), Path(folder), report=lambda *_: None)
        return time.perf_counter() - began


def main():
    began = time.perf_counter()
    with opened(Place(engine="ray", workers=2)) as ray:
        print(f"started in {time.perf_counter() - began:.1f} s")
        took(ray, 0.01, 8)
        local, one = here(2), here(1)
        times = {name: [] for name in ("one empty", "ray empty", "local busy", "ray busy")}
        for _ in range(int(sys.argv[1]) if sys.argv[1:] else ROUNDS):
            times["one empty"].append(took(one, 0, EMPTY))
            times["ray empty"].append(took(ray, 0, EMPTY))
            times["local busy"].append(took(local, 1, BUSY))
            times["ray busy"].append(took(ray, 1, BUSY))
    middle = {name: statistics.median(some) for name, some in times.items()}
    for name, some in times.items():
        print(f"{name:10} {middle[name]:6.2f} s  ({', '.join(f'{t:.2f}' for t in some)})")
    print(f"an empty unit here: {middle['one empty'] / EMPTY * 1e3:.1f} ms")
    print(f"an empty unit as a task: {middle['ray empty'] / EMPTY * 1e3:.1f} ms, two at a time")
    print(f"ray beside local, two workers: {middle['local busy'] / middle['ray busy']:.2f}")


if __name__ == "__main__":
    main()
