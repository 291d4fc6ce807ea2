"""Which known interval is the narrowest that keeps both sides, and how wide is ours beside it?

    PYTHONPATH=.:tests/kits python tests/benchmarks/study_rivals.py [CELL ...] [--sets 2000]

For numbers whose interval is wider than 1.3 times an oracle's (`study_gates.py`): every cell makes
test sets of known truth, and measures them with our construction (first) and with its rivals.
Printed for each construction: its worst lower and upper error over the cells, whether it keeps
both (.025 and two standard errors), and its width over ours in each cell (the median set).
Drops of shares are enumerated.
"""

import math

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.special import gammaln, xlogy

import cells
import simulated
from mmaudit.bounds import calibration, drops, means, shares
from mmaudit.measures.intervals import evidence, joined
from mmaudit.measures.intervals.replicates import correlation, lowered
from rivals import DRAWS, TAIL, Tally, Z, gaffke, of_means

BINS = 15


def losses(rng, sets, n, share, clean, worse, sure):
    """NLL and Brier of a binary model on clean and worse data, ``(set, sample)`` each."""
    labels = rng.random((sets, n)) < share
    noise, out = rng.normal(size=labels.shape), []
    for apart in (clean, worse):
        x = np.where(labels, apart / 2, -apart / 2) + 0.7 * noise
        x += math.sqrt(1 - 0.49) * rng.normal(size=x.shape)
        q = 1 / (1 + np.exp(-sure * (apart * x + math.log(share / (1 - share)))))
        p = np.where(labels, q, 1 - q)
        out.append((np.minimum(-np.log(np.maximum(p, 1e-300)), HIGHEST), 2 * (1 - p) ** 2))
    return out


HIGHEST = 6.907755
MODELS = {  # share of class 1, how far apart the classes are clean and worse, how sure it is, n
    "even, n 150": (0.5, 2.5, 1.5, 1.0, 150),
    "1 of 5, too sure, n 300": (0.2, 3.0, 2.0, 2.0, 300),
    "rarely wrong and sure of it, n 200": (0.5, 5.0, 4.5, 3.0, 200),
}


def means_cells(sets):
    """NLL and Brier."""
    for at, (name, high) in enumerate((("NLL", HIGHEST), ("Brier", 2.0))):
        tally = Tally()
        for cell, (*model, n) in MODELS.items():
            rng = np.random.default_rng(3)
            truth = losses(rng, 1, 2_000_000, *model)[1][at].mean()
            values = losses(rng, sets, n, *model)[1][at]
            rivals = {k: np.stack(v, 1) for k, v in of_means(values, rng).items()}
            tally.add(cell, {"Gaffke": gaffke(values, 0.0, high), **rivals}, truth, sets=sets)
        tally.tell(name)


def score(b, c, n, drop):
    """Tango's score statistic: by how many standard errors the drop is above ``drop``."""
    q1, q0 = (2 * n - b + c) * drop - b - c, -c * drop * (1 - drop)
    won = (np.sqrt(np.maximum(q1**2 - 8 * n * q0, 0)) - q1) / (4 * n)  # likeliest share won
    error = np.sqrt(np.maximum(n * (2 * won + drop * (1 - drop)), 1e-12))
    return (b - c - n * drop) / error


def score_ends(b, c, n):
    """Where the score is a normal's 2.5 % point, on either side."""
    value = (b - c) / n
    low = brentq(lambda d: score(b, c, n, d) - Z, -1 + 1e-9, value) if b - c > -n else -1.0
    high = brentq(lambda d: score(b, c, n, d) + Z, value, 1 - 1e-9) if b - c < n else 1.0
    return low, high


RARE, UNSEEN, GRID = 45, 1e-4, 40  # most losses or wins; left out of the shares won; shares tried


def exact_p(b, c, n, drop):
    """Exact p-value of "the drop is at least ``drop``": the largest over likely shares won."""
    ranges = [shares.ends(k, n, UNSEEN) for k in (c, b)]
    low = max(ranges[0][0], ranges[1][0] - drop, -drop, 0.0)
    high = min(ranges[0][1], ranges[1][1] - drop, (1 - drop) / 2)
    if low > high:
        return 0.0
    lost, won = (x.ravel() for x in np.meshgrid(np.arange(RARE), np.arange(RARE)))
    some = score(lost, won, n, drop) <= score(b, c, n, drop) + 1e-9
    lost, won = lost[some], won[some]
    share = np.linspace(max(low, 1e-12), high, GRID)[:, None]
    log = gammaln(n + 1) - gammaln(lost + 1) - gammaln(won + 1) - gammaln(n - lost - won + 1)
    log = log + xlogy(lost, np.maximum(share + drop, 0)) + xlogy(won, share)
    log = log + xlogy(n - lost - won, np.maximum(1 - 2 * share - drop, 0))
    return float(np.exp(log).sum(1).max()) + 2 * UNSEEN


