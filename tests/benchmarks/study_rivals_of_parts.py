"""Rivals of the intervals of contributions, of training, of labels, and of the truth of pairs.

    PYTHONPATH=.:tests/kits python tests/benchmarks/study_rivals_of_parts.py [CELL ...] [--sets 500]

Printed as by `study_rivals.py`; ours first.
"""

import math

import numpy as np
import pyarrow as pa
from scipy import stats

import cells
import many_games
import many_pairs
import other_games
from mmaudit.audits.contributions import summary
from mmaudit.audits.noisy_pairs import summary as of_pairs
from mmaudit.bounds import ranking, shares
from mmaudit.measures.balance.cal_contribution import cal_contributions
from mmaudit.measures.balance.partial_information import partial_information
from mmaudit.measures.games.outcomes import OUTCOMES, outcomes
from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.evidence import Mean, Quotient
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.tasks import multilabel
from mmaudit.measures.tasks.base import CHARGE, LabelAnswers
from mmaudit.measures.tasks.severity import curves
from rivals import DRAWS, TAIL, Tally, Z, gaffke, of_means


def games_cells(sets):
    """Synergy of answers, and parts of information."""
    summary.gallery = lambda *_: pa.table({})
    tallies = {name: Tally() for name in ("synergy_rate", *PARTS)}
    big = sides(*many_games.answered(np.random.default_rng(9), 300_000), 1)
    for cell, n, groups in (("100", 100, None), ("60 groups of 5", 60, np.arange(300) // 5)):
        size = n if groups is None else 300
        ours = many_games.estimates(np.random.default_rng(1), sets, size, groups, 300)
        some = sides(*many_games.answered(np.random.default_rng(1), sets * n), sets)
        for name, (kind, who) in NAMES.items():
            own = np.array([(e.low, e.high) for e in ours[name, who]])
            values, truth = some[kind], big[kind].mean()
            of = of_means(values, np.random.default_rng(2))
            ends = {k: np.stack(v, 1) for k, v in of.items()}
            if name == "synergy_rate":
                ends["Clopper and Pearson"] = np.array(
                    [shares.ends(int(k), n) for k in values.sum(1)]
                )
            tallies[name].add(cell, {"ours": own, **ends}, truth, sets=sets)
    for name, tally in tallies.items():
        tally.tell(name)


PARTS = ("information_synergy", "information_redundant", "information_unique")
NAMES = {
    "synergy_rate": ("synergy_rate", ""),
    "information_synergy": ("synergy", "image,text"),
    "information_redundant": ("redundant", "image,text"),
    "information_unique": ("first", "image|text"),
}
CAL = ("phi 0", "phi 1", "entropy 0", "entropy 1")


def sides(labels, answers, sets):
    """What each sample adds to the means of a game, ``(set, sample)`` by name."""
    p = [a[np.arange(labels.size), labels] for a in answers]
    right = [a.argmax(1) == labels for a in answers]
    found = {
        "phi 0": 0.5 * (p[1] - p[0] + p[3] - p[2]),
        "phi 1": 0.5 * (p[2] - p[0] + p[3] - p[1]),
        "entropy 0": stats.entropy(answers[1], axis=1),
        "entropy 1": stats.entropy(answers[2], axis=1),
    }
    which = outcomes(np.stack(right[1:3], 1), right[3])
    found["synergy_rate"] = (which == OUTCOMES.index("synergy")).astype(float)
    prior = np.full(labels.size, 1 / many_games.CLASSES)
    parts = partial_information(p[1], p[2], p[3], prior)
    found |= {name: getattr(parts, name) for name in ("redundant", "first", "synergy")}
    return {name: v.reshape(sets, -1) for name, v in found.items()}


def cal_cells(sets):
    """CAL's contribution, which leaps where the modalities bring as much."""
    tally = Tally()
    for signal in ((1.5, 1.0), (1.2, 1.0), (1.1, 1.0), (1.03, 1.0), (2.5, 0.5)):
        for n in (60, 100):
            rng = np.random.default_rng(1)
            big = sides(*many_games.answered(rng, 300_000, signal), 1)
            some = sides(*many_games.answered(rng, sets * n, signal), sets)
            ends = cal_rivals(rng, np.stack([some[k] for k in CAL], 2))
            ends = {k: np.stack(v, 1) for k, v in ends.items()}
            tally.add(f"{signal}, n {n}", ends, weighed([big[k].mean() for k in CAL]), sets=sets)
    tally.tell("CAL's contribution")


RATIOS = {  # strengths of the modalities, or how often the second is right; and samples
    "(1.5, 1.0), n 60": ((1.5, 1.0), 60),
    "(1.5, 1.0), n 100": ((1.5, 1.0), 100),
    "(2.5, 0.5), n 60": ((2.5, 0.5), 60),
    "(0.6, 0.3), n 60": ((0.6, 0.3), 60),
    "(3.0, 3.0), n 60": ((3.0, 3.0), 60),
    "rarely right, n 60": (0.05, 60),
    "rarely right, n 100": (0.1, 100),
}


def ratio_cells(sets):
    """The discrepancy ratio of two modalities, and its inverse; the mean worth of both."""
    ratio, whole = Tally(), Tally()
    for cell, (signal, n) in RATIOS.items():
        rng = np.random.default_rng(4)
        (_, a, b, every), (_, *both, together) = (
            truths(rng, *size, signal) for size in ((1, 500_000), (sets, n))
        )
        for way, (x, y), truth in (
            ("", both, a.mean() / b.mean()),
            (", inverse", both[::-1], b.mean() / a.mean()),
        ):
            ratio.add(cell + way, ratio_rivals(rng, x, y), truth, sets=sets)
        if isinstance(signal, tuple):
            rest = {k: np.stack(v, 1) for k, v in of_means(together, rng).items()}
            ends = {"Gaffke": gaffke(together, 0.0, 1.0), **rest}
            whole.add(cell, ends, every.mean(), sets=sets)
    ratio.tell("discrepancy ratio")
    whole.tell("mean worth of both")


def ratio_rivals(rng, x, y):
    """Intervals of a ratio of two means, ours first; values ``(set, sample)``."""
    n = x.shape[1]
    weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS) / n
    point, draws = x.mean(1) / y.mean(1), (x @ weights.T) / (y @ weights.T)
    left = (x.sum(1)[:, None] - x) / (y.sum(1)[:, None] - y)
    pairs = [(Mean(u, None, 0.0, 1.0), Mean(v, None, 0.0, 1.0)) for u, v in zip(x, y, strict=True)]
    found = [
        Replicates(p, d, n, (0.0, math.inf)).estimate() for p, d in zip(point, draws, strict=True)
    ]
    ends = {
        "Gaffke of a difference": np.array([Quotient(*pair).ends(TAIL) for pair in pairs]),
        "hull of draws": np.array([(e.low, e.high) for e in found]),
    }
    ends |= {k: np.stack(v, 1) for k, v in smooth_rivals(point, draws, left).items()}
    logs = np.log(left)
    error = np.sqrt((n - 1) / n * ((logs.mean(1)[:, None] - logs) ** 2).sum(1))
    for name, freedom in (("", n - 1), (", an eighth of the freedom", (n - 1) / 8)):
        off = stats.t.ppf(1 - TAIL, freedom) * error
        both = np.stack([point * np.exp(-off), point * np.exp(off)], 1)
        ends[f"t of the logarithm, jackknife{name}"] = both
    return ends


def truths(rng, sets, n, signal):
    """Probability of the truth by no, either and both modalities, ``(set, sample)`` each."""
    if not isinstance(signal, tuple):  # one that is often right beside one that rarely is
        strong = np.where(rng.random((sets, n)) < 0.7, 0.95, 0.05)
        weak = np.where(rng.random((sets, n)) < signal, 0.95, 0.01)
        return strong, strong, weak, strong
    labels, answers = many_games.answered(rng, sets * n, signal)
    return [p[np.arange(labels.size), labels].reshape(sets, n) for p in answers]


def weighed(columns):
    """CAL's contribution of the first modality, by means of `CAL`."""
    one = [Replicates(float(np.ravel(c)[0]), np.ravel(c), 2) for c in columns]
    return cal_contributions(one[:2], one[2:], many_games.CLASSES)[0].draws.reshape(
        np.shape(columns[0])
    )


def cal_rivals(rng, values):
    """Intervals of CAL's contribution; values ``(set, sample, 4)``."""
    n = values.shape[1]
    weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS) / n
    point = weighed(values.mean(1).T)
    draws = weighed(np.moveaxis(weights @ values, 2, 0))
    left = weighed(np.moveaxis((values.sum(1)[:, None] - values) / (n - 1), 2, 0))
    every = [Replicates(p, d, n, (0.0, 1.0)).estimate() for p, d in zip(point, draws, strict=True)]
    own = np.array([(e.low, e.high) for e in every]).T
    return {"hull of draws": tuple(own)} | smooth_rivals(point, draws, left)


