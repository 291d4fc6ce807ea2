"""Rivals of the intervals that rest on draws, on rows' ends, or on shuffled pairs: see study_rivals.

    PYTHONPATH=.:tests/kits python tests/benchmarks/study_rivals_of_draws.py [CELL ...] [--sets 2000]

For every number whose own interval is wider than 1.3 times an oracle's: the mean loss of the
contributions, what all modalities gain, the worst severity, the drop of a rank correlation in groups, the share of mismatched
pairs, and the share of the flagged pairs that are mismatched. Printed as by `study_rivals.py`.
"""

import math

import numpy as np
from scipy import stats

import cells
import many_games
import many_pairs
from mmaudit.audits.noisy_pairs.summary import expected_precision
from mmaudit.bounds import shares
from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.evidence import Mean, Worst
from mmaudit.measures.intervals.replicates import Replicates, correlation
from mmaudit.measures.pairs.evidence import mismatch_rates as rates
from mmaudit.measures.pairs.evidence import positions, statistics
from mmaudit.measures.tasks import regression
from rivals import DRAWS, TAIL, Tally, Z, gaffke, of_means

MOST = 27.631021  # nats: the loss of the contributions
CLIPPED = 6.907755  # nats: the NLL of the robustness audit


def of_games(signal):
    """Losses of the simulated games."""

    def one(rng, sets, n):
        labels, answers = many_games.answered(rng, sets * n, signal)
        p = answers[-1][np.arange(labels.size), labels]
        return -np.log(np.maximum(p, 1e-12)).reshape(sets, n)

    return one


def of_classes(share, apart, sure):
    """Losses of a binary model; it is calibrated where ``sure`` is 1."""

    def one(rng, sets, n):
        labels = rng.random((sets, n)) < share
        x = np.where(labels, apart / 2, -apart / 2) + rng.normal(size=labels.shape)
        logit = sure * (apart * x + math.log(share / (1 - share)))
        return np.minimum(np.logaddexp(0, np.where(labels, -logit, logit)), MOST)

    return one


def loss_cells(sets):
    """Mean loss with every modality: of draws (ours), and as a mean of samples."""
    plain, clipped = Tally(), Tally()
    for cell, n, made in (
        ("games, n 100", 100, of_games((1.5, 1.0))),
        ("60 groups", 60, of_games((1.5, 1.0))),
        ("weaker games, n 100", 100, of_games((1.0, 0.5))),
        ("even, n 150", 150, of_classes(0.5, 2.5, 1.0)),
        ("1 of 5, too sure, n 300", 300, of_classes(0.2, 3.0, 2.0)),
        ("rarely wrong and sure of it, n 200", 200, of_classes(0.5, 5.0, 3.0)),
    ):
        rng = np.random.default_rng(11)
        big = made(rng, 1, 4_000_000)
        some = made(rng, sets, n)
        keys = unit_keys(0, [str(i) for i in range(n)])
        ours = []
        for values in some:
            one = replicated_mean(values, keys, DRAWS)
            e = Replicates(one.point, one.draws, n, (0.0, math.inf)).estimate()
            ours.append((e.low, e.high))
        rivals = {k: np.stack(v, 1) for k, v in of_means(some, rng).items()}
        ends = {"hull of draws": np.array(ours), **rivals, "Gaffke": gaffke(some, 0.0, MOST)}
        plain.add(cell, ends, big.mean(), sets=sets)
        low = np.minimum(some, CLIPPED)
        rivals = {k: np.stack(v, 1) for k, v in of_means(low, rng).items()}
        ends = {"Gaffke": gaffke(low, 0.0, CLIPPED), **rivals}
        clipped.add(cell, ends, np.minimum(big, CLIPPED).mean(), sets=sets)
    plain.tell("loss")
    clipped.tell("loss, at most 6.9 nats a sample")


CURVES = {
    "falling": (0.93, 0.9, 0.85, 0.8, 0.7),
    "flat": (0.9,) * 5,
    "flat, rarely wrong": (0.98,) * 5,
    "nearly flat": (0.9, 0.9, 0.9, 0.88, 0.87),
    "flat, then falling": (0.9, 0.9, 0.9, 0.8, 0.7),
    "two worst": (0.95, 0.95, 0.95, 0.8, 0.8),
}


def worst_cells(sets):
    """The worst severity of a curve of accuracies."""
    for spread in (0.6, 0.0, 0.95):
        tally = Tally()
        for cell, line in CURVES.items():
            rng, n, ends = np.random.default_rng(6), 200, {}
            weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(float)
            for _ in range(sets):
                hard = spread * rng.normal(size=n)
                noise = math.sqrt(1 - spread**2) * rng.normal(size=(len(line), n))
                right = stats.norm.cdf(hard + noise) < np.array(line)[:, None]
                for name, both in worst_of(right, weights).items():
                    ends.setdefault(name, []).append(both)
            tally.add(cell, ends, min(line), sets=sets)
        tally.tell(f"worst severity, difficulty of samples {spread}")


