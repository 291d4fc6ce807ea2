"""Donors of each sample's own: their noise is the sample's, and intervals over samples hold it."""

import numpy as np
import pytest

from mmaudit.inference.absence import with_absence
from mmaudit.inference.averages import without_each
from mmaudit.inference.donors import SIZE
from mmaudit.measures.games.worth import WORTHS, Reference
from mmaudit.models.base import ModelInfo
from mmaudit.models.load import Loaded

K = 8
MASKS = [(0, 0), (1, 0), (0, 1), (1, 1)]


class Additive:
    """Logits that are the sum of both modalities."""

    modalities, classes, output, accepts_missing = ("a", "b"), ("x", "y", "z"), "logits", False

    def scores(self, batch, present):
        return batch["a"] + batch["b"]


class AdditiveInTwo(Additive):
    """The same in two stages."""

    def encode(self, modality, values):
        return values

    def fuse(self, features, present):
        return features["a"] + features["b"]


def loaded(model):
    info = ModelInfo(
        spec="python object",
        digest=None,
        modalities=("a", "b"),
        classes=model.classes,
        output="logits",
        accepts_missing=False,
        two_stage=hasattr(model, "fuse"),
        device="cpu",
    )
    return Loaded(model, info)


def drawn(rng, n):
    labels = rng.integers(0, 3, n)
    values = {m: (rng.normal(size=(n, 3)) + s * np.eye(3)[labels]) for m, s in (("a", 2), ("b", 1))}
    return labels, {m: v.astype(np.float32) for m, v in values.items()}


def phis(rng, n, worths, words=True):
    """φ of a of fresh samples with fresh donors, ``(worth, sample)``."""
    model = with_absence(loaded(Additive()), f"marginal:{K}", drawn(rng, max(SIZE, n // 2))[1])
    labels, batch = drawn(rng, n)
    presents = [
        {m: np.full(n, bool(on)) for m, on in zip("ab", mask, strict=True)} for mask in MASKS
    ]
    own = rng.integers(0, 2**63, n).astype(np.uint64) if words else None
    logits = [np.exp(x.astype(np.float64)) for x in model.several(batch, presents, own)]
    answers = [x / x.sum(axis=1, keepdims=True) for x in logits]
    reference = Reference(truth=labels, whole=answers[3], there=np.ones((n, 2), bool))
    out = []
    for name in worths:
        none, a, b, both = (WORTHS["class"][name](p, reference) for p in answers)
        out.append((a - none + both - b) / 2)
    return np.stack(out)


def covered(n, runs, words=True, worths=("p_true", "correct", "neg_loss", "margin")):
    """How often the interval over samples covers the mean over draws of donors and samples."""
    rng = np.random.default_rng(n)
    told = np.stack([phis(rng, n, worths, words) for _ in range(runs)])
    means, half = told.mean(axis=2), 1.96 * told.std(axis=2, ddof=1) / np.sqrt(n)
    return dict(zip(worths, (np.abs(means - means.mean(axis=0)) <= half).mean(axis=0), strict=True))


@pytest.mark.parametrize(("n", "runs"), [(200, 200), (2000, 80)])
def test_the_interval_over_samples_covers_the_mean_over_draws_of_donors(n, runs):
    """93 % and more; a false alarm of this test is below 1 % for each worth."""
    for worth, rate in covered(n, runs).items():
        assert rate >= (0.90 if n == 200 else 0.87), (worth, rate)
    assert min(covered(n, 40, words=False).values()) < 0.9  # the same donors for all


@pytest.mark.parametrize("kind", [Additive, AdditiveInTwo])
def test_each_sample_has_its_own_donors_wherever_it_stands(kind):
    rng = np.random.default_rng(0)
    donors, (_, batch) = drawn(rng, 30)[1], drawn(rng, 5)
    model = with_absence(loaded(kind()), "marginal:4", donors)
    present = {"a": np.array([True] * 4 + [False]), "b": np.zeros(5, bool)}
    words = np.array([0, 28, 3, 31, 7], np.uint64)
    (got,) = model.several(batch, [present], words)
    for i, word in enumerate(words):
        at = (int(word) + np.arange(4)) % 30
        a = batch["a"][i] if present["a"][i] else donors["a"][at]
        p = np.exp(np.float64(a + donors["b"][at]))
        expected = (p / p.sum(axis=1, keepdims=True)).mean(axis=0)
        assert got[i] == pytest.approx(np.log(expected), abs=1e-5)
        one = (
            {m: v[i : i + 1] for m, v in batch.items()},
            [{m: p[i : i + 1] for m, p in present.items()}],
        )
        assert model.several(*one, words[i : i + 1])[0][0] == pytest.approx(got[i], abs=1e-6)
    shares = [model.share(2 * s, 2).several(batch, [present], words)[0] for s in (0, 1)]
    assert np.exp(shares).mean(axis=0) == pytest.approx(np.exp(got), abs=1e-6)


def test_errors_of_shares_are_those_of_another_draw_of_donors():
    """By the jackknife: a worth that is no straight line of the answer is not told by its shares."""
    rng = np.random.default_rng(0)
    runs, n, shares = 200, 20, 4
    p = rng.beta(0.5, 2.0, (runs, 64, n))  # of donors, whose mean is the answer
    each = p.reshape(runs, shares, 16, n).mean(axis=2)
    rest = np.stack(without_each(each.swapaxes(0, 1)), axis=0)
    assert rest.mean(axis=0) == pytest.approx(p.mean(axis=1))
    for worth in (np.log, lambda x: x):
        error = worth(rest).std(axis=0) * np.sqrt(shares - 1)
        true = worth(p.mean(axis=1)).std(axis=0)
        assert np.sqrt((error**2).mean()) == pytest.approx(np.sqrt((true**2).mean()), rel=0.1)
    plain = each.std(axis=1, ddof=1) / 2
    assert plain == pytest.approx(rest.std(axis=0) * np.sqrt(3))
