"""What inspect costs beside decoding alone: CPU time a picture of 224 pixels with its caption.

    PYTHONPATH=. OMP_NUM_THREADS=1 python tests/benchmarks/bench_inspect.py DATASET IMAGE [COUNT]

DATASET is a manifest, IMAGE its modality of pictures. One core, one process: the pictures decoded;
all values with their digests; with the checks; with the fingerprints too. The four take turns over
pieces of 250 samples, and the best of five of each piece counts, so that a core that slows down
slows all of them.
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

TRIES, PIECE = 5, 250
MEMORY = 2**31


def seconds(steps, n):
    """The least CPU time of each step over some tries, ``(step,)``, summed over pieces of n."""
    total = np.zeros(len(steps))
    for start in range(0, n, PIECE):
        rows, times = range(start, min(start + PIECE, n)), np.full((TRIES, len(steps)), np.inf)
        for row in times:
            for k, work in enumerate(steps):
                begin = time.process_time()
                work(rows)
                row[k] = time.process_time() - begin
        total += times.min(axis=0)
    return total


def main(manifest, image, count):
    whole = data.open(manifest)
    rows = np.linspace(0, len(whole) - 1, min(count, len(whole))).astype(np.int64)
    dataset = Dataset(whole.manifest, np.unique(rows))
    checks, _ = learnt(checks_of(Options(), dataset), dataset, 0, MEMORY)
    prints = fingerprints(dataset, near=True, seed=0, memory=MEMORY)

    def decode(rows):
        column(dataset.read(rows).column(image), dataset.kinds[image], dataset.shape(image))

    steps = {
        "decoding": decode,
        "values and digests": Inspection(dataset, (), {}, MEMORY, False),
        "and checks": Inspection(dataset, checks, {}, MEMORY, False),
        "and fingerprints": Inspection(dataset, checks, prints, MEMORY, False),
    }
    steps["and fingerprints"](range(2))  # kernels are compiled
    print(f"{len(dataset)} samples, {len(checks)} checks")
    print("| what | CPU ms a sample | over decoding |\n|---|---|---|")
    spent = seconds(list(steps.values()), len(dataset))
    for name, took in zip(steps, spent, strict=True):
        print(f"| {name} | {1e3 * took / len(dataset):.3f} | {took / spent[0]:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1000)