def worst_of(values, weights, bounds=(0.0, 1.0)):
    """Intervals of the least mean of some rows, ``(row, sample)``, ours first."""
    n = values.shape[1]
    rows = tuple(Mean(one.astype(float), None, *bounds) for one in values)
    low, high = Worst(rows, largest=False).ends(TAIL)
    mean, drawn = values.mean(1), weights @ values.T / n
    least = drawn.min(1)
    own = np.array([row.ends(TAIL) for row in rows])
    error = np.maximum(drawn.std(0), 0.5 / n)
    most = np.quantile(((drawn - mean) / error).max(1), 1 - TAIL)
    at = mean.argmin()
    clear = stats.norm.ppf(1 - TAIL / 10)
    apart = drawn - drawn[:, [at]]
    near = mean - mean[at] <= clear * np.maximum(apart.std(0), 0.5 / n)  # may be the worst
    level = 0.9 * TAIL / near.sum()
    tops = [row.ends(level)[1] for row, some in zip(rows, near, strict=True) if some]
    basic = 2 * mean.min() - np.quantile(least, [1 - TAIL, TAIL])
    return {
        "rows' ends, near ends by Bonferroni": (low, high),
        "near end by the largest studentised draw": (
            low,
            min((mean + most * error).min(), bounds[1]),
        ),
        "near ends of rows that may be the worst": (low, min(tops)),
        "rows' ends without a correction": (low, own[:, 1].min()),
        "ends of the row that looks worst": tuple(own[at]),
        "percentile bootstrap": tuple(np.quantile(least, [TAIL, 1 - TAIL])),
        "basic bootstrap": tuple(np.clip(basic, *bounds)),
    }


def gain_cells(sets):
    """What all modalities gain over the best alone: the least of two paired differences."""
    tally = Tally()
    for signal in ((1.5, 1.0), (1.2, 1.2), (2.5, 0.5), (3.0, 3.0)):
        for n in (60, 100, 300):
            rng, ends = np.random.default_rng(8), {}
            truth = gains(rng, 1, 500_000, signal)[0].mean(1).min()
            weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(float)
            for values in gains(rng, sets, n, signal):
                for name, both in worst_of(values, weights, (-1.0, 1.0)).items():
                    ends.setdefault(name, []).append(both)
            tally.add(f"{signal}, n {n}", ends, truth, sets=sets)
    tally.tell("gain over the best alone")


def gains(rng, sets, n, signal):
    """Whether all are right, less whether each alone is, ``(set, modality, sample)``."""
    labels, answers = many_games.answered(rng, sets * n, signal)
    right = np.array([a.argmax(1) == labels for a in answers[1:]], float)
    return np.moveaxis((right[-1] - right[:-1]).reshape(-1, sets, n), 1, 0)


def rank_cells(sets):
    """Drop of a rank correlation, in groups."""
    tally = Tally()
    for cell, g, noises, tail in (
        ("30 groups", 30, (0.5, 1.0), 0),
        ("60 groups", 60, (0.5, 1.0), 0),
        ("30 groups, t5", 30, (0.5, 1.0), 5),
        ("30 groups, no drop", 30, (1.0, 1.0), 0),
        ("100 groups", 100, (0.5, 1.0), 0),
    ):
        rng, ends = np.random.default_rng(7), {}
        truth = np.subtract(*ranked(rng, 1_000_000, noises, tail)[1])
        for _ in range(sets):
            sides, _ = ranked(rng, g, noises, tail, alike=True)
            for name, both in apart(rng, sides, g).items():
                ends.setdefault(name, []).append(both)
        tally.add(cell, ends, truth, sets=sets)
    tally.tell("drop of a rank correlation in groups of 5")


def ranked(rng, n, noises, tail, *, alike=False):
    """Truth and answers of two conditions, whose errors go together or are the same."""
    truth = rng.normal(size=n)
    noise = rng.standard_t(tail, n) if tail else rng.normal(size=n)
    other = noise if alike or noises[0] != noises[1] else rng.normal(size=n)
    sides = [(truth, truth + noises[0] * noise), (truth, truth + noises[1] * other)]
    if noises[0] == noises[1]:  # alike in distribution, half of the errors in common
        some = rng.standard_t(tail, n) if tail else rng.normal(size=n)
        sides[1] = truth, truth + noises[1] * (noise + some) / math.sqrt(2)
    return sides, [stats.spearmanr(*side)[0] for side in sides] if n > 1000 else None


