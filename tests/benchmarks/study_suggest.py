"""How often does an equally good model pass a suggested bound? Simulated, a line a number.

    PYTHONPATH=.:tests/kits python tests/benchmarks/study_suggest.py [CELL ...] [--sets 2000]

Every cell makes that many test sets of a model. Each of them in turn is the reference whose bound
is suggested, and all the others are fresh: printed are the shares that pass a bound at the edge of
the reference's interval, and the one that `--suggest` writes for a single check (stated: .95).
The standard error counts both the references and the fresh sets, which all references share.
"""

import math
from functools import cache

import numpy as np
from scipy import stats

import cells
import many_games
from mmaudit.bounds import drops, means, ranking, smooth
from mmaudit.gate.numbers.sampled import Sampled, Smooth
from mmaudit.gate.suggestion.predictive import bound
from mmaudit.gate.suggestion.widened import widened
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.rows import Estimate

ERROR, DRAWS = 0.05, 400
SIZES = (100, 400, 2_000)


def said(name, n, fresh, limits, sign):
    """One line: shares of fresh ends within the bounds at the edge, and as suggested."""
    fresh = np.sort(sign * np.asarray(fresh))
    cells = []
    for some in (fresh, sign * np.asarray(limits, float)):
        passed = np.searchsorted(fresh, some + 1e-12, side="right") / fresh.size
        by_fresh = np.searchsorted(np.sort(some), fresh - 1e-12) / fresh.size
        error = math.hypot(passed.std(), by_fresh.std()) / math.sqrt(passed.size)
        cells.append(f"{passed.mean():.3f} | {error:.4f}")
    print(f"| {name} | {n} | {' | '.join(cells)} |", flush=True)


def sampled(name, n, data, sign):
    """A number that rests on its samples."""
    side = 1 if sign > 0 else 0
    ends = [one.ends(0.95)[side] for one in data]
    said(name, n, ends, [bound(one, sign, ERROR) for one in data], sign)


def drop_cells(sets):
    """Drops of shares; what occurs more than once is computed once."""
    for drop, won in ((0, 0.005), (0.02, 0), (0.05, 0.03), (0.2, 0.02)):
        for n in SIZES:
            rng = np.random.default_rng(1)
            rows = rng.multinomial(n, [drop + won, won, 1 - drop - 2 * won], sets)[:, :2].tolist()

            @cache
            def both(lost, won, n=n):
                one = Sampled(drops.drop(lost, won, n))
                return one.ends(0.95)[1], bound(one, 1, ERROR)

            ends, limits = zip(*(both(*row) for row in rows), strict=True)
            said(f"drop {drop}, won {won}", n, ends, limits, 1)


def losses(rng, n, apart):
    """Probability of the truth by a calibrated model of two even classes, ``(n,)``."""
    right = rng.random(n) < 0.5
    x = rng.normal(np.where(right, apart / 2, -apart / 2))
    p = 1 / (1 + np.exp(-apart * x))
    return np.where(right, p, 1 - p)


def loss_cells(sets):
    """Brier and NLL at accuracies of .6, .9, .99."""
    for apart, accuracy in ((0.5, 0.6), (2.56, 0.9), (4.65, 0.99)):
        for n in SIZES:
            rng = np.random.default_rng(2)
            p = [losses(rng, n, apart) for _ in range(sets)]
            high = 6.907755
            for name, values, most in (
                ("Brier", [2 * (1 - x) ** 2 for x in p], 2.0),
                ("NLL", [np.minimum(-np.log(x), high) for x in p], high),
            ):
                data = [Sampled(means.bounded(x, 0.0, most)) for x in values]
                sampled(f"{name} at accuracy {accuracy}", n, data, 1)


def rise_cells(sets):
    """Rise of NLL from one condition to a worse one."""
    high = 6.907755
    for n in SIZES:
        rng, data = np.random.default_rng(3), []
        for _ in range(sets):
            right, noise = rng.random(n) < 0.5, rng.normal(size=n)
            both = []
            for apart in (2.5, 1.5):
                x = np.where(right, apart / 2, -apart / 2) + noise
                p = 1 / (1 + np.exp(-apart * np.where(right, x, -x)))
                both.append(np.minimum(-np.log(p), high))
            data.append(Sampled(means.bounded(both[1] - both[0], -high, high)))
        sampled("rise of NLL", n, data, 1)


def error_cells(sets):
    """Mean absolute errors."""
    for n in SIZES:
        rng = np.random.default_rng(4)
        data = [
            Smooth(smooth.moments(np.abs(rng.normal(size=n))), one_sided=True) for _ in range(sets)
        ]
        sampled("mean absolute error, normal", n, data, 1)


def interval(name, n, estimates, reach):
    """A number of which only the interval is there, held from below."""
    limits = [widened(one, -1, ERROR, reach) for one in estimates]
    said(name, n, [one.low for one in estimates], limits, -1)


def area_cells(sets):
    """AUROC, half positive."""
    for area in (0.8, 0.95, 0.99):
        far = math.sqrt(2) * stats.norm.ppf(area)
        for n in SIZES:
            rng, estimates, half = np.random.default_rng(5), [], n // 2
            labels = np.repeat([1, 0], half)
            for _ in range(sets):
                scores = rng.normal(far * labels)
                one = ranking.areas(np.stack([-scores, scores], 1), labels, np.array([1]))
                low, high = one.ends()
                estimates.append(Estimate(one.value, min(low, one.value), max(high, one.value), n))
            interval(f"AUROC {area}", n, estimates, (0.0, 1.0))


def phi_cells(sets):
    """What a modality brings to the probability of the truth, and to its logarithm."""
    for signal in ((1.5, 1.0), (2.0, 0.2)):
        for n in SIZES:
            rng, some = np.random.default_rng(6), ({}, {})
            weights = rng.poisson(1, (DRAWS, n)).astype(float)
            weights /= weights.sum(1, keepdims=True)
            for _ in range(sets):
                labels, answers = many_games.answered(rng, n, signal)
                p = np.stack([a[np.arange(n), labels] for a in answers])
                worths = p, np.maximum(np.log(p), -6.907755)
                for k, (name, worth) in enumerate(zip(("p_true", "log"), worths, strict=True)):
                    phi = solved(worth).phi
                    draws, span = weights @ phi, (1.0, 6.907755)[k]
                    for m, side in enumerate(("strong", "weak")):
                        made = Replicates(phi[:, m].mean(), draws[:, m], n, (-span, span))
                        some[k].setdefault(f"{name}, {side} {signal[m]}", []).append(
                            made.estimate()
                        )
            for worth in some:
                for name, estimates in worth.items():
                    interval(f"phi of {name}", n, estimates, (-math.inf, math.inf))


if __name__ == "__main__":
    cells.run(globals())
