"""How often do gates err, do intervals cover, and how wide are they? Simulated, a line a number.

    PYTHONPATH=.:tests/kits python tests/benchmarks/study_gates.py [CELL ...] [--sets 2000]

Every cell makes that many test sets of a model whose true numbers are known and measures each as the
audit does. A gate whose limit is the truth passes or fails wrongly where the interval ends on one
side of it. Printed for each number: the share of sets whose lower and whose upper end is past the
truth, coverage, and the width over that of an oracle who knows the estimate's own spread (3.92
standard deviations): where that is 1, no interval of the same point that covers is narrower.
"""

import math

import numpy as np
import pyarrow as pa
from scipy import stats

import cells
import labelled
import many_games
import many_pairs
import other_games
import simulated
from mmaudit.audits.contributions import summary
from mmaudit.bounds import drops, means, shares

BATCH = 250  # sets of an audit at a time


def said(name, low, high, coverage, wide, sets="all"):
    """One line of the table."""
    ends = f"{low:.3f} | {high:.3f} | {coverage:.3f}"
    print(f"| {name} | {ends} | {wide:.2f} | {sets} |", flush=True)


def tell(cell, found, truth):
    """The lines of a simulated cell.

    Args:
        cell: Its name.
        found: Estimates of each number, one a test set.
        truth: The true numbers.
    """
    for name, estimates in found.items():
        t = truth[name]
        low, high, value = (
            np.array([getattr(e, side) for e in estimates]) for side in ("low", "high", "value")
        )
        low, high = low - 1e-9, high + 1e-9  # sums of constants are rounded
        covered = ((low <= t) & (t <= high)).mean()
        wide = np.median(high - low) / max(3.92 * value.std(), 1e-12)
        ends = (low > t).mean(), (high < t).mean()
        said(f"{cell}: {name}", *ends, covered, wide, len(estimates))


def share_cells(_):
    """Enumerated: accuracy, flips, recall."""
    for p, n in ((0.95, 76), (0.98, 190), (0.99, 380), (0.995, 800), (0.95, 300), (0.8, 100)):
        k = np.arange(n + 1)
        chance = stats.binom.pmf(k, n, p)
        ends = np.array([shares.ends(int(c), n) for c in k])
        low, high = (chance[bad].sum() for bad in (ends[:, 0] > p, ends[:, 1] < p))
        wide = chance @ (ends[:, 1] - ends[:, 0]) / (3.92 * math.sqrt(p * (1 - p) / n))
        said(f"share {p}, n {n}", low, high, 1 - low - high, wide)


def drop_cells(_):
    """Enumerated: a drop of shares, decided by the test and shown with the interval."""
    for d, won, n in ((0.01, 0, 380), (0.01, 0, 500), (0.02, 0, 300), (0, 0.02, 60)):
        most = stats.binom.ppf(1 - 1e-6, n, max(d + won, won))
        wins = range(int(stats.binom.ppf(1 - 1e-6, n, won)) + 1) if won else (0,)
        pairs = [(b, c) for b in range(int(most) + 1) for c in wins]
        rates = [d + won, won, 1 - d - 2 * won]
        chance = np.array([stats.multinomial.pmf([b, c, n - b - c], n, rates) for b, c in pairs])
        data = [drops.drop(b, c, n) for b, c in pairs]
        fail = np.array([means.p_above(x, d) <= means.TAIL for x in data])
        good = np.array([means.p_below(x, d) <= means.TAIL for x in data])
        ends = np.array([means.ends(x) for x in data])
        low, high = chance @ fail, chance @ good
        spread = math.sqrt((d + 2 * won - d * d) / n)
        wide = chance @ (ends[:, 1] - ends[:, 0]) / (3.92 * spread)
        said(f"drop {d}, won {won}, n {n}", low, high, 1 - low - high, wide)


def simulate(cell, sets, one, truth, n):
    """Measure test sets one by one."""
    rng, found = np.random.default_rng(1), {}
    for _ in range(sets):
        for name, estimate in one(rng, n).items():
            found.setdefault(name, []).append(estimate)
    tell(cell, found, truth)


def class_cells(sets):
    """Classes: even and calibrated; one in five and too sure; groups of five."""
    for name, n, made in (
        ("even, n 150", 150, simulated.classes(0.5, 2.5, 1.5)),
        ("1 of 5, too sure, n 300", 300, simulated.classes(0.2, 3.0, 2.0, 2.0)),
        ("groups of 5, n 500", 500, simulated.classes(0.5, 2.5, 1.5, members=5)),
    ):
        big = made(np.random.default_rng(0), 400_000, 2)
        simulate(name, sets, made, {m: e.value for m, e in big.items()}, n)


