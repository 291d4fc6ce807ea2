"""Missing modalities: counts are exact, and each mechanism is what it is called."""

import numpy as np
import pytest

from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.missing import brats15, mcar, mmp, patterns, rates, severe
from mmaudit.errors import UsageError
from mmaudit.injection.assignment import make_plan
from mmaudit.injection.record.rates import missing

RNG = np.random.default_rng(0)


def rows(n=1000, modalities=3, **more):
    given = {"present": np.ones((n, modalities), bool)} | more
    names = tuple(f"m{i}" for i in range(modalities))
    return Rows(ids=[f"s{i}" for i in range(n)], modalities=names, **given)


def plan(name, severity=3, seed=0, **more):
    given = more.pop("rows", None) or rows(**more)
    return make_plan(given, plan=f"missing/{name}", severity=severity, seed=seed)


@pytest.mark.parametrize("n", [2, 17, 100, 1001, 20_000])
@pytest.mark.parametrize("modalities", [2, 3, 6])
def test_mcar_is_exact_and_every_sample_keeps_one(n, modalities):
    for severity, rate in zip(range(1, 6), (0.1, 0.2, 0.3, 0.4, 0.5), strict=True):
        mask = plan("mcar", severity, n=n, modalities=modalities)
        assert mask.sum() == int(rate * n * modalities + 0.5)
        assert not mask.all(axis=1).any()


def test_mcar_rate_0_is_0_and_not_everything():
    """A negative index elsewhere makes rate 0 lose everything."""
    given = rows(50)
    assert not mcar.mask(given, mcar.Severity(0.0), 0).any()
    assert not make_plan(given, plan="missing/random_rate", severity=0, seed=0).any()


def test_mcar_refuses_what_cannot_be():
    with pytest.raises(UsageError, match="at most 10 can"):
        mcar.mask(rows(10, 2), mcar.Severity(0.6), 0)
    with pytest.raises(UsageError, match="at most 0 can"):
        plan("mcar", modalities=1)


def test_mcar_counts_only_what_is_there():
    present = RNG.random((500, 3)) < 0.8
    present[~present.any(axis=1), 0] = True
    mask = plan("mcar", 2, n=500, present=present)
    assert mask.sum() == int(0.2 * present.sum() + 0.5)
    assert (present & ~mask).any(axis=1).all()


def test_mcar_is_completely_at_random():
    """Every cell alike: 300 seeds, rate 0.3, so the sd of a cell's share is 0.026."""
    share = np.mean([plan("mcar", 3, seed, n=60) for seed in range(300)], axis=0)
    assert np.abs(share - 0.3).max() < 6 * 0.0265


def test_random_rate_stops_where_every_sample_has_one_left():
    mask = plan("random_rate", 5)
    assert missing(mask, ("a", "b", "c")).cell_rate == pytest.approx(2 / 3, abs=1e-3)
    assert mask.sum(axis=1).max() == 2


def test_mcar_modality_is_exact_in_each():
    assert (plan("mcar_modality", 2, n=1000).sum(axis=0) == 200).all()
    both = plan("mcar_modality", 5, n=4000, modalities=2)
    assert abs(both.all(axis=1).mean() - 0.25) < 6 * 0.43 / np.sqrt(4000)  # independent


def test_rates_are_exact_and_independent():
    given = rows(4000, 2)
    mask = rates.mask(given, rates.Severity(0.3, (0.5, 0.1)), 0)
    assert mask.sum(axis=0).tolist() == [2000, 400]
    assert abs(mask.all(axis=1).mean() - 0.05) < 6 * 0.22 / np.sqrt(4000)
    with pytest.raises(UsageError, match="2 rates for 3 modalities"):
        rates.mask(rows(10, 3), rates.Severity(0.3, (0.5, 0.1)), 0)


def test_rates_that_are_not_named_rise_and_average_to_the_rate():
    assert plan("rates", 3, n=1000).sum(axis=0).tolist() == [150, 300, 450]
    assert plan("rates", 5, n=1000, modalities=1).sum() == 500


def test_mar_depends_on_the_number_and_not_on_what_is_lost():
    n = 5000
    age, own = RNG.normal(size=n), RNG.normal(size=n)
    mask = plan("mar", 3, n=n, scores={"age": age, "m0": own})
    assert (mask.sum(axis=0) == 1500).all()
    assert age[mask[:, 0]].mean() - age[~mask[:, 0]].mean() > 1.0
    assert abs(own[mask[:, 0]].mean() - own[~mask[:, 0]].mean()) < 6 / np.sqrt(n * 0.21)


def test_mar_by_a_modality_leaves_that_modality_complete():
    mask = plan("mar", 5, scores={"m1": RNG.normal(size=1000)})
    assert mask.sum(axis=0).tolist() == [500, 0, 500]


