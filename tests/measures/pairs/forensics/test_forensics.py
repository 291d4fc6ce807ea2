from itertools import pairwise

import numpy as np
import pytest

from clip_like import clip_like, mismatched, unit
from mmaudit.measures.pairs import shuffles
from mmaudit.measures.pairs.forensics.columns import OrderedPairs, Shard
from mmaudit.measures.pairs.forensics.defect import clearly
from mmaudit.measures.pairs.forensics.duplicates import Alike
from mmaudit.measures.pairs.forensics.examine import examine
from mmaudit.measures.pairs.forensics.permutations import assigned
from mmaudit.measures.pairs.forensics.shifts import offsets

N = 600
ROWS = np.arange(N)


def sharp(seed=0, n=N, d=48):
    rng = np.random.default_rng(seed)
    item = rng.normal(size=(n, d))
    return tuple(unit(item + 0.5 * rng.normal(size=(n, d))) for _ in range(2))


def gapped(seed=0, n=N):
    """Two sides with a modality gap, as image and text encoders have."""
    gap = np.zeros(48, np.float32)
    gap[0] = 1.5
    left, right = sharp(seed, n)
    return unit(left + gap), unit(right - gap)


def look_at(left, right, shards=0, *, shared=True):
    ends = np.linspace(0, len(left), shards + 1).astype(int) if shards else []
    parts = [Shard(f"shard {k}", np.arange(*e)) for k, e in enumerate(pairwise(ends))]
    return OrderedPairs(left=left, right=right, shared=shared, shards=tuple(parts))


def examined(left, right, shards=0, *, shared=True, **kwargs):
    look = look_at(left, right, shards, shared=shared)
    return examine(look, shuffles.copies(right), **kwargs)