def crossed_cells(sets):
    """Damage crossed with absence: calibrated, too sure, near chance, and groups of five."""
    for name, n, cell in (
        ("crossed, n 150", 150, (1.5, 0.4, 0.0)),
        ("crossed, n 1,000", 1000, (1.5, 0.4, 0.0)),
        ("crossed, too sure, n 300", 300, (1.5, 0.4, 0.0, 3.0)),
        ("crossed, near chance, n 150", 150, (0.5, 0.3, 0.0)),
        ("crossed, groups of 5, n 500", 500, (1.5, 0.4, 0.0, 1.0, 5)),
    ):
        big = simulated.crossed(*cell[:4])(np.random.default_rng(0), 400_000, 2)
        truth = {m: e.value for m, e in big.items()}
        simulate(name, sets, simulated.crossed(*cell), truth, n)


def label_cells(sets):
    """Three labels of a sample."""
    made = labelled.sets()
    big = made(np.random.default_rng(0), 400_000, 2)
    simulate("three labels, n 150", sets, made, {m: e.value for m, e in big.items()}, 150)


def number_cells(sets):
    """Numbers: normal errors; t of 5 degrees; groups of five."""
    for name, n, made in (
        ("normal errors, n 100", 100, simulated.numbers(1, 0)),
        ("t5 errors, n 300", 300, simulated.numbers(1, 5)),
        ("normal, groups of 5, n 500", 500, simulated.numbers(5, 0)),
        ("normal, groups of 5, n 150", 150, simulated.numbers(5, 0)),
    ):
        big = made(np.random.default_rng(0), 1_000_000, 2)
        simulate(name, sets, made, {m: e.value for m, e in big.items()}, n)


def imputer_cells(sets):
    """What imputers fill in: of an imputer that is nearly right, and of one that hardly is."""
    for name, n, how in (
        ("normal, n 50", 50, {}),
        ("normal, n 500", 500, {}),
        ("t4, n 150", 150, {"heavy": True}),
        ("60 groups of 5", 300, {"members": 5}),
    ):
        for share in (0.1, 0.9):
            big = simulated.filled_in(share, **how)(np.random.default_rng(0), 1_000_000, 2)
            made, truth = simulated.filled_in(share, **how), {m: e.value for m, e in big.items()}
            simulate(f"{name}, error {share}", sets, made, truth, n)


def retrieval_cells(sets):
    """Recall and median rank; the truth is the mean over the sets, as it depends on the pool."""
    rng, found, n = np.random.default_rng(2), {}, 120
    for _ in range(sets):
        for name, estimate in simulated.retrieved(rng, n, 4).items():
            found.setdefault(name, []).append(estimate)
    pooled = {m: float(np.mean([e.value for e in v])) for m, v in found.items()}
    for name in ("median_rank", "median_rank drop"):
        pooled[name] = float(np.median([e.value for e in found[name]]))
    tell(f"n {n}", found, pooled)


def curve_cells(sets):
    """Numbers of a whole severity curve: falling, flat, and a mixture."""
    for name, shares_, limit in (
        ("falling", (0.95, 0.93, 0.9, 0.85, 0.8, 0.7), 0.82),
        ("flat", (0.9,) * 6, None),
        ("flat, then falling", (0.9, 0.9, 0.9, 0.9, 0.8, 0.7), 0.82),
    ):
        truth = simulated.truth_of_curve(shares_, limit)
        simulate(f"{name}, n 200", sets, simulated.curve(shares_, limit), truth, 200)


def contribution_cells(sets):
    """All numbers of the contributions audit, of samples that stand alone and of groups."""
    summary.gallery = lambda *_: pa.table({})  # pictures of samples that are not there
    big = many_games.estimates(np.random.default_rng(9), 1, 300_000, replicates=2)
    truth = {" ".join(k): v[0].value for k, v in big.items()}
    for name, n, groups in (("n 100", 100, None), ("60 groups of 5", 300, np.arange(300) // 5)):
        rng, found = np.random.default_rng(1), {}
        for size in np.diff(np.linspace(0, sets, math.ceil(sets / BATCH) + 1).astype(int)):
            for k, v in many_games.estimates(rng, int(size), n, groups, 400).items():
                found.setdefault(" ".join(k), []).extend(v)
        tell(name, found, truth)


def other_cells(sets):
    """Numbers of contributions that no game gives."""
    for name, cell in other_games.CELLS.items():
        tell(name, *cell(sets))


def pairs_cells(sets):
    """Noisy pairs; of what depends on the size of the pool, the truth is the mean over the sets."""
    for n, wrong, noise, members in ((200, 0.1, 0.4, 1), (300, 0.05, 0.8, 1), (500, 0.1, 0.4, 5)):
        truth, some = many_pairs.sets(sets, n, wrong, noise, members)
        found = {}
        for one in some:
            for name, estimate in one.items():
                found.setdefault(name, []).append(estimate)
        known = {name: v for name, v in found.items() if name in truth}
        tell(f"{n} pairs, {wrong} wrong, groups of {members}", known, truth)


if __name__ == "__main__":
    cells.run(globals())