def smooth_rivals(point, draws, left):
    """Known intervals of a statistic, ``(set,)``, by draws and by leaving samples out."""
    n, t = left.shape[1], stats.t.ppf(1 - TAIL, left.shape[1] - 1)
    low, high = np.quantile(draws, [TAIL, 1 - TAIL], axis=1)
    loo = left.mean(1)[:, None] - left
    jack = np.sqrt((n - 1) / n * (loo**2).sum(1))
    lean = (loo**3).sum(1) / np.maximum(6 * (loo**2).sum(1) ** 1.5, 1e-18)
    below = np.clip((draws < point[:, None]).mean(1), 1 / DRAWS, 1 - 1 / DRAWS)
    z0, spread, at = stats.norm.ppf(below), draws.std(1), np.sort(draws, 1)
    levels = [stats.norm.cdf(z0 + (z0 + z) / (1 - lean * (z0 + z))) for z in (-Z, Z)]
    rank = [np.rint(np.clip(v, 0, 1) * (DRAWS - 1)).astype(int) for v in levels]
    return {
        "percentile bootstrap": (low, high),
        "basic bootstrap": (2 * point - high, 2 * point - low),
        "BCa bootstrap": tuple(at[np.arange(len(at)), r] for r in rank),
        "t, spread of the draws": (point - t * spread, point + t * spread),
        "t, jackknife": (point - t * jack, point + t * jack),
    }


