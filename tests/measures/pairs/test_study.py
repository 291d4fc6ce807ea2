"""Does the study tell the truth, on data whose mismatches are known?"""

import math
from functools import cache

import numpy as np
import pytest
from pyarrow import parquet

from clip_like import clip_like, mismatched
from mmaudit.measures.pairs import detection, fdr, shuffles, two_tower
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.measures.pairs.evidence import mismatch_rates as rates
from mmaudit.measures.pairs.evidence import statistics as pair_statistics
from mmaudit.measures.pairs.evidence.statistics import statistics
from mmaudit.measures.pairs.evidence.verdict import needed, verdict
from mmaudit.measures.pairs.nulls import Pairs
from mmaudit.measures.pairs.study import study
from mmaudit.seeds import words
from places import SHARED

pytestmark = pytest.mark.long
DATA = SHARED
VIEWS = {"handwritten": ("pix", "fac"), "scene15": ("view1", "view2")}
NAMES = ("synthetic", *VIEWS)
SHARES = {0.05: 0.74, 0.2: 0.84, 0.5: 0.90, 0.8: 0.93}  # F1 that is reached, by what is planted
BRIEFLY = 0.2  # the share that every run of the tests plants


@cache
def views(name):
    path = DATA / name / "data.parquet"
    if not path.exists():
        pytest.skip(f"{path} is not here: the real datasets are not part of the repository")
    table = parquet.read_table(path, columns=list(VIEWS[name]))
    return tuple(np.array(table[v].to_pylist(), np.float32) for v in VIEWS[name])


def data(name, seed, n=2500):
    return clip_like(n, seed=seed)[:2] if name == "synthetic" else views(name)


def studied(left, right, seed=0, method="combined"):
    found = study(Pairs(left=left, right=right, group=np.arange(len(left))), method, seed)
    return found, statistics(found, found.random)


def slow_but(params, quick):
    """All of these, of which only one is asked where time is short."""
    return [p if p == quick else pytest.param(*p, marks=pytest.mark.slow) for p in params]


@pytest.mark.shared
@pytest.mark.parametrize(("first", "last"), slow_but([(0, 1), (1, 10)], (0, 1)))
@pytest.mark.parametrize("name", NAMES)
def test_a_clean_dataset_gets_an_honest_zero(name, first, last):
    for seed in range(first, last):
        _, found = studied(*data(name, seed), seed)
        assert found.noise_rate.value <= 0.02
        assert (found.lfdr > 0.5).mean() <= 0.01
        assert verdict(found, 0.05)[0] == "clean"


@pytest.mark.shared
@pytest.mark.parametrize(("share", "least"), slow_but(SHARES.items(), (BRIEFLY, SHARES[BRIEFLY])))
def test_planted_mismatches_are_found_and_counted(share, least):
    f1 = []
    for seed, name in enumerate(NAMES):
        left, right = data(name, seed)
        partner, wrong = mismatched(len(left), share, seed)
        found, stats = studied(left, right[partner], seed)
        assert abs(stats.noise_rate.value - wrong.mean()) <= 0.07
        assert stats.upper >= wrong.mean()
        auroc = detection.auroc(wrong, -found.score)
        assert auroc >= detection.auroc(wrong, found.columns["loss_split"]) - 0.01
        if "similarity" in found.columns:
            assert auroc >= detection.auroc(wrong, -found.columns["similarity"])
        f1.append(detection.f1(wrong, stats.lfdr > 0.5))
    assert np.mean(f1) >= least


LEVELS = (0.01, 0.05, 0.1, 0.2)


def false_discoveries(wrong, matched):
    """Share of wrong pairs in a list of matched ones."""
    return (wrong & matched).sum() / max(matched.sum(), 1)


def listed(observed, null, wrong):
    """False discovery proportion at each level by Storey, and the power at 0.05."""
    counts, at = fdr.levels(observed, null)
    q = fdr.q_values(counts, fdr.noise_rate(counts))[at]
    proportions = [false_discoveries(wrong, q <= level) for level in LEVELS]
    return proportions, float((q <= 0.05)[~wrong].mean())


