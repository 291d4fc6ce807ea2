import numpy as np
import pytest
import torch

from clip_like import clip_like, mismatched
from mmaudit.measures.pairs import (
    detection,
    ncr,
    neighbours,
    planting,
    rematch,
    shuffles,
    two_tower,
)
from mmaudit.measures.pairs.detectors import combined, curves, head, loss_split
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.seeds import words

DRAW = words(0, "test/detectors")


def sides(n=400, share=0.2, seed=0, d=32):
    left, right, _ = clip_like(n, d, seed)
    partner, wrong = mismatched(n, share, seed)
    fold = shuffles.folds(np.arange(n), 5, words(seed, "folds"))
    made = Sides(
        left=left, right=right[partner], shared=True, fold=fold, copy=np.arange(n), seed=seed
    )
    return made, wrong


def test_gradients_are_those_of_torch():
    similarity = torch.tensor(DRAW.normals(64).reshape(8, 8), requires_grad=True)
    own = torch.arange(8)
    scaled = similarity / two_tower.TEMPERATURE
    cross = torch.nn.functional.cross_entropy
    ((cross(scaled, own) + cross(scaled.T, own)) / 2).backward()
    ours = two_tower.info_nce(similarity.detach().numpy())
    np.testing.assert_allclose(ours, similarity.grad.numpy(), atol=1e-6)


def test_the_hinges_gradient_is_that_of_its_formula():
    similarity = 0.3 * DRAW.normals(36).reshape(6, 6)
    step, expected = 1e-6, np.zeros((6, 6))
    for i in range(6):
        for j in range(6):
            up, down = similarity.copy(), similarity.copy()
            up[i, j] += step
            down[i, j] -= step
            gain = ncr.warmup_loss(up).sum() - ncr.warmup_loss(down).sum()
            expected[i, j] = gain / (2 * step)
    np.testing.assert_allclose(two_tower.mean_hinge(similarity), expected, atol=1e-5)


def hardest_loss(similarity, margin):
    """Of each pair against its hardest negative in each direction."""
    return sum(side.max(1) for side in ncr.hinges(similarity, margin))


def test_the_hardest_hinges_gradient_is_that_of_its_formula():
    similarity, margin = 0.3 * DRAW.normals(36, 1).reshape(6, 6), 0.2 * DRAW.uniforms(6, 2)
    step, expected = 1e-6, np.zeros((6, 6))
    for i in range(6):
        for j in range(6):
            up, down = similarity.copy(), similarity.copy()
            up[i, j] += step
            down[i, j] -= step
            gain = hardest_loss(up, margin).sum() - hardest_loss(down, margin).sum()
            expected[i, j] = gain / (2 * step)
    np.testing.assert_allclose(two_tower.hardest_hinge(similarity, margin), expected, atol=1e-5)


def test_a_head_refuses_pairs_of_two_folds():
    made, _ = sides(100)
    fitted = head.fit(made)
    i, j = (np.flatnonzero(made.fold == f)[:1] for f in (0, 1))
    with pytest.raises(ValueError, match="one fold"):
        fitted(i, j)


def test_the_combined_score_never_falls_in_any_column():
    rng = np.random.default_rng(0)
    null, observed = rng.normal(size=(500, 3)), rng.normal(0.8, 1.5, size=(400, 3))
    classifier = combined.fit(observed, null)
    for column in range(3):
        rows = np.zeros((50, 3))
        rows[:, column] = np.linspace(-6, 8, 50)
        assert (np.diff(classifier(rows)) >= 0).all()


def test_the_combined_score_of_a_pair_does_not_depend_on_it():
    made, _ = sides(200)
    rng = np.random.default_rng(1)
    observed = combined.Columns(rng.normal(1, 1, (200, 2)), made.fold)
    null = combined.Columns(rng.normal(0, 1, (200, 2)), made.fold)
    before, _ = combined.combine(observed, null)
    changed = observed.values.copy()
    fold = made.fold == 2
    changed[fold] = changed[fold][::-1]
    after, _ = combined.combine(combined.Columns(changed, made.fold), null)
    np.testing.assert_array_equal(before[fold][::-1], after[fold])


def test_the_split_of_losses_finds_mismatches():
    made, wrong = sides(2000, d=160)
    found = loss_split.split(made)
    assert detection.auroc(wrong, found.loss) > 0.85
    assert detection.auroc(wrong, -found.clean) > detection.auroc(wrong, found.loss)
    assert detection.f1(wrong, found.clean < 0.5) > 0.6
    assert found.bimodality.bic_gain > 500
    assert found.curves.shape == (loss_split.WARM + loss_split.DIVIDED, 2000)


def test_the_split_of_losses_names_nothing_on_clean_data():
    made, _ = sides(1000, share=0)
    found = loss_split.split(made)
    assert not found.noisy.any()


