"""What inspect costs beside decoding alone: CPU time a picture of 224 pixels with its caption.

    PYTHONPATH=. OMP_NUM_THREADS=1 python tests/benchmarks/bench_inspect.py DATASET IMAGE [COUNT]

DATASET is a manifest, IMAGE its modality of pictures. One core, one process, best of three: the
pictures decoded; all values with their digests; with the checks; with the fingerprints too.
"""

import sys
import time

import numpy as np

from mmaudit.audits.inspect.modality_checks import checks_of, fingerprints, learnt
from mmaudit.audits.inspect.options import Options
from mmaudit.audits.inspect.unit import Inspection
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column

TRIES = 3
MEMORY = 2**31


def seconds(work):
    """The least CPU time of some tries."""
    times = []
    for _ in range(TRIES):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main(manifest, image, count):
    whole = data.open(manifest)
    rows = np.linspace(0, len(whole) - 1, min(count, len(whole))).astype(np.int64)
    dataset = Dataset(whole.manifest, np.unique(rows))
    every = range(len(dataset))
    checks, _ = learnt(checks_of(Options(), dataset), dataset, 0, MEMORY)
    prints = fingerprints(dataset, near=True, seed=0, memory=MEMORY)

    def decode():
        column(dataset.read(every).column(image), dataset.kinds[image], dataset.shape(image))

    steps = {
        "decoding": decode,
        "values and digests": lambda: Inspection(dataset, (), {}, MEMORY, False)(every),
        "and checks": lambda: Inspection(dataset, checks, {}, MEMORY, False)(every),
        "and fingerprints": lambda: Inspection(dataset, checks, prints, MEMORY, False)(every),
    }
    Inspection(dataset, checks, prints, MEMORY, False)(range(2))  # kernels are compiled
    print(f"{len(dataset)} samples, {len(checks)} checks")
    print("| what | CPU ms a sample | over decoding |\n|---|---|---|")
    base = seconds(decode)
    for name, work in steps.items():
        took = base if name == "decoding" else seconds(work)
        print(f"| {name} | {1e3 * took / len(dataset):.3f} | {took / base:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1000)