def exact_ends(b, c, n):
    """Ends by the exact unconditional score test (Chan and Zhang; Berger and Boos)."""
    value = (b - c) / n

    def upper(b, c):
        inner, outer = (b - c) / n, (b - c) / n + 0.3
        for _ in range(24):
            middle = (inner + outer) / 2
            inner, outer = (inner, middle) if exact_p(b, c, n, middle) <= TAIL else (middle, outer)
        return outer

    return min(-upper(c, b), value), upper(b, c)


def joined_shares(ends):
    """MOVER of two intervals of shares."""

    def both(b, c, n):
        p, q = b / n, c / n
        (p_low, p_high), (q_low, q_high) = ends(b, n), ends(c, n)
        r = -math.sqrt(p * q / ((1 - p) * (1 - q))) if b < n and c < n else 0.0

        def side(x, y):
            return math.sqrt(max(x * x + y * y - 2 * r * x * y, 0))

        return p - q - side(p - p_low, q_high - q), p - q + side(p_high - p, q - q_low)

    return both


def wilson(k, n):
    """Wilson's interval of a share."""
    middle, half = (
        (k + Z * Z / 2) / (n + Z * Z),
        Z * math.sqrt(k * (n - k) / n + Z * Z / 4) / (n + Z * Z),
    )
    return middle - half, middle + half


def jeffreys(k, n):
    """Jeffreys' interval of a share."""
    low, high = stats.beta.ppf([TAIL, 1 - TAIL], k + 0.5, n - k + 0.5)
    return (low if k else 0.0), (high if k < n else 1.0)


def mid_p(k, n):
    """The share at which half of what was seen and all beyond it have 2.5 %."""

    def beyond(p, side):
        far = stats.binom.sf(k, n, p) if side > 0 else stats.binom.cdf(k - 1, n, p)
        return far + 0.5 * stats.binom.pmf(k, n, p) - TAIL

    low = brentq(beyond, 1e-12, k / n, args=(1,)) if k else 0.0
    return low, (brentq(beyond, k / n, 1 - 1e-12, args=(-1,)) if k < n else 1.0)


def bonett_price(b, c, n):
    """Bonett and Price's adjusted Wald interval."""
    p, q = (b + 1) / (n + 2), (c + 1) / (n + 2)
    half = Z * math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    return p - q - half, p - q + half


def share_cells(_):
    """Shares, enumerated."""
    tally = Tally()
    ways = {"Clopper-Pearson": shares.ends, "mid-P": mid_p, "Wilson": wilson, "Jeffreys": jeffreys}
    for p, n in ((0.95, 76), (0.98, 190), (0.99, 380), (0.995, 800), (0.95, 300), (0.8, 100)):
        k = np.arange(n + 1)
        chance = stats.binom.pmf(k, n, p)
        k, chance = k[chance > 1e-9], chance[chance > 1e-9]
        ends = {name: [way(int(one), n) for one in k] for name, way in ways.items()}
        tally.add(f"{p}, n {n}", ends, p, chance)
    tally.tell("share")


def drop_cells(_):
    """Drops of shares, enumerated."""
    tally = Tally()
    ways = {
        "Gaffke": lambda b, c, n: means.ends(drops.drop(b, c, n)),
        "MOVER of Clopper-Pearson": drops.ends,
        "MOVER of Wilson": joined_shares(wilson),
        "MOVER of Jeffreys": joined_shares(jeffreys),
        "exact unconditional score test": exact_ends,
        "Tango's score": score_ends,
        "Bonett-Price": bonett_price,
    }
    for drop, won, n in (
        (0.01, 0, 380), (0.01, 0, 500), (0.02, 0, 300), (0, 0.02, 60), (0.05, 0.02, 100)
    ):  # fmt: skip
        most = int(stats.binom.ppf(1 - 1e-4, n, drop + won))
        wins = range(int(stats.binom.ppf(1 - 1e-4, n, won)) + 1) if won else (0,)
        pairs = [(b, c) for b in range(most + 1) for c in wins]
        rates = [drop + won, won, 1 - drop - 2 * won]
        chance = np.array([stats.multinomial.pmf([b, c, n - b - c], n, rates) for b, c in pairs])
        some = [pair for pair, p in zip(pairs, chance, strict=True) if p > 1e-5]
        ends = {name: [way(b, c, n) for b, c in some] for name, way in ways.items()}
        tally.add(f"{drop}, won {won}, n {n}", ends, drop, chance[chance > 1e-5])
    tally.tell("drop of a share")


