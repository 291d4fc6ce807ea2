"""Rows for remedies of which it is known what helps: what is planted, and how many are right.

Class means are the same for every seed; the rows of a seed are its own.
"""

from dataclasses import dataclass, replace

import numpy as np

from mmaudit.remedies.data import FeatureSource, FusionData
from mmaudit.remedies.fitted import FittedFusion
from mmaudit.remedies.training import fit_seeds

ROWS, TEST_ROWS, WIDTH, CLASSES = 1000, 3000, 20, 4
TIMES = 10  # steps of a series


@dataclass(frozen=True)
class Planted:
    """Rows to train on, and others of the same kind (or worse, where the set says so)."""

    train: FusionData
    test: FusionData


def nothing_wrong(seed, sd=2.9, rows=ROWS):
    """P0: two modalities that say the class alike, each with noise of its own."""
    return _pair(seed, rows, lambda g, y: {m: _means(m)[y] + sd * _noise(g, y) for m in "ab"})


def loud_noise(seed, sd=2.2, share=0.6, factor=4):
    """P1: in 60 % of rows, of training too, one modality has four times the noise."""

    def features(g, y):
        worse, which = g.random(len(y)) < share, g.integers(0, 2, len(y))
        loud = {m: np.where(worse & (which == i), factor * sd, sd) for i, m in enumerate("ab")}
        return {m: _means(m)[y] + loud[m][:, None] * _noise(g, y) for m in "ab"}

    return _pair(seed, ROWS, features)


def absent_signal(seed, clean_training=False):
    """P1a: in every row one modality says nothing at all, no louder than others.

    With ``clean_training`` (P1c) only test rows are so, and training rows are whole.
    """
    train = _part(seed, ROWS, _halves(1.0 if clean_training else 0.0))
    return Planted(train, _part(seed + 1_000_000, TEST_ROWS, _halves(0.0)))


def fast_and_slow(seed):
    """P2: ``a`` is fast and wrong for 15 %, ``b`` is slow and all that is needed; both are narrow.

    ``a`` is a shift of one feature; ``b`` has the parity of two signs, turned.
    """
    return _pair(seed, ROWS, _shift_and_parity(WIDTH, wrong=0.15), classes=2)


def fast_memorises(seed):
    """P2b: ``a`` is fast, wide and wrong for 20 %; ``b`` is slow and all that is needed.

    ``a`` has 200 features of which one says the class; ``b`` has the parity of two signs, turned.
    """
    return _pair(seed, 600, _shift_and_parity(200, wrong=0.2), classes=2)


def redundancy(seed):
    """P4: both modalities say one and the same, so that either is enough."""

    def features(g, y):
        z = _means("z")[y] + 2.2 * _noise(g, y)
        return {m: z @ _mixing(m) + 0.1 * _noise(g, y) for m in "ab"}

    return _pair(seed, ROWS, features)


def synergy(seed):
    """P6: the class is the product of a sign in ``a`` and a sign in ``b``; neither says it alone."""

    def features(g, y):
        u = np.where(g.random(len(y)) < 0.5, 1, -1)
        said = {"a": u, "b": u * (2 * y - 1)}
        x = {m: _noise(g, y) for m in "ab"}
        for m in "ab":
            x[m][:, 0] += 2.5 * said[m]
        return x

    return _pair(seed, ROWS, features, classes=2)


def conflict(seed, share=0.5):
    """P7: whole training rows; in a share of test rows ``b`` is of a row of another class."""
    whole = nothing_wrong(seed, sd=1.5)
    return Planted(whole.train, _of_another_class(whole.test, "b", seed, share))


def covariate(seed, shuffled=False):
    """P8: ``c``, one number, says how likely ``b`` is of a row of another class; or, shuffled, not.

    No ``b`` looks damaged by itself.
    """
    sd = {"a": 2.9, "b": 1.5}
    both = _pair(seed, ROWS, lambda g, y: {m: _means(m)[y] + sd[m] * _noise(g, y) for m in "ab"})
    return Planted(
        *(_covaried(rows, seed + i, shuffled) for i, rows in enumerate((both.train, both.test)))
    )


def cost(seed):
    """P11: ``a`` is narrow and says the class in 80 % of rows; ``b`` is wide, and always does."""

    def features(g, y):
        speaks = (g.random(len(y)) < 0.8)[:, None]
        return {
            "a": 1.3 * speaks * _means("a", 10)[y] + g.normal(size=(len(y), 10)),
            "b": 0.4 * _means("b", 90)[y] + g.normal(size=(len(y), 90)),
        }

    return _pair(seed, ROWS, features)


def sparse(seed):
    """P12: 5 of 50 features of each modality say the class (the first 5); 200 rows."""

    def features(g, y):
        x = {m: g.normal(size=(len(y), 50)) for m in "ab"}
        for m in "ab":
            x[m][:, :5] += 1.5 * _means(m, 5)[y]
        return x

    return _pair(seed, 200, features)


