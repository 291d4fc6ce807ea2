"""Runs of donors: samples of two runs share none, and their noise is in the intervals."""

import numpy as np
from test_own_donors import Additive, drawn, loaded

from mmaudit.inference.absence import pooled, runs_of_donors, with_absence
from mmaudit.inference.runs_of_donors import run_keys, runs_of, starts
from mmaudit.measures.intervals.streamed import Chunk, means

K, POOL = 8, 128


def test_runs_share_no_donor_in_any_pool():
    sizes, words = {"a": 300, "b": 1000, "few": 40}, np.arange(100_000, dtype=np.uint64)
    runs = runs_of(sizes, 8)
    assert runs == {"a": 37, "b": 111, "few": 0}
    for m in ("a", "b"):
        at = starts(words, sizes[m], runs[m], 8)
        assert at.max() + 8 <= sizes[m]
        own, place = words % 37, at // 8
        assert all(np.unique(own[place == p]).size == 1 for p in range(runs[m]))
    anywhere = starts(words, 40, 0, 8)
    assert np.unique(anywhere).size == 40
    assert starts(words, 1, 0, 8) is None


def test_a_model_says_how_many_runs_there_are():
    values = drawn(np.random.default_rng(0), 100)[1]
    assert runs_of_donors(with_absence(loaded(Additive()), "marginal:4", values)) == 25
    assert runs_of_donors(with_absence(loaded(Additive()), "marginal:8", values)) == 0
    zeros = with_absence(loaded(Additive()), "zeros", values)
    assert (runs_of_donors(zeros), pooled(zeros)) == (0, 0)


def phi(rng, n):
    """φ of a by the log of p_true, with donors of a fresh pool, and keys of their runs."""
    model = with_absence(loaded(Additive()), f"marginal:{K}", drawn(rng, POOL)[1])
    labels, batch = drawn(rng, n)
    words = rng.integers(0, 2**63, n).astype(np.uint64)
    masks = [{"a": np.full(n, a), "b": np.full(n, b)} for a, b in np.ndindex(2, 2)]
    logits = [x.astype(np.float64) for x in model.several(batch, masks, words)]
    worths = [x[np.arange(n), labels] - np.log(np.exp(x).sum(axis=1)) for x in logits]
    none, b, a, both = worths
    return (a - none + both - b) / 2, words, run_keys(0, words, runs_of_donors(model))


def test_intervals_hold_the_choice_of_a_small_pool():
    """1,000 samples share 128 donors. 60 runs: .93 and more, with two standard errors of .033; the
    intervals over samples alone are two thirds as wide, and hold .8."""
    rng, n, drawn_again, plain = np.random.default_rng(0), 1000, [], []
    for _ in range(60):
        values, words, shared = phi(rng, n)
        for keys, into in ((shared, drawn_again), (None, plain)):
            chunk = Chunk(words, values[:, None], np.zeros((1, n), np.int64), keys)
            one = means(("phi",), [chunk].__iter__, replicates=200)[0].of("phi").estimate()
            into.append((one.low, one.high, one.value))
    low, high, value = np.array(drawn_again).T
    truth = value.mean()
    assert np.mean((low <= truth) & (truth <= high)) > 0.86
    few_low, few_high, _ = np.array(plain).T
    assert np.mean(few_high - few_low) < 0.8 * np.mean(high - low)