def holds(proportions):
    """Whether the mean false discovery proportion is at most q + 2 standard errors, by level."""
    mean, error = np.mean(proportions, axis=0), np.std(proportions, axis=0, ddof=1)
    return mean <= np.array(LEVELS) + 2 * error / math.sqrt(len(proportions))


@pytest.mark.parametrize(
    ("share", "least", "seeds"),
    slow_but(
        [(0.8, 0.75, 5), (0.05, 0.9, 20), (0.2, 0.9, 20), (0.5, 0.85, 20), (0.8, 0.75, 20)],
        (0.8, 0.75, 5),
    ),
)
def test_the_default_methods_matched_list_keeps_its_rate_and_its_power(share, least, seeds):
    told, n = [], 1200
    for seed in range(seeds):
        left, right, _ = clip_like(n, seed=seed)
        partner, wrong = mismatched(n, share, seed)
        found = study(Pairs(left=left, right=right[partner], group=np.arange(n)), "combined", seed)
        told.append(listed(found.score, found.random.score, wrong))
    proportions, power = zip(*told, strict=True)
    assert holds(proportions).all()
    assert np.mean(power) >= least


def test_in_sample_scores_break_the_list():
    """The negative control: heads that saw their pairs call half of the mismatches matched."""
    told = []
    for seed in range(4):
        sides, wrong, null = shuffled_sides(1000, seed, 0.5)
        recipe = two_tower.Schedule(epochs=60, batch=256, gradient=two_tower.info_nce)
        left, right = two_tower.fit(sides.left, sides.right, recipe, words(seed, "test/in-sample"))
        a, b = left(sides.left), right(sides.right)
        shuffled = np.einsum("nd,nd->n", a[null.left], b[null.right])
        told.append(listed(np.einsum("nd,nd->n", a, b), shuffled, wrong)[0])
    assert not holds(told).any()
    assert np.mean(told, axis=0)[1] > 0.3


def shuffled_sides(n, seed, share):
    left, right, _ = clip_like(n, seed=seed)
    partner, wrong = mismatched(n, share, seed)
    fold = shuffles.folds(np.arange(n), 5, words(seed, "folds"))
    sides = Sides(
        left=left, right=right[partner], shared=True, fold=fold, copy=np.arange(n), seed=seed
    )
    return sides, wrong, shuffles.shuffled(fold, (np.arange(n),), words(seed, "null"), 2)


def test_an_in_sample_method_has_no_null():
    found = study(Pairs(**sides_of(400)), "ncr", 0)
    assert found.score is None
    assert found.random is None
    assert found.split is not None


def sides_of(n, seed=0):
    left, right, _ = clip_like(n, d=48, seed=seed)
    return {"left": left, "right": right, "group": np.arange(n)}


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_hard_null_keeps_its_rate_where_the_random_one_does_not(share):
    hard, random = [], []
    for seed in range(4):
        left, right, topic = clip_like(3000, seed=seed)
        partner, wrong = mismatched(len(left), share, seed, topic)
        found, stats = studied(left, right[partner], seed)
        against = statistics(found, found.hard)
        hard.append(false_discoveries(wrong, against.q_value <= 0.05))
        random.append(false_discoveries(wrong, stats.q_value_storey <= 0.05))
        assert against.noise_rate.value > stats.noise_rate.value + 0.02
    assert np.mean(hard) <= 0.05
    assert np.mean(random) > 0.1


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_within_classes_the_list_keeps_its_rate(share):
    """Six sets; the share of false ones stays below q = .05, where the random null gives over .1."""
    hard, random, matched = [], [], []
    for seed in range(6):
        left, right, topic = clip_like(1200, seed=seed)
        partner, wrong = mismatched(len(left), share, seed, topic)
        given = Pairs(
            left=left, right=right[partner], group=np.arange(1200), label=topic, shared=True
        )
        found = study(given, "similarity", seed)
        assert found.within_class
        assert (topic[found.hard.pairs.left] == topic[found.hard.pairs.right]).all()
        listed = statistics(found, found.hard).q_value <= 0.05
        hard.append(false_discoveries(wrong, listed))
        matched.append((listed & ~wrong).sum() / (~wrong).sum())
        every = statistics(found, found.random).q_value_storey <= 0.05
        random.append(false_discoveries(wrong, every))
    assert np.mean(hard) <= 0.05
    assert np.mean(random) > 0.1
    assert np.mean(matched) > 0.1