def confidences(rng, kind, shape):
    """Confidences: spread, mostly high, or all alike."""
    if kind == "spread":
        return rng.uniform(0.5, 1, shape)
    if kind == "high":
        return 1 - 0.5 * rng.beta(0.3, 3, shape)
    return 0.97 + 0.02 * rng.random(shape)


def gaps(rng, kind, off, shape):
    """Right or wrong less the confidence, the bin of that, and the expected gaps."""
    v = confidences(rng, kind, shape)
    bins = np.clip(np.ceil(v * BINS).astype(int) - 1, 0, BINS - 1)
    chance = np.clip(v - off * np.where(bins % 2, 1, -1), 0.01, 0.99) if off else v
    return (rng.random(shape) < chance) - v, bins, chance - v


def mean_gap(gap, bins):
    """Calibration error of many samples."""
    return np.abs(np.bincount(bins.ravel(), gap.ravel(), BINS)).sum() / gap.size


def of_errors(gap, bins, weights):
    """Calibration error, its draws, and the standard error and folded-normal bias, of one set."""
    table = np.zeros((gap.size, BINS))
    table[np.arange(gap.size), bins] = gap
    sums, n = table.sum(0), gap.size
    count = np.maximum(np.bincount(bins, minlength=BINS), 1)
    rest = table - (sums / count) * (table != 0)
    error = np.sqrt((rest**2).sum(0) + 0.5 * (sums != 0)) / n
    t = np.abs(sums) / n / np.maximum(error, 1e-12)
    bias = error * (math.sqrt(2 / math.pi) * np.exp(-t * t / 2) - 2 * t * stats.norm.cdf(-t))
    draws = np.abs(weights @ table).sum(1) / n
    return np.abs(sums).sum() / n, draws, error, bias.sum()


def ece_cells(sets):
    """Calibration error."""
    tally = Tally()
    for kind, off, n in (
        ("spread", 0, 150), ("spread", 0.06, 300), ("spread", 0.1, 1000), ("high", 0, 300),
        ("high", 0.06, 300), ("all alike", 0, 100), ("all alike", 0.06, 300),
    ):  # fmt: skip
        rng, ends = np.random.default_rng(4), {}
        _, bins, expected = gaps(rng, kind, off, (1, 2_000_000))
        truth = mean_gap(expected, bins)
        weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(float)
        for _ in range(sets):
            gap, bins, _ = gaps(rng, kind, off, n)
            value, draws, error, bias = of_errors(gap, bins, weights)
            half, most = Z * math.sqrt((error**2).sum()), math.sqrt(2 / math.pi) * error.sum()
            low, high = np.quantile(draws, [TAIL, 1 - TAIL])
            for name, both in {
                "bracket": calibration.bracket(gap, bins, BINS)[1:3],
                "plug-in, less the most noise, and normal ends": (
                    value - most - half,
                    value + half,
                ),
                "plug-in, normal ends": (value - half, value + half),
                "less the noise of a folded normal, normal ends": (
                    value - bias - half,
                    value - bias + half,
                ),
                "percentile bootstrap": (low, high),
                "basic bootstrap": (2 * value - high, 2 * value - low),
            }.items():
                ends.setdefault(name, []).append(np.clip(both, 0, 1))
        tally.add(f"{kind}, off by {off}, n {n}", ends, truth, sets=sets)
    tally.tell("calibration error")


def rise_cells(sets):
    """Rise of the calibration error."""
    tally = Tally()
    for kind, off, n in (
        (("spread", "spread"), (0, 0), 150),
        (("spread", "spread"), (0, 0.15), 300),
        (("high", "spread"), (0.06, 0.06), 300),
        (("all alike", "high"), (0, 0.06), 300),
    ):
        rng, ends = np.random.default_rng(5), {}
        truths = [
            mean_gap(e, b) for k, o in zip(kind, off, strict=True)
            for _, b, e in [gaps(rng, k, o, (1, 2_000_000))]
        ]  # fmt: skip
        weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(float)
        for _ in range(sets):
            pair = [gaps(rng, k, o, n)[:2] for k, o in zip(kind, off, strict=True)]
            (a, draw, *_), (b, draws, *_) = (of_errors(*one, weights) for one in pair)
            bias = [of_errors(*one, weights)[3] for one in pair]
            value, apart = b - a, draws - draw
            half = Z * apart.std()
            low, high = np.quantile(apart, [TAIL, 1 - TAIL])
            r = lowered(correlation(draws, draw), n)
            first, second = (evidence.Miscalibration(*one, BINS, None) for one in pair)
            for name, both in {
                "brackets, joined": joined.Apart((b, a), (second, first), r).ends(TAIL),
                "square-and-add of brackets": (
                    value - math.hypot(b - second.ends(TAIL)[0], first.ends(TAIL)[1] - a),
                    value + math.hypot(second.ends(TAIL)[1] - b, a - first.ends(TAIL)[0]),
                ),
                "normal, error of the draws": (value - half, value + half),
                "less the noise of folded normals": (
                    value - bias[1] + bias[0] - half,
                    value - bias[1] + bias[0] + half,
                ),
                "percentile bootstrap": (low, high),
                "basic bootstrap": (2 * value - high, 2 * value - low),
            }.items():
                ends.setdefault(name, []).append(both)
        cell = " to ".join(f"{k}, off by {o}" for k, o in zip(kind, off, strict=True))
        tally.add(f"{cell}, n {n}", ends, truths[1] - truths[0], sets=sets)
    tally.tell("rise of the calibration error")