def test_inclusion_follows_the_sigmoid():
    """Pareto sampling: the share in each fifth of the score is that of sigmoid(a + 2 z)."""
    n, z = 2000, np.sort(RNG.normal(size=2000))
    z = (z - z.mean()) / z.std()
    share = np.mean([plan("mar", 3, s, n=n, scores={"age": z})[:, 0] for s in range(60)], axis=0)
    low, high = -20.0, 20.0
    for _ in range(80):
        mid = (low + high) / 2
        low, high = (low, mid) if (1 / (1 + np.exp(-mid - 2 * z))).mean() > 0.3 else (mid, high)
    expected = 1 / (1 + np.exp(-low - 2 * z))
    for part in np.array_split(np.arange(n), 5):
        assert abs(share[part].mean() - expected[part].mean()) < 6 * 0.5 / np.sqrt(60 * 400)


def test_mnar_depends_on_its_own_number():
    n = 5000
    scores = {f"m{i}": RNG.normal(size=n) for i in range(3)}
    mask = plan("mnar", 3, n=n, scores=scores)
    for m in range(3):
        own = scores[f"m{m}"]
        assert own[mask[:, m]].mean() - own[~mask[:, m]].mean() > 1.0
    assert (mask.sum(axis=0) == 1500).all()


@pytest.mark.parametrize("name", ["mar", "mnar"])
def test_without_numbers_it_is_refused(name):
    with pytest.raises(UsageError, match="needs a number"):
        plan(name)


def test_monotone_nests_along_the_modalities():
    mask = plan("monotone", 3, modalities=4)
    assert mask.sum(axis=0).tolist() == [0, 167, 333, 500]
    assert not (mask[:, :-1] & ~mask[:, 1:]).any()


def test_block_takes_whole_groups_and_splits_one():
    site = np.array([f"site{i % 12}" for i in range(1200)], object)
    mask = plan("block", 3, n=1200, groups=site)
    for m in range(3):
        shares = [mask[site == f"site{s}", m].mean() for s in range(12)]
        assert sum(0 < share < 1 for share in shares) <= 1
        assert mask[:, m].sum() == 360
    with pytest.raises(UsageError, match="needs groups"):
        plan("block")


def test_patterns_are_dealt_in_exact_proportions_at_every_rate():
    for severity in range(1, 6):
        found = missing(plan("patterns", severity), ("a", "b", "c"))
        assert found.row_rate == pytest.approx(severity / 10)
        counts = [v for k, v in found.patterns.items() if k != "a+b+c"]
        assert len(counts) == 6
        assert max(counts) - min(counts) <= 1
    told = patterns.Severity(0.5, (0.5, 0.3, 0.2, 0.0, 0.0, 0.0))
    mask = patterns.mask(rows(1000), told, 0)
    assert mask.sum(axis=0).tolist() == [250, 150, 100]


def test_mmp_is_never_both_at_once():
    both = mmp.mask(rows(1000, 2), mmp.Severity(0.7), 0)
    assert both.sum(axis=0).tolist() == [350, 350]
    assert not both.all(axis=1).any()
    text = mmp.mask(rows(1000, 1), mmp.Severity(0.7), 0)
    assert text.sum() == 700


def test_protocols_of_the_literature():
    psp = plan("psp", 5, n=1000, modalities=2)
    assert missing(psp, ("a", "b")).complete == 0.5
    few = severe.mask(rows(1000, 2), severe.Severity(0.1), 0)
    assert few.sum(axis=0).tolist() == [0, 900]
    scan = missing(brats15.mask(rows(1500, 4), brats15.Severity(1.0), 0), ("a", "b", "c", "d"))
    assert set(scan.patterns.values()) == {100}
    assert len(scan.patterns) == 15
    assert plan("subset", 5, modalities=2).sum(axis=0).tolist() in ([1000, 0], [0, 1000])


def test_the_same_nominal_rate_leaves_different_shares_complete():
    """N = 6 modalities, cell rate 0.3: the word missing rate alone says little."""
    n = 20_000
    names = tuple("abcdef")
    kept = missing(plan("mcar", 3, n=n, modalities=6), names).complete
    free = missing(plan("mcar_modality", 3, n=n, modalities=6), names).complete
    assert kept == pytest.approx(0.1075, abs=6 * 0.31 / np.sqrt(n))
    assert free == pytest.approx(0.7**6, abs=6 * 0.32 / np.sqrt(n))


def test_the_summary_of_a_mask():
    mask = np.array([[0, 0], [1, 0], [1, 1], [0, 0]], bool)
    found = missing(mask, ("image", "text"))
    assert (found.cell_rate, found.row_rate, found.complete, found.empty) == (3 / 8, 0.5, 0.5, 0.25)
    assert found.modality_rates == {"image": 0.5, "text": 0.25}
    assert found.patterns == {"image+text": 2, "text": 1, "-": 1}