def apart(rng, sides, g):
    """Intervals of the drop of a rank correlation between two conditions, ours first."""
    at = np.arange(g).repeat(5)
    keys = unit_keys(int(rng.integers(1 << 30)), at)
    first, second = (regression.spearman(a[at], b[at], keys, DRAWS) for a, b in sides)
    drop = first - second
    ours = drop.estimate()
    draws = first.draws - second.draws
    t = stats.t.ppf(1 - TAIL, g - 1)
    r = correlation(first.draws, second.draws)
    ends = [(e.low, e.high) for e in (first.estimate(), second.estimate())]
    left = np.array([one_out(*side) for side in sides])
    loo = left[0] - left[1]
    value = drop.point
    jack = (g - 1) / math.sqrt(g) * loo.std()
    lean = ((loo.mean() - loo) ** 3).sum() / (
        6 * max(((loo.mean() - loo) ** 2).sum(), 1e-18) ** 1.5
    )
    z0 = stats.norm.ppf(np.clip((draws < value).mean(), 1 / DRAWS, 1 - 1 / DRAWS))
    levels = [stats.norm.cdf(z0 + (z0 + z) / (1 - lean * (z0 + z))) for z in (-Z, Z)]

    def side(x, y, r):
        return math.sqrt(max(x**2 + y**2 - 2 * r * x * y, 0))

    def joined(r):
        (a_low, a_high), (b_low, b_high) = ends
        a, b = first.point, second.point
        low = value - side(a - a_low, b_high - b, r)
        return low, value + side(a_high - a, b - b_low, r)

    z = np.arctanh(np.clip([first.draws, second.draws], -1 + 1e-9, 1 - 1e-9))
    of_z = correlation(z[0], z[1])
    less = math.tanh(math.atanh(np.clip(r, -1 + 1e-9, 1 - 1e-9)) - 0.5 / math.sqrt(g - 3))
    return {
        "joined, correlation less one error": (ours.low, ours.high),
        "joined, less half an error": joined(less),
        "joined by the correlation of draws": joined(r),
        "joined by that of their z": joined(of_z),
        "t, spread of the draws": (value - t * draws.std(), value + t * draws.std()),
        "t, jackknife": (value - t * jack, value + t * jack),
        "percentile bootstrap": tuple(np.quantile(draws, [TAIL, 1 - TAIL])),
        "basic bootstrap": tuple(2 * value - np.quantile(draws, [1 - TAIL, TAIL])),
        "BCa bootstrap": tuple(np.quantile(draws, levels)),
    }


def one_out(a, b):
    """Rank correlations without each sample, ``(n,)``; no ties."""
    n = a.size
    x, y = (stats.rankdata(v) for v in (a, b))
    apart = x[:, None] - (x[None] < x[:, None]) - (y[:, None] - (y[None] < y[:, None]))
    square = (apart**2).sum(0) - np.diag(apart) ** 2
    return 1 - 6 * square / ((n - 1) * ((n - 1) ** 2 - 1))


PAIRS = (  # pairs, share that is wrong, noise of the sides, pairs of a group
    (200, 0.1, 0.4, 1),
    (300, 0.05, 0.8, 1),
    (500, 0.1, 0.4, 5),
    (400, 0.3, 0.4, 1),
    (1000, 0.02, 0.4, 1),
    (300, 0.1, 1.2, 1),
    (1000, 0.1, 0.9, 1),
    (400, 0.0, 0.6, 1),
)


def pair_cells(sets):
    """Noise rate and expected precision of one study of pairs a set."""
    rate, precision = Tally(), Tally()
    for n, wrong, noise, members in PAIRS:
        rng, of_rate, of_list, truths = np.random.default_rng(8), {}, {}, []
        for _ in range(sets):
            *sides, group, truth = many_pairs.drawn(rng, n, wrong, noise, members)
            one = many_pairs.analysed(*sides, group)
            for name, both in of_rates(rng, one).items():
                of_rate.setdefault(name, []).append(both)
            listed = one.flagged & one.study.observed
            if listed.any():
                truths.append(truth[listed].mean())
                for name, both in of_lists(one, listed).items():
                    of_list.setdefault(name, []).append(both)
        cell = f"{n} pairs, {wrong} wrong, noise {noise}, groups of {members}"
        rate.add(cell, of_rate, wrong, sets=sets)
        if of_list:  # of clean pairs nothing is flagged
            precision.add(cell, of_list, np.array(truths), sets=len(truths))
    rate.tell("noise rate")
    precision.tell("share of the flagged pairs that are mismatched")


