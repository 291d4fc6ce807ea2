"""Rivals of the rise of a loss between two looks at the same samples, where few of them change.

    PYTHONPATH=.:tests/kits python tests/benchmarks/study_rivals_of_rises.py [CELL ...] [--sets 2000]

Printed as by `study_rivals.py`; ours first. Below a table stands the least median width, over ours,
that an interval can have which keeps its error: no less than an oracle's, and what befalls 3 in n
samples, and costs or gains each all that it can, is not seen in .05 of the sets, of which no more
than half may deny it.
"""

import math

import numpy as np
from scipy import stats
from study_rivals import HIGHEST, MODELS, losses
from study_rivals_of_parts import labelled_answers

import cells
from mmaudit.bounds import shares
from rivals import TAIL, Tally, Z, gaffke, of_means

WAYS = {  # of how many of the samples the answer changes, and whether to all that can be lost
    "all change": (1.0, False),
    "1 of 50": (0.02, False),
    "3 of all lost": (3.0, True),
}

LABELS = {
    "three labels, n 150": (2.5, 1.5, 1.0, 150),
    "sure, n 200": (5.0, 4.5, 3.0, 200),
    "surer, n 150": (6.0, 5.5, 4.0, 150),
}


def joined(first, second, ends):
    """Square-and-add of two means' own ends, by the correlation less one standard error."""
    value = second.mean(1) - first.mean(1)
    n = first.shape[1]
    both = ((first - first.mean(1)[:, None]) * (second - second.mean(1)[:, None])).mean(1)
    r = both / np.maximum(first.std(1) * second.std(1), 1e-12)
    r = np.tanh(np.arctanh(np.clip(r, -1 + 1e-9, 1 - 1e-9)) - 1 / math.sqrt(n - 3))
    (a_low, a_high), (b_low, b_high) = ends[0].T, ends[1].T
    a, b = first.mean(1), second.mean(1)

    def side(x, y):
        return np.sqrt(np.maximum(x**2 + y**2 - 2 * r * x * y, 0))

    return value - side(b - b_low, a_high - a), value + side(b_high - b, a - a_low)


def signs(rise, own):
    """Square-and-add of what rises and what falls, which exclude each other."""
    up, down = (np.maximum(side * rise, 0).mean(1) for side in (1, -1))
    spread = np.maximum(rise, 0).std(1) * np.maximum(-rise, 0).std(1)
    r = -np.divide(up * down, spread, out=np.zeros_like(up), where=spread > 0)
    r = np.maximum(r, -1)
    (low, high), (least, most) = (side.T for side in own)

    def side(x, y):
        return np.sqrt(np.maximum(x**2 + y**2 - 2 * r * x * y, 0))

    return np.stack(
        [up - down - side(up - low, most - down), up - down + side(high - up, down - least)], 1
    )


def narrowest(rise, high):
    """The least median width of an interval that keeps its error."""
    unseen, known = 1 - (2 * TAIL) ** (1 / rise.shape[1]), Z * rise.mean(1).std()
    ends = (np.maximum(known, unseen * (high + side * rise.mean(1))) for side in (1, -1))
    return np.median(sum(ends))


def changed(rng, first, second, way, high, n):
    """The losses of the second look where only some answers change; ``n`` samples are a set."""
    share, lost = way
    some = rng.random(first.shape) < (share / n if lost else share)
    return np.where(some, high if lost else second, first)


def of_rise(tally, cell, rng, looks, high, truth):
    """Tally the constructions of one cell; the least possible width over ours.

    Looks are losses ``(set, sample)``.
    """
    first, second = looks
    rise, sets = second - first, len(first)
    ends = {"Gaffke": gaffke(rise, -high, high)}
    own = [gaffke(x, 0.0, high) for x in looks]
    ends["square-and-add of Gaffke's"] = np.stack(joined(first, second, own), 1)
    parts = [gaffke(np.maximum(side * rise, 0), 0.0, high) for side in (1, -1)]
    ends["square-and-add of rises and falls"] = signs(rise, parts)
    ends |= {k: np.stack(v, 1) for k, v in of_means(rise, rng).items()}
    tally.add(cell, ends, truth, sets=sets)
    return narrowest(rise, high) / np.median(np.ptp(ends["Gaffke"], axis=1))