def test_classes_of_one_or_of_nearly_all_leave_the_null_to_similar_items():
    for label in (np.zeros(400, int), np.arange(400) // 2):
        found = study(Pairs(**sides_of(400), label=label), "similarity", 0)
        assert not found.within_class
        assert len(found.hard.pairs.left)


def test_the_order_of_columns_and_dimensions_does_not_decide_sharedness():
    shared = study(Pairs(**sides_of(600)), "similarity", 0)
    assert shared.shared
    left, right, _ = clip_like(600, d=48)
    turned = np.roll(right, 7, axis=1)  # the same numbers in a space of their own
    with pytest.raises(ValueError, match="share no space"):
        study(Pairs(left=left, right=turned, group=np.arange(600)), "similarity", 0)


def test_a_group_is_never_repaired_inside():
    given = sides_of(600) | {"group": np.arange(600) // 5}
    found = study(Pairs(**given), "similarity", 0)
    for against in (found.random, found.hard):
        assert (given["group"][against.pairs.left] != given["group"][against.pairs.right]).all()
    assert int(found.unit.max()) + 1 == 120


def stats_with(low, rate, upper, doubt="", n=1000, shares=None):
    empty = np.zeros(0)
    return pair_statistics.Statistics(
        p_value=empty,
        q_value=empty,
        q_value_storey=empty,
        lfdr=empty,
        lfdr_low=empty,
        noise_rate=pair_statistics.Estimate(rate, low, upper, n),
        upper=upper,
        separability=0.95,
        doubt=doubt,
        misfits=(),
        size=rates.size(n, n, (1.0,) * 4, 2 * n),
        shares=shares or tuple(rate * at for at in rates.GRID),
    )


@pytest.mark.parametrize(
    ("low", "rate", "upper", "doubt", "expected"),
    [
        (0.0, 0.0, 0.04, "", "clean"),
        (0.0, 0.03, 0.04, "the sides are hardly related", "clean"),
        (0.15, 0.2, 0.25, "", "noisy"),
        (0.15, 0.2, 0.6, "", "noisy"),
        (0.0, 0.2, 0.25, "the sides are hardly related", "not identifiable"),
        (0.01, 0.06, 0.1, "", "undecided"),
    ],
)
def test_verdicts(low, rate, upper, doubt, expected):
    said, why = verdict(stats_with(low, rate, upper, doubt), 0.05)
    assert said == expected
    assert (doubt in why) == (expected == "not identifiable" or not doubt)


def test_the_needed_number_of_pairs_would_decide():
    few = stats_with(0.0, 0.0, 1.0, n=100)
    count = needed(few, 0.05)

    def bound(n):
        return rates.upper_of((0.0,) * 4, (n,) * 4, (2.0 * n,) * 4)

    assert bound(100) > 0.05
    assert bound(count) == pytest.approx(0.05, rel=0.02)
    assert needed(stats_with(0.0, 0.2, 0.25), 0.05) == 0


def test_many_pairs_are_counted_in_bins_and_told_alike():
    found = study(Pairs(**sides_of(3000)), "similarity", 0)
    exact = statistics(found, found.random)
    stream = statistics(found, found.random, streamed=3000)
    assert stream.noise_rate.value == pytest.approx(exact.noise_rate.value, abs=1e-3)
    assert stream.upper == pytest.approx(exact.upper, abs=1e-3)
    np.testing.assert_allclose(stream.p_value, exact.p_value, atol=1e-3)
    assert ((stream.lfdr > 0.5) != (exact.lfdr > 0.5)).mean() < 2e-3