def orders(rows, kind, seed=0):
    """Rows of a shard in the order that a defect gives their right sides."""
    m, local = len(rows), np.arange(len(rows))
    if kind.startswith("shift"):
        local = np.roll(local, int(kind.split()[1]))
    elif kind == "reversed":
        local = local[::-1]
    elif kind == "permuted side":
        local = np.random.default_rng(seed).permutation(m)
    else:
        part = slice(m // 3, 2 * m // 3)
        local[part] = np.random.default_rng(seed).permutation(local[part])
    return rows[local]


KINDS = ("shift 1", "shift -2", "shift 17", "reversed", "permuted side", "permuted block")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shards", [0, 5])
def test_an_order_is_named_with_its_shard_and_undone_exactly(kind, shards):
    left, right = sharp()
    rows = np.arange(240, 360) if shards else ROWS
    order = ROWS.copy()
    order[rows] = orders(rows, kind)
    (found,) = examined(left, right[order], shards)
    assert found.name == kind.split(" -")[0].split(" 1")[0]
    assert found.shard == ("shard 2" if shards else "")
    assert found.says.endswith(" in shard 2") == bool(shards)
    np.testing.assert_array_equal(order[found.partner], ROWS)
    np.testing.assert_array_equal(found.rows, order != ROWS)
    assert (found.confidence > 0.9).all()
    assert found.after > found.before + 0.5


@pytest.mark.parametrize("kind", ["shift 1", "shift -2", "shift 17", "reversed"])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_side_that_moved_is_put_back_exactly_however_faint_and_noisy(kind, share):
    left, right, _ = clip_like(N, 160)
    partner, _ = mismatched(N, share, 0)
    order = ROWS.copy()
    order[240:360] = orders(np.arange(240, 360), kind)
    (found,) = examined(left, right[partner][order], 5)
    assert found.shard == "shard 2"
    np.testing.assert_array_equal(
        order[found.partner[found.partner >= 0]], ROWS[found.partner >= 0]
    )
    assert (found.partner < 0).sum() <= 2


@pytest.mark.parametrize("kind", ["shift 3", "reversed"])
def test_a_side_without_a_shared_space_is_put_back_in_its_shard(kind):
    left, right = sharp(n=1200)
    right = right @ np.linalg.qr(np.random.default_rng(3).normal(size=(48, 48)))[0]
    order = np.arange(1200)
    order[400:800] = orders(np.arange(400, 800), kind)
    (found,) = examined(left, right.astype(np.float32)[order], 3, shared=False)
    assert found.shard == "shard 1"
    np.testing.assert_array_equal(order[found.partner], np.arange(1200))


def test_defects_of_several_shards_are_named_one_by_one():
    left, right = sharp()
    order = ROWS.copy()
    for k, kind in ((0, "shift 3"), (2, "permuted side"), (3, "reversed")):
        rows = np.arange(120 * k, 120 * k + 120)
        order[rows] = orders(rows, kind)
    found = examined(left, right[order], 5)
    told = {d.shard: d.name for d in found}
    assert told == {"shard 0": "shift", "shard 2": "permuted side", "shard 3": "reversed"}
    partner = ROWS.copy()
    for defect in found:
        partner[defect.rows] = defect.partner[defect.rows]
    np.testing.assert_array_equal(order[partner], ROWS)


def test_a_move_of_everything_goes_round_the_file_or_round_each_shard():
    left, right = sharp()
    (found,) = examined(left, np.roll(right, 3, axis=0), 5)
    np.testing.assert_array_equal(found.partner, (ROWS + 3) % N)
    order = np.concatenate([orders(part, "shift 3") for part in np.split(ROWS, 5)])
    (found,) = examined(left, right[order], 5)
    assert found.says.endswith("in each of 5 shards")
    np.testing.assert_array_equal(order[found.partner], ROWS)


def test_every_shard_in_an_order_of_its_own_is_undone():
    left, right = sharp()
    order = np.concatenate([orders(p, "permuted side", k) for k, p in enumerate(np.split(ROWS, 5))])
    found = examined(left, right[order], 5)
    assert sorted(d.shard for d in found) == [f"shard {k}" for k in range(5)]
    order = np.random.default_rng(0).permutation(N)
    (found,) = examined(left, right[order], 5)
    assert found.shard == ""
    np.testing.assert_array_equal(order[found.partner], ROWS)


def test_values_that_fell_off_the_end_are_lost():
    left, right = sharp()
    strangers = sharp(7)[1]
    late = np.concatenate([strangers[:40], right[:-40]])
    (found,) = examined(left, late)
    assert found.says == "the right side is 40 rows late, and 40 of its values are lost"
    np.testing.assert_array_equal(found.partner[:-40], ROWS[40:])
    assert (found.partner[-40:] == -1).all()


def test_a_sorted_side_is_called_sorted():
    left, right = sharp()
    order = np.argsort(right[:, 0])
    (found,) = examined(left, right[order], ordered=lambda _: "text is in alphabetical order")
    assert found.name == "sorted side"
    assert "alphabetical" in found.says
    np.testing.assert_array_equal(order[found.partner], ROWS)


@pytest.mark.parametrize(("rows", "least"), [(60, 0.9), (200, 0.8), (1500, 0.55)])
def test_a_faint_side_in_another_order_is_undone_as_far_as_it_can_be_told(rows, least):
    """An assignment by the true means does no better: the information is not there."""
    left, right, _ = clip_like(3000, 160, 1)
    order = np.arange(3000)
    order[500 : 500 + rows] = orders(np.arange(500, 500 + rows), "permuted side")
    (found,) = examined(left, right[order])
    here = np.arange(500, 500 + rows)
    correct = order[found.partner[here]] == here
    assert correct.mean() > least
    sure = found.confidence[here] > 0.9
    assert correct[sure].mean() > 0.93
    beside = np.delete(found.partner != np.arange(3000), here)
    assert beside.sum() <= 4


def test_confidence_promises_no_more_than_is_right():
    left, right, _ = clip_like(600, 160, 2)
    order = np.random.default_rng(0).permutation(600)
    (found,) = examined(left, right[order])
    correct = order[found.partner] == np.arange(600)
    for level in (0.5, 0.7, 0.9):  # 150 trials or more: five standard errors are below 0.15
        sure = found.confidence > level
        assert correct[sure].mean() > found.confidence[sure].mean() - 0.15
    assert correct.mean() > found.confidence.mean()


def test_the_chances_of_an_assignment_by_hand():
    odds = np.array([[2.0, 0.0], [0.0, 0.0]])
    chosen, chance = assigned(odds)
    assert chosen.tolist() == [0, 1]
    np.testing.assert_allclose(chance, 1 / (1 + np.exp(-1)))  # of exp(2) * 1 against 1 * 1, scaled


def test_odds_allow_for_mismatched_pairs():
    rng = np.random.default_rng(0)
    strange = rng.normal(0.1, 0.08, 50_000)
    own = np.where(rng.random(50_000) < 0.4, rng.normal(0.1, 0.08, 50_000), 0.4)
    told = Alike.of(own, strange)
    assert told.matched == pytest.approx(0.4, abs=0.02)
    assert told.slope == pytest.approx(0.3 / 0.08**2, rel=0.1)


def test_a_repeated_value_is_named_and_its_own_row_found():
    left, right = sharp()
    right[250:300] = right[270]
    (found,) = examined(left, right, 5)
    assert found.name == "repeated"
    assert found.shard == "shard 2"
    np.testing.assert_array_equal(np.flatnonzero(found.rows), np.arange(250, 300))
    assert found.partner[270] == 270
    assert (np.delete(found.partner[250:300], 20) == -1).all()


def test_a_repeated_value_of_no_row_has_no_row():
    left, right = sharp()
    right[250:300] = sharp(9)[1][0]
    (found,) = examined(left, right)
    assert (found.partner[250:300] == -1).all()


def test_several_repeated_values_are_all_named():
    left, right = sharp()
    right[100:140], right[400:430] = right[120], right[405]
    found = examined(left, right, 5)
    assert [(d.name, int(d.rows.sum())) for d in found] == [("repeated", 40), ("repeated", 30)]


def test_a_value_that_fits_all_of_its_rows_is_no_defect():
    left, right = sharp()
    left[100:150] = unit(right[120] + 0.05 * np.random.default_rng(0).normal(size=(50, 48)))
    right[100:150] = right[120]
    assert examined(left, right) == ()


@pytest.mark.parametrize("where", ["anywhere", "shard"])
def test_swapped_columns_are_named(where):
    left, right = gapped()
    swapped = np.random.default_rng(2).random(N) < 0.1
    if where == "shard":
        swapped = (ROWS >= 240) & (ROWS < 360)
    a, b = np.where(swapped[:, None], right, left), np.where(swapped[:, None], left, right)
    (found,) = examined(a, b, 5)
    assert found.name == "swapped columns"
    assert found.shard == ("shard 2" if where == "shard" else "")
    np.testing.assert_array_equal(found.rows, swapped)
    assert examined(left, right) == ()


@pytest.mark.parametrize("share", [0, 0.05, 0.2, 0.5, 0.8])
def test_nothing_is_named_on_clean_and_randomly_noisy_data(share):
    """False alarm: 0.001 a file, over all offsets, shards and kinds; 400 looks at 80 files."""
    for seed in range(20):
        for left, right in (sharp(seed, 400), clip_like(400, 64, seed)[:2]):
            partner, _ = mismatched(400, share, seed)
            for shared in (True, False):
                for shards in (0, 4):
                    assert examined(left, right[partner], shards, shared=shared) == ()


def test_sides_that_have_nothing_in_common_have_no_defect():
    for seed in range(5):
        left, right = sharp(seed)[0], sharp(100 + seed)[1]
        assert examined(left, right, 4) == ()


def test_sides_whose_own_order_is_the_least_alike_have_no_defect():
    for seed in range(3):
        left, right = sharp(seed)
        assert examined(left, -right, 4) == ()


def test_a_run_of_strangers_is_not_a_block_in_another_order():
    left, right = sharp()
    right[200:300] = sharp(5)[1][200:300]
    assert examined(left, right) == ()


def test_gains_are_clear_beyond_the_tests_that_were_made():
    gain = np.r_[np.full(50, 1.2), np.full(50, -0.2)]  # t = 0.5 / 0.0704 = 7.1 on 99 degrees
    assert clearly(gain, tests=1000)
    assert not clearly(gain, tests=10**7)
    assert not clearly(-gain, tests=1)
    assert not clearly(gain[:1], tests=1)


def test_the_profile_of_offsets_is_the_mean_cosine():
    left, right = sharp(n=50)
    profile = offsets(look_at(left, right))
    expected = [np.einsum("nd,nd->n", left, np.roll(right, -k, 0)).mean() for k in range(50)]
    np.testing.assert_allclose(profile, expected, atol=1e-6)


def test_a_handful_of_rows_is_left_alone():
    left, right = sharp(n=20)
    assert examined(left, right[::-1]) == ()