def training_cells(sets):
    """The generalisation gap: losses of two sets of samples."""
    tally, n = Tally(), other_games.N
    for cell, gap, rare in (
        ("gap .2", 0.2, 1.0),
        ("no gap", 0.0, 1.0),
        ("new ones rarely", 0, 0.02),
    ):
        rng = np.random.default_rng(2)
        old, new = (
            np.minimum(s * rng.exponential(size=(sets, n)), CHARGE) for s in (0.5, 0.5 + gap)
        )
        truth = gap
        if rare < 1:  # rarely wrong, and sure of it
            old, new = 0.01 * old, np.where(rng.random(new.shape) < rare, 5.0, 0.01 * new)
            truth = rare * 5.0 - rare * 0.005
        keys = [unit_keys(k, [f"{k}{i}" for i in range(n)]) for k in (0, 1)]
        own = []
        for a, b in zip(old, new, strict=True):
            first, second = (
                replicated_mean(x, k, DRAWS, (0.0, CHARGE))
                for x, k in zip((a, b), keys, strict=True)
            )
            e = (second.settled() - first).estimate()
            own.append((e.low, e.high))
        value = new.mean(1) - old.mean(1)
        error = np.hypot(new.std(1, ddof=1), old.std(1, ddof=1)) / math.sqrt(n)
        t = stats.t.ppf(1 - TAIL, n - 1)
        ends = {"ours": own, "Welch's t": np.stack([value - t * error, value + t * error], 1)}
        both = [of_means(x, rng) | {"Gaffke": gaffke(x, 0.0, CHARGE).T} for x in (new, old)]
        for name in both[0]:
            (a, b), (c, d) = (one[name] for one in both)
            low = value - np.hypot(new.mean(1) - a, d - old.mean(1))
            high = value + np.hypot(b - new.mean(1), old.mean(1) - c)
            ends[f"square-and-add of {name}"] = np.stack([low, high], 1)
        tally.add(cell, ends, truth, sets=sets)
    tally.tell("generalisation gap")


NAMED = ("cat", "dog", "sky")


def labelled_answers(rng, sets, n, clean, worse, sure, rare=0.3):
    """Truth and scores of three labels, clean and worse, ``(set, sample, label)`` each."""
    truth = rng.random((sets, n, 3)) < (rare, 0.5, 0.7)
    noise = rng.normal(size=truth.shape)
    both = []
    for apart in (clean, worse):
        x = np.where(truth, apart / 2, -apart / 2) + noise
        both.append(1 / (1 + np.exp(-sure * apart * x)))
    return truth, both


def mean_f1(truth, p, weights):
    """Mean F1 of labels under weights ``(draw, sample)``."""
    said = p > 0.5
    both = weights @ (truth & said)
    return (2 * both / np.maximum(weights @ (truth + said.astype(float)), 1e-12)).mean(1)


def mean_auroc(truth, p, weights):
    """Mean AUROC of labels, likewise; no ties."""
    areas = []
    for k in range(truth.shape[1]):
        order = np.argsort(p[:, k])
        some, yes = weights[:, order], truth[order, k]
        below, here = np.cumsum(some * ~yes, 1), some * yes
        areas.append((here * below).sum(1) / np.maximum(here.sum(1) * below[:, -1], 1e-12))
    return np.mean(areas, 0)


