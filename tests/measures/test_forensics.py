import numpy as np
import pytest
from clip_like import clip_like, mismatched, unit

from mmaudit.measures import forensics, repairing

N = 600
ROWS = np.arange(N)


def sharp(seed=0, n=N, d=48):
    rng = np.random.default_rng(seed)
    item = rng.normal(size=(n, d))
    return tuple(unit(item + 0.5 * rng.normal(size=(n, d))) for _ in range(2))


def examined(left, right, *, shared=True, **kwargs):
    return forensics.examine(left, right, repairing.copies(right), shared=shared, **kwargs)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("k", [1, -2, 37])
def test_a_shift_is_named_and_undone(k, shared):
    left, right = sharp()
    (found,) = examined(left, np.roll(right, k, axis=0), shared=shared)
    assert found.name == "shift"
    assert f"{abs(k)} rows" in found.says
    np.testing.assert_array_equal(found.partner, (ROWS + k) % N)


@pytest.mark.parametrize("shared", [True, False])
def test_a_reversed_side_is_named_and_undone(shared):
    left, right = sharp()
    (found,) = examined(left, right[::-1].copy(), shared=shared)
    assert found.name == "reversed"
    np.testing.assert_array_equal(found.partner, ROWS[::-1])


def test_a_permuted_block_is_named_and_undone():
    left, right = sharp()
    order = ROWS.copy()
    order[200:300] = np.random.default_rng(1).permutation(order[200:300])
    (found,) = examined(left, right[order])
    assert found.name == "permuted block"
    np.testing.assert_array_equal(order[found.partner], ROWS)
    assert found.after > found.before + 0.5


def test_a_sorted_side_is_named_and_undone():
    left, right = sharp()
    order = np.argsort(right[:, 0])
    (found,) = examined(left, right[order], sorted_by="text is in alphabetical order")
    assert found.name == "sorted side"
    assert "alphabetical" in found.says
    np.testing.assert_array_equal(order[found.partner], ROWS)


def test_a_repeated_value_is_named_and_its_own_row_found():
    left, right = sharp()
    right[100:150] = right[120]
    (found,) = examined(left, right)
    assert found.name == "repeated"
    np.testing.assert_array_equal(np.flatnonzero(found.rows), np.arange(100, 150))
    assert found.partner[120] == 120
    assert (np.delete(found.partner[100:150], 20) == -1).all()


def test_swapped_columns_are_named():
    left, right = sharp()
    gap = np.zeros(48, np.float32)
    gap[0] = 1.5
    left, right = unit(left + gap), unit(right - gap)
    swapped = np.random.default_rng(2).random(N) < 0.1
    a, b = np.where(swapped[:, None], right, left), np.where(swapped[:, None], left, right)
    (found,) = examined(a, b)
    assert found.name == "swapped columns"
    np.testing.assert_array_equal(found.rows, swapped)
    assert examined(left, right) == ()


@pytest.mark.parametrize("share", [0, 0.05, 0.2, 0.5, 0.8])
def test_nothing_is_named_on_clean_and_randomly_noisy_data(share):
    for seed in range(20):
        for left, right in (sharp(seed, 400), clip_like(400, 64, seed)[:2]):
            partner, _ = mismatched(400, share, seed)
            for shared in (True, False):
                assert examined(left, right[partner], shared=shared) == ()


def test_the_profile_of_offsets_is_the_mean_cosine():
    left, right = sharp(n=50)
    profile = forensics.offsets(left, right, shared=True)
    expected = [np.einsum("nd,nd->n", left, np.roll(right, -k, 0)).mean() for k in range(50)]
    np.testing.assert_allclose(profile, expected, atol=1e-6)


def test_a_handful_of_rows_is_left_alone():
    left, right = sharp(n=20)
    assert examined(left, right[::-1]) == ()