def of_rates(rng, one):
    """Intervals of the share of mismatched pairs, ours first."""
    numbers, study = one.random, one.study
    scores = statistics.scores_of(study, study.random)
    position = positions.positions(
        scores.part(study.observed, np.ones(len(study.random.score), bool))
    )
    units = np.unique(study.unit[study.observed], return_inverse=True)[1]
    g = int(units.max()) + 1
    below = {at: np.bincount(units, position <= at) for at in rates.GRID}
    size = np.bincount(units)
    weights = rng.multinomial(g, np.full(g, 1 / g), DRAWS)
    e = numbers.noise_rate
    out = {"least bound over positions": (e.low, e.high)}
    top = 1.0
    for at, worth, m in zip(rates.GRID, numbers.size.units, numbers.size.null, strict=True):
        share, z = float((position <= at).mean()), float(stats.norm.isf(TAIL / 4))
        extra = 1 + z * math.sqrt((1 - at) / (at * m))
        top = min(top, shares.ends(share * worth, worth, TAIL / 4)[1] / at * extra)
    portion = rates.Portion(position, numbers.size)
    lows = (low / at for at, low in portion.lows(rates.FEWEST))
    floor = 0.0 if numbers.doubt else min(1.0, min(lows, default=0.0))
    out["the same from 50 pairs, a quarter of the error each, null in full (before)"] = floor, top
    for at in (0.5, 0.25):
        share = below[at].sum() / position.size
        low, high = shares.ends(share * g, g, TAIL)
        worth = dict(zip(rates.GRID, numbers.size.null, strict=True))[at]
        extra = Z * math.sqrt((1 - at) / (at * worth))
        out[f"Clopper and Pearson at {at}"] = low / at, min(high / at, 1)
        out[f"Clopper and Pearson at {at}, with the null's error"] = (
            low / at / (1 + extra), min(high / at * (1 + extra), 1),
        )  # fmt: skip
        value = share / at
        top = value + math.hypot(high / at - value, extra * value)
        floor = value - math.hypot(value - low / at, extra * value)
        out[f"Clopper and Pearson at {at}, square-and-add of the null's"] = floor, min(top, 1)
        drawn = weights @ below[at] / (weights @ size) / at
        out[f"percentile bootstrap at {at}"] = tuple(np.quantile(drawn, [TAIL, 1 - TAIL]))
        sd = (below[at] - share * size).std(ddof=1) * math.sqrt(g) / position.size / at
        out[f"normal at {at}"] = max(value - Z * sd, 0), min(value + Z * sd, 1)
    return out


def of_lists(one, listed):
    """Intervals of the share of a list that is mismatched, ours first."""
    numbers, study = one.random, one.study
    e = expected_precision(one)
    scores = statistics.scores_of(study, study.random)
    chance = positions.chance(scores, listed & ~one.named)
    n, k = int(study.observed.sum()), int(listed.sum())
    rate, null = numbers.noise_rate, min(numbers.size.null)
    value = min(1.0, rate.value * n * chance / k)
    by_rate = rate.low * n * chance / k, rate.high * n * chance / k
    p = min(1.0, rate.value * chance)
    sure = [float(stats.binom.ppf(x, n, p)) / k for x in (TAIL, 1 - TAIL)]
    blank = value / math.sqrt(max(chance, 1 / null) * null)
    half = [
        float(stats.binom.ppf(x, n, min(1.0, r * chance))) / k
        for x, r in ((0.16, rate.low), (0.84, rate.high))
    ]
    wrong = float(numbers.lfdr[listed].sum())
    position = positions.positions(
        scores.part(study.observed, np.ones(len(study.random.score), bool))
    )
    below = int((position <= 0.5).sum())
    if chance >= 0.5:
        top = below + float(stats.nbinom.ppf(1 - TAIL, below + 1, 0.5 / chance))
    else:
        top = float(stats.binom.ppf(1 - TAIL, below, max(chance, 1 / null) / 0.5))
    top = value + math.hypot(top / k - value, Z * blank)
    seen = max(chance, 1 / null)
    full = 1 + 2 * math.sqrt(max(1 - chance, 0) / (seen * null))
    before = [
        float(stats.binom.ppf(tail, n, min(1.0, one * c))) / k
        for tail, one, c in ((TAIL, rate.low, chance), (1 - TAIL, rate.high, min(1, seen * full)))
    ]
    return {
        "square-and-add of rate, list and null": (e.low, e.high),
        "the same, upper end by those below the middle": (e.low, min(max(top, value), 1)),
        "bounds of the rate, then binomial (before)": (min(before[0], value), min(before[1], 1)),
        "bounds of the rate alone": (by_rate[0], min(by_rate[1], 1)),
        "binomial alone": (sure[0], min(sure[1], 1)),
        "bounds of the rate, then one standard error": (half[0], min(half[1], 1)),
        "Clopper and Pearson of the local rates": shares.ends(wrong, k, TAIL),
    }


if __name__ == "__main__":
    cells.run(globals())