def means_cells(sets):
    """Drops of the mean F1 and the mean AUROC of labels."""
    tallies = {"f1": Tally(), "auroc": Tally()}
    for cell, n, *model in (
        ("n 150", 150, 2.5, 1.5, 1.0),
        ("a rare label, n 200", 200, 2.5, 1.5, 1.0, 0.05),
        ("a rare label, little lost, n 200", 200, 3.5, 3.3, 1.0, 0.05),
        ("rarely wrong, n 150", 150, 5.0, 4.5, 1.0),
    ):
        rng, ours = np.random.default_rng(5), {"f1": [], "auroc": []}
        truth, both = labelled_answers(rng, 1, 300_000, *model)
        one, left, keys = np.ones((1, 300_000)), 1 - np.eye(n), unit_keys(0, np.arange(n))
        rests = {name: [] for name in ours}
        for _ in range(sets):
            t, some = labelled_answers(rng, 1, n, *model)
            weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS).astype(float)
            every = [multilabel.measure(LabelAnswers(t[0], p[0], NAMED), keys, 200) for p in some]
            for name, of in (("f1", mean_f1), ("auroc", mean_auroc)):
                e = curves.drop(every[0][name], every[1][name], better="higher").estimate()
                ours[name].append((e.low, e.high))
                rests[name].append(
                    [
                        np.subtract(*(of(t[0], p[0], w) for p in some))
                        for w in (np.ones((1, n)), weights, left)
                    ]
                )
        for name, of in (("f1", mean_f1), ("auroc", mean_auroc)):
            far = float(np.subtract(*(of(truth[0], p[0], one)[0] for p in both)))
            point, draws, loo = (np.array(v) for v in zip(*rests[name], strict=True))
            ends = smooth_rivals(point[:, 0], draws, loo)
            ends = {k: np.stack(v, 1) for k, v in ends.items()}
            tallies[name].add(cell, {"ours": np.array(ours[name]), **ends}, far, sets=sets)
    for name, tally in tallies.items():
        tally.tell(f"drop of the mean {name} of labels")


def truth_cells(sets):
    """AUROC of suspicion against the truth of pairs, and the error of a noise rate."""
    area, off = Tally(), Tally()
    for n, wrong, noise in ((200, 0.1, 0.4), (300, 0.05, 0.8), (200, 0.1, 1.0)):
        rng, some = np.random.default_rng(8), []
        for _ in range(sets):
            left, right, group, truth = many_pairs.drawn(rng, n, wrong, noise)
            one = many_pairs.analysed(left, right, group, truth)
            rows = {r["metric"]: r["estimate"] for r in of_pairs.rows(one)}
            if "truth_auroc" in rows:
                some.append((rows, one, truth))
        for tally, name, of in (
            (area, "truth_auroc", areas_of), (off, "truth_rate_error", errors_of),
        ):  # fmt: skip
            ends, values = {}, []
            for rows, one, truth in some:
                e = rows[name]
                values.append(e.value)
                for k, both in ({"ours": (e.low, e.high)} | of(rng, e.value, one, truth)).items():
                    ends.setdefault(k, []).append(both)
            cell = f"{n} pairs, {wrong} wrong, noise {noise}"
            tally.add(cell, ends, float(np.mean(values)), sets=len(some))
    area.tell("truth_auroc")
    off.tell("truth_rate_error")


def areas_of(rng, value, one, truth):
    """Intervals of an AUROC."""
    scores = np.stack([-one.suspicion, one.suspicion], 1)
    unit = np.arange(len(truth))
    own = ranking.areas(scores, truth.astype(int), np.array([1]), unit)
    draws = []
    yes, no = one.suspicion[truth], one.suspicion[~truth]
    for _ in range(200):
        a, b = rng.choice(yes, yes.size), np.sort(rng.choice(no, no.size))
        draws.append(np.searchsorted(b, a).mean() / no.size)
    q = np.quantile(draws, [TAIL, 1 - TAIL])
    return {
        "DeLong on the logit": own.ends(),
        "percentile bootstrap": tuple(q),
        "basic bootstrap": (2 * value - q[1], min(2 * value - q[0], 1)),
    }


def errors_of(rng, value, one, truth):
    """Intervals of how far a noise rate is off."""
    shuffled = np.sort(one.study.random.score)
    position = np.searchsorted(shuffled, one.study.score) / shuffled.size
    each = (position <= 0.5) / 0.5 - truth
    error = each.std(ddof=1) / math.sqrt(each.size)
    draws = rng.choice(each, (200, each.size)).mean(1) - each.mean()
    q = np.quantile(draws, [TAIL, 1 - TAIL])
    return {
        "t of the pairs' own": (value - Z * error, value + Z * error),
        "percentile bootstrap": (value + q[0], value + q[1]),
        "basic bootstrap": (value - q[1], value - q[0]),
    }


if __name__ == "__main__":
    cells.run(globals())