@pytest.fixture(params=[False, True], ids=["blocks", "faiss"])
def by_faiss(request):
    if request.param and not neighbours.installed():
        pytest.skip("faiss is not installed: pip install 'mmaudit[faiss]'")
    return request.param


def test_nearest_are_those_of_a_full_sort(by_faiss):
    made, _ = sides(120)
    found = neighbours.nearest(made.left, np.arange(120), 7, faiss=by_faiss)
    every = made.left @ made.left.T
    order = np.argsort(-every, axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(found.rows, order)


def test_nearest_among_a_reference_set_are_its_rows(by_faiss):
    made, _ = sides(3000)
    reference = np.arange(0, 3000, 7)
    found = neighbours.nearest(made.left, reference, 36, faiss=by_faiss)
    every = made.left @ made.left[reference].T
    # rounding may exchange neighbours whose cosines are this close
    np.testing.assert_allclose(found.cosine, -np.sort(-every, axis=1)[:, :36], atol=1e-6)
    here = np.take_along_axis(every, np.searchsorted(reference, found.rows), 1)
    np.testing.assert_allclose(here, found.cosine, atol=1e-6)
    assert (np.diff(found.cosine, axis=1) <= 0).all()


def test_ties_are_in_the_order_of_the_rows(by_faiss):
    signs = np.random.default_rng(0).choice(np.float32([-0.125, 0.125]), (50, 64))
    twice = np.concatenate([signs, signs])  # every cosine is exact
    found = neighbours.nearest(twice, np.arange(100), 4, faiss=by_faiss)
    np.testing.assert_array_equal(found.rows[:50, 0], np.arange(50))
    np.testing.assert_array_equal(found.rows[:50, 1], np.arange(50, 100))


def test_lemons_term_by_hand():
    right = np.eye(4, dtype=np.float32)[[0, 1, 1, 2]]
    near = neighbours.Nearest(np.array([[0, 1, 2]] * 4), np.array([[1, 1, 0]] * 4, np.float32))
    found = neighbours.disagreement(
        near, np.array([0]), np.array([0]), right, np.arange(4), np.array([1, 0, 1, 1], np.float32)
    )
    # row 0 is the pair itself; row 1: far 1, near 0, trust exp(-5); row 2: far 1, exp(-.1), trust 1
    assert found[0] == pytest.approx((np.exp(-5) + np.exp(-0.1)) / 2, rel=1e-5)


def test_a_copy_of_a_pair_does_not_vouch_for_it():
    made, _ = sides(60)
    left, right = np.repeat(made.left, 2, 0), np.repeat(made.right, 2, 0)
    near = neighbours.nearest(left, np.arange(120), 5)
    rows = np.arange(120)
    alone = neighbours.disagreement(near, rows, rows, right, rows, None)
    joined = neighbours.disagreement(near, rows, rows, right, rows // 2, None)
    assert (joined > alone).all()


def test_suggestions_are_the_right_partners():
    rng = np.random.default_rng(3)
    item = rng.normal(size=(300, 64)).astype(np.float32)
    item /= np.linalg.norm(item, axis=1, keepdims=True)
    partner, wrong = mismatched(300, 0.2, 0)
    suspects = np.flatnonzero(wrong)
    best, cosine = rematch.suggestions(item, item[partner], suspects, (np.arange(300),))
    np.testing.assert_array_equal(partner[best], suspects)
    np.testing.assert_allclose(cosine, 1, atol=1e-5)


@pytest.mark.parametrize("kind", planting.KINDS)
def test_planting_exchanges_partners_of_strangers(kind):
    made, _ = sides(400)
    both = np.concatenate([made.left, made.right], axis=1)
    group = np.arange(400) // 2
    within = planting.strata(kind, both, np.arange(400)[::-1], DRAW)
    partner = planting.plant(within, (group,), 0.1, DRAW)
    moved = partner != np.arange(400)
    assert (group[moved] != group[partner[moved]]).all()
    assert (within[moved] == within[partner[moved]]).all()
    np.testing.assert_array_equal(partner[partner], np.arange(400))
    if kind == "random":
        assert moved.sum() == 40


def test_columns_of_curves_by_hand():
    losses = np.array([[1.0, 1.0, 1.0], [2.0, 4.0, 0.0], [3.0, 3.0, 3.0]], np.float32)
    told = curves.columns(losses)
    np.testing.assert_allclose(told["curve_mean"], [-1, -2, -3])
    spreads = losses.std(0)
    expected = ((np.array([2.0, 3.0, 1.0]) - losses) / spreads).mean(1)
    np.testing.assert_allclose(told["curve_margin"], expected, rtol=1e-6)
    assert told["curve_remembered"].tolist() == [0, -1, -1]  # good or not: 111, 101, 010
    assert told["curve_component"][0] > told["curve_component"][2]
    assert set(told) == set(curves.COLUMNS)
