"""Masks, wrong pairs and dropped entries beside the loops of the literature: CPU time on one core.

Everything runs in one process, one side after the other, and the thread's CPU time is taken. The
peers' algorithms are restated here as they are published: one coin for each entry (MultiBench),
and masks by rejection until the rate is near enough (CPM-Nets). pyampute is timed where it is
installed; it is no dependency of mmaudit.

    OMP_NUM_THREADS=1 python tests/benchmarks/bench_plans.py [--rows 1000000]

Tables: (1) plans for a million samples of three modalities, with the hashing of the ids apart;
(2) the cell rate of CPM-Nets; (3) dropped entries of series and vectors.
"""

import argparse
import importlib.util
import time
import warnings

import numpy as np

from mmaudit import parts, seeds
from mmaudit.corruptions.base import Rows
from mmaudit.injection.assignment import make_plan
from mmaudit.seeds import words


def cpu(function, rounds=3):
    """Least CPU seconds of a call on this thread, after a call that does not count."""
    function()
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        function()
        times.append(time.thread_time() - start)
    return min(times)


def make_rows(n, modalities=3):
    rng = np.random.default_rng(0)
    return Rows(
        ids=[f"sample-{i}" for i in range(n)],
        modalities=tuple(f"m{i}" for i in range(modalities)),
        present=np.ones((n, modalities), bool),
        labels=rng.integers(0, 10, n),
        classes=10,
        groups=np.array([f"site {i % 1000}" for i in range(n)], object),
        scores={f"m{i}": rng.normal(size=n) for i in range(modalities)},
    )


def plans(n):
    rows = make_rows(n)
    masks = ["mcar", "mcar_modality", "random_rate", "mar", "mnar", "monotone"]
    masks += ["block", "patterns", "brats15", "mmp", "psp", "severe"]
    names = [f"missing/{name}" for name in masks]
    names += ["pairing/shuffle", "label/symmetric"]
    hashing = cpu(lambda: seeds.digests(0, "a purpose", rows.ids), 1)
    print(f"\n{n:,} samples of 3 modalities; hashing the ids once takes {hashing:.2f} s of CPU\n")
    print("| plan | CPU s in all | without hashing | rate asked | realised |")
    print("|---|---|---|---|---|")
    for name in names:
        hashes = 2 if name == "label/symmetric" else 1
        whole = cpu(lambda name=name: make_plan(rows, plan=name, severity=2, seed=0), 2)
        made = make_plan(rows, plan=name, severity=2, seed=0)
        plan = parts.load("corruptions", name).PLAN
        clean = {"mask": False, "donors": np.arange(n), "labels": rows.labels}[plan.makes]
        asked = plan.at(2)[0]
        rest = whole - hashes * hashing
        print(f"| {name} | {whole:.2f} | {rest:.2f} | {asked:g} | {(made != clean).mean():.6f} |")


def masks_only(n):
    """The bar: masks of a million samples, ids hashed already."""
    keys = seeds.digests(0, "a purpose", [f"sample-{i}" for i in range(n)])
    from mmaudit.corruptions.entry_selection import smallest

    def mask():
        wide = seeds.permanent(keys, 4)
        spare = (wide[:, 3] >> np.uint64(32)).astype(np.int64) * 3 >> 32
        free = np.ones((n, 3), bool)
        free[np.arange(n), spare] = False
        out = np.zeros((n, 3), bool)
        out[free] = smallest(wide[:, :3][free], round(0.3 * 3 * n))
        return out

    print(f"\nmask of {n:,} x 3 from hashed ids: {cpu(mask):.3f} s of CPU, {mask().sum():,} cells")


def rejection(n, views, rate, rng):
    """CPM-Nets: draw masks until the rate is within 0.005, with whole percents as thresholds."""
    tries = 0
    one = np.eye(views, dtype=int)[rng.integers(0, views, n)]
    while True:
        tries += 1
        ask = n * views * (1 - rate) - n
        drawn = (rng.integers(0, 100, (n, views)) < int(ask / (n * views) * 100)).astype(int)
        both = (drawn + one > 1).sum()
        ask = np.int64(ask / (1 - both / ask)) if ask else 0
        drawn = (rng.integers(0, 100, (n, views)) < int(ask / (n * views) * 100)).astype(int)
        kept = ((drawn + one) > 0).astype(int)
        if abs(kept.sum() / (n * views) - (1 - rate)) < 0.005 or tries == 3000:
            return kept, tries


def cell_rate():
    print(
        "\n| N, V, rate | CPM-Nets s (tries) | realised | mmaudit s with hashing | realised | ratio |"
    )
    print("|---|---|---|---|---|---|")
    for n, views, rate in ((2_000, 3, 0.3), (20_000, 3, 0.3), (20_000, 3, 0.1), (20_000, 6, 0.5)):
        rows, rng = make_rows(n, views), np.random.default_rng(0)
        start = time.thread_time()
        kept, tries = rejection(n, views, rate, rng)
        theirs = time.thread_time() - start
        part = parts.load("corruptions", "missing/mcar")
        ours = cpu(lambda: part.mask(rows, part.Severity(rate), 0))
        mine = part.mask(rows, part.Severity(rate), 0).mean()
        print(
            f"| {n:,}, {views}, {rate} | {theirs:.3f} ({tries}) | {1 - kept.mean():.4f} | "
            f"{ours:.3f} | {mine:.6f} | {theirs / ours:.1f} |"
        )


def coin_for_each(data, rate, rng):
    """MultiBench: one coin for each entry, and a new array for each zero, in Python."""
    for sample in data:
        for step in sample:
            for feature in range(len(step)):
                if rng.random() < rate:
                    step[feature] = np.zeros((1,))[0]


def dropped():
    rng = np.random.default_rng(0)
    series = rng.normal(size=(64, 50, 300)).astype(np.float32)
    table = rng.normal(size=(2000, 1, 100)).astype(np.float32)
    print("\n| what | shape | one coin each, ms | mmaudit, ms | ratio |")
    print("|---|---|---|---|---|")
    for name, data in (("series/random_drop", series), ("vector/dropout", table)):
        start = time.thread_time()
        coin_for_each(data.copy(), 0.3, rng)
        theirs = time.thread_time() - start
        part = parts.load("corruptions", name).CORRUPTION
        values = [x[0] if name.startswith("vector") else x for x in data]
        keys = [words(0, name, str(i)) for i in range(len(values))]

        def run(part=part, values=values, keys=keys):
            return [part.apply(x, part.at(3), k) for x, k in zip(values, keys, strict=True)]

        ours = cpu(run)
        shape = " x ".join(map(str, data.shape))
        print(f"| {name} | {shape} | {theirs * 1e3:.1f} | {ours * 1e3:.2f} | {theirs / ours:.0f} |")


def pyampute(n):
    if importlib.util.find_spec("pyampute") is None:
        print("\npyampute is not installed")
        return
    from pyampute.ampute import MultivariateAmputation

    x = np.random.default_rng(0).normal(size=(n, 3))
    rows = make_rows(n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = cpu(lambda: MultivariateAmputation(prop=0.3, seed=0).fit_transform(x), 1)
        made = (
            np.isnan(MultivariateAmputation(prop=0.3, seed=0).fit_transform(x)).any(axis=1).mean()
        )
    ours = cpu(lambda: make_plan(rows, plan="missing/mar", severity=3, seed=0))
    print(f"\npyampute {n:,} x 3: {theirs:.3f} s, rows {made:.4f} of 0.3; missing/mar {ours:.3f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    masks_only(asked.rows)
    plans(asked.rows)
    cell_rate()
    dropped()
    pyampute(100_000)