def binary_cells(_):
    """Enumerated: samples that are wrong both times, and few that are lost."""
    tally = Tally()
    for n, wrong, lost in (
        (150, 0.1, 0.02),
        (150, 0.5, 0.01),
        (300, 0.3, 0.005),
        (1000, 0.3, 0.01),
    ):
        both = np.arange(int(stats.binom.ppf(1e-6, n, wrong)), int(stats.binom.isf(1e-6, n, wrong)))
        pairs = [(k, x) for k in both for x in range(int(stats.binom.isf(1e-6, n, lost)) + 1)]
        rates = [wrong, lost, 1 - wrong - lost]
        chance = np.array([stats.multinomial.pmf([k, x, n - k - x], n, rates) for k, x in pairs])
        some = [pair for pair, p in zip(pairs, chance, strict=True) if p > 1e-8]
        ends = {"square-and-add of Clopper and Pearson's": [squares(k, x, n) for k, x in some]}
        tally.add(f"n {n}, wrong {wrong}, lost {lost}", ends, lost, chance[chance > 1e-8])
    tally.tell("rise of a share of errors, few lost and none won")


def squares(both, lost, n):
    """Square-and-add of the two shares of errors, by their correlation less one error."""
    p, q = (both + lost) / n, both / n
    (p_low, p_high), (q_low, q_high) = shares.ends(both + lost, n), shares.ends(both, n)
    spread = math.sqrt(p * (1 - p) * q * (1 - q))
    r = (q - p * q) / spread if spread else 0.0
    r = math.tanh(math.atanh(min(r, 1 - 1e-9)) - 1 / math.sqrt(n - 3))

    def side(x, y):
        return math.sqrt(max(x * x + y * y - 2 * r * x * y, 0))

    return p - q - side(p - p_low, q_high - q), p - q + side(p_high - p, q - q_low)


def class_cells(sets):
    """Rises of the NLL and the Brier of classes."""
    for at, (name, high) in enumerate((("NLL", HIGHEST), ("Brier", 2.0))):
        tally, least = Tally(), []
        for model, (*made, n) in MODELS.items():
            for way, how in WAYS.items():
                rng = np.random.default_rng(3)
                far, some = (
                    [x[at] for x in losses(rng, *size, *made)]
                    for size in ((1, 2_000_000), (sets, n))
                )
                far[1], some[1] = (changed(rng, *two, how, high, n) for two in (far, some))
                truth = far[1].mean() - far[0].mean()
                least.append(of_rise(tally, f"{model}, {way}", rng, some, high, truth))
        tally.tell(f"rise of the {name} of classes")
        print("possible: " + ", ".join(f"{wide:.2f}" for wide in least), flush=True)


def of_labels(name, truth, p):
    """Loss of each sample, the mean over its labels."""
    q = np.where(truth, p, 1 - p)
    if name == "Brier":
        return ((1 - q) ** 2).mean(2)
    return np.minimum(-np.log(np.maximum(q, 1e-300)), HIGHEST).mean(2)


def label_cells(sets):
    """Rises of the NLL and the Brier of labels."""
    for name, high in (("NLL", HIGHEST), ("Brier", 1.0)):
        tally, least = Tally(), []
        for model, (*made, n) in LABELS.items():
            for way, how in WAYS.items():
                rng = np.random.default_rng(1)
                far, some = (
                    [of_labels(name, truth, p) for p in both]
                    for truth, both in (
                        labelled_answers(rng, *size, *made) for size in ((1, 600_000), (sets, n))
                    )
                )
                far[1], some[1] = (changed(rng, *two, how, high, n) for two in (far, some))
                truth = far[1].mean() - far[0].mean()
                least.append(of_rise(tally, f"{model}, {way}", rng, some, high, truth))
        tally.tell(f"rise of the {name} of labels")
        print("possible: " + ", ".join(f"{wide:.2f}" for wide in least), flush=True)


if __name__ == "__main__":
    cells.run(globals())