def taus(means_):
    """Kendall's tau-b with the severity, and the share of steps that rise; ``(..., severity)``."""
    at = np.triu_indices(means_.shape[-1], 1)
    steps = np.sign(means_[..., at[1]] - means_[..., at[0]])
    moved = np.maximum((steps != 0).sum(-1), 1)
    return steps.sum(-1) / np.sqrt(moved * at[0].size), (np.diff(means_) > 1e-12).mean(-1)


def stepped(apart, draws):
    """What surely rises and falls by Romano and Wolf: the largest studentised draw, in steps."""
    error = np.maximum(draws.std(0), 1e-9)
    t, drawn = apart / error, (draws - apart) / error
    found = []
    for way in (1, -1):
        some = np.ones(t.size, bool)
        while some.any():
            most = np.quantile((way * drawn[:, some]).max(1), 1 - TAIL)
            new = some & (way * t > most)
            if not new.any():
                break
            some &= ~new
        found.append((~some).sum())
    return found


def of_signs(rise, fall, pairs):
    """Ends of tau from how many pairs surely rise and fall."""
    rest = pairs - rise - fall
    every = [
        (rise - fall + up - down) / math.sqrt(max(rise + fall + up + down, 1) * pairs)
        for up in range(rest + 1)
        for down in range(rest - up + 1)
    ]
    return min(every), max(every)


def curve_cells(sets):
    """Kendall's tau and rising steps along a severity curve."""
    tally = {"Kendall's tau": Tally(), "steps that rise": Tally()}
    for cell, line in {
        "falling": (0.95, 0.93, 0.9, 0.85, 0.8, 0.7),
        "flat": (0.9,) * 6,
        "flat, rarely wrong": (0.99,) * 6,
        "flat, then falling": (0.9, 0.9, 0.9, 0.9, 0.8, 0.7),
    }.items():
        rng, n = np.random.default_rng(6), 200
        truth = simulated.truth_of_curve(line, None)
        truths = truth["kendall_tau"], truth["monotonicity_violations"]
        ends = ({}, {})
        weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(float)
        at = np.triu_indices(len(line), 1)
        near = np.flatnonzero(at[1] - at[0] == 1)
        for _ in range(sets):
            hard = 0.6 * rng.normal(size=n)
            noise = 0.8 * rng.normal(size=(len(line), n))
            right = stats.norm.cdf(hard + noise) < np.array(line)[:, None]
            first, second = right[at[0]], right[at[1]]
            lost, won = (first & ~second).sum(1), (second & ~first).sum(1)
            p = [
                [f(drops.drop(int(b), int(c), n), 0.0) for b, c in zip(lost, won, strict=True)]
                for f in (means.p_below, means.p_above)
            ]
            draws = weights @ right.T / n
            apart = (won - lost) / n
            drawn = draws[:, at[1]] - draws[:, at[0]]
            value = taus(draws)
            for k, some in enumerate((np.arange(at[0].size), near)):
                m = some.size
                held = {}
                for name, count in (("Holm", holm), ("Bonferroni", bonferroni)):
                    held[name] = [count(np.array(side)[some]) for side in p]
                held["Romano-Wolf"] = stepped(apart[some], drawn[:, some])
                for name, (rise, fall) in held.items():
                    both = (rise / m, 1 - fall / m) if k else of_signs(rise, fall, m)
                    ends[k].setdefault(name, []).append(both)
                both = np.quantile(value[k], [TAIL, 1 - TAIL])
                ends[k].setdefault("percentile bootstrap", []).append(both)
        for k, one in enumerate(tally.values()):
            one.add(cell, ends[k], truths[k], sets=sets)
    for title, one in tally.items():
        one.tell(title)


def holm(p):
    """How many of some p-values Holm's procedure rejects."""
    small = np.sort(p) <= TAIL / np.arange(p.size, 0, -1)
    return int(small.cumprod().sum())


def bonferroni(p):
    """How many of some p-values are below their share of the level."""
    return int((p <= TAIL / p.size).sum())


if __name__ == "__main__":
    cells.run(globals())