def late(seed, lag):
    """P9: two steps of ``a`` have a sign, and as many steps later ``b`` has one, too.

    The class is whether both signs agree of the pair that the second channel of ``a`` marks.
    """

    def features(g, y):
        at, one = np.arange(len(y)), g.integers(0, TIMES - lag, len(y))
        other = (one + g.integers(2, TIMES - lag - 1, len(y))) % (TIMES - lag)  # 2 apart at least
        signs = np.where(g.random((2, 2, len(y))) < 0.5, 3, -3)
        signs[1, 0] = signs[0, 0] * (2 * y - 1)
        a, b = g.normal(size=(len(y), TIMES, 2)), g.normal(size=(len(y), TIMES, 1))
        for k, step in enumerate((one, other)):
            a[at, step, 0] += signs[0, k]
            b[at, step + lag, 0] += signs[1, k]
        a[at, one, 1] += 3
        return {"a": a.reshape(len(y), -1), "b": b.reshape(len(y), -1)}

    source = FeatureSource(kind="series", steps=TIMES)
    both = _pair(seed, 2 * ROWS, features, classes=2)
    timed = dict.fromkeys("ab", source)
    return Planted(replace(both.train, sources=timed), replace(both.test, sources=timed))


def right(fitted: FittedFusion, rows: FusionData) -> float:
    """Share of rows that a trained method answers right."""
    h = {m: fitted.encode(m, x) for m, x in rows.features.items()}
    return float((fitted.fuse(h, rows.present).argmax(1) == rows.labels).mean())


def rights(names, planted: Planted, setup, seeds=range(5)):
    """Mean over seeds of the share that is right, of each method by its name."""
    bases = {}
    return {
        name: float(
            np.mean(
                [
                    right(f, planted.test)
                    for f in fit_seeds(name, planted.train, seeds, setup, bases)
                ]
            )
        )
        for name in names
    }


def _pair(seed, rows, features, classes=CLASSES):
    return Planted(
        _part(seed, rows, features, classes), _part(seed + 1_000_000, TEST_ROWS, features, classes)
    )


def _part(seed, rows, features, classes=CLASSES):
    g = np.random.default_rng(seed)
    y = g.integers(0, classes, rows)
    x = {m: values.astype(np.float32) for m, values in features(g, y).items()}
    return FusionData(
        features=x,
        present={m: np.ones(rows, np.bool_) for m in x},
        labels=y,
        classes=tuple("abcdef"[:classes]),
    )


def _shift_and_parity(width, wrong):
    """``a`` shifts one of its features by the class, of some rows by the other; ``b`` multiplies."""

    def features(g, y):
        said = np.where(g.random(len(y)) < wrong, 1 - y, y)
        a = g.normal(size=(len(y), width))
        a[:, 0] += 2.5 * (said - 0.5)
        sign = np.where(g.random(len(y)) < 0.5, 1, -1)
        b = g.normal(size=(len(y), WIDTH))
        b[:, 0] = 1.5 * sign + 0.5 * b[:, 0]
        b[:, 1] = 1.5 * sign * (2 * y - 1) + 0.5 * b[:, 1]
        return {"a": a, "b": b @ _turned(WIDTH)}

    return features


def _halves(least):
    """Rows one of whose modalities says a share of its signal, and the other all of it."""

    def features(g, y):
        which = g.integers(0, 2, len(y))
        says = {m: np.where(which == i, least, 1.0)[:, None] for i, m in enumerate("ab")}
        return {m: says[m] * 1.2 * _means(m)[y] + 2 * _noise(g, y) for m in "ab"}

    return features


def _covaried(rows, seed, shuffled):
    g = np.random.default_rng(seed + 3_000_000)
    c = g.random(len(rows))
    wrong = g.random(len(rows)) < 1 / (1 + np.exp(-10 * (c - 0.5)))
    worse = _of_another_class(rows, "b", seed, wrong=wrong)
    c = g.permutation(c) if shuffled else c
    return replace(
        worse,
        features={**worse.features, "c": c[:, None].astype(np.float32)},
        present={**worse.present, "c": np.ones(len(rows), np.bool_)},
    )


def _of_another_class(rows, modality, seed, share=0.0, wrong=None):
    """Rows some of which have a modality of a row of another class."""
    g = np.random.default_rng(seed + 2_000_000)
    wrong = g.random(len(rows)) < share if wrong is None else wrong
    donors = [g.choice(np.flatnonzero(rows.labels != y)) for y in rows.labels[wrong]]
    x = rows.features[modality].copy()
    x[wrong] = rows.features[modality][donors]
    return replace(rows, features={**rows.features, modality: x})


def _world(name):
    return np.random.default_rng([7, *name.encode()])


def _means(name, width=WIDTH):
    """What a modality says of each class, ``(class, width)``."""
    return _world(name).normal(size=(CLASSES, width))


def _mixing(name):
    return _world(f"mixing {name}").normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)


def _turned(width):
    return np.linalg.qr(_world("turned").normal(size=(width, width)))[0]


def _noise(g, y):
    return g.normal(size=(len(y), WIDTH))
