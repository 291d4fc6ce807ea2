"""Wrong pairs: exact counts, no pair right by chance, and each mistake is what it is called."""

import numpy as np
import pytest

from mmaudit.corruptions.base import Rows
from mmaudit.errors import UsageError
from mmaudit.injection.assignment import make_plan
from mmaudit.injection.record.rates import pairs

RNG = np.random.default_rng(0)
OWN = np.arange(2000)


def rows(n=600, **more):
    given = {"present": np.ones((n, 1), bool)} | more
    return Rows(ids=[f"s{i}" for i in range(n)], modalities=("text",), **given)


def plan(name, severity=3, seed=0, **more):
    given = more.pop("rows", None) or rows(**more)
    return make_plan(given, plan=f"pairing/{name}", severity=severity, seed=seed)


def photos(n=600, captions=5):
    return np.array([f"photo{i // captions}" for i in range(n)], object)


@pytest.mark.parametrize("n", [3, 10, 77, 600])
@pytest.mark.parametrize("name", ["shuffle", "pvp"])
def test_exactly_the_share_is_wrong_and_nothing_is_lost(name, n):
    for severity in range(1, 6):
        donors = plan(name, severity, n=n)
        assert (donors != OWN[:n]).sum() == int(severity / 10 * n + 0.5)
        if int(severity / 10 * n + 0.5) > 1:
            assert (np.sort(donors) == OWN[:n]).all()


@pytest.mark.parametrize("captions", [2, 5, 40, 300])
def test_a_caption_of_the_same_photo_is_no_mismatch(captions):
    groups = photos(captions=captions)
    for seed in range(5):
        donors = plan("shuffle", 5, seed, groups=groups)
        changed = donors != OWN[:600]
        assert changed.sum() == 300
        assert (groups[donors[changed]] != groups[changed]).all()


def test_one_group_cannot_be_mismatched():
    with pytest.raises(UsageError, match="one group"):
        plan("shuffle", groups=np.array(["a"] * 600, object))


def test_within_class_keeps_the_label_and_across_class_changes_it():
    labels = RNG.integers(0, 3, 600)
    labels[:400] = 0  # two thirds are one class
    for severity in (1, 5):
        told = {"labels": labels, "classes": 3}
        inside = plan("within_class", severity, **told)
        outside = plan("across_class", severity, **told)
        for donors in (inside, outside):
            assert (donors != OWN[:600]).sum() == 60 * severity
        assert (labels[inside] == labels).all()
        changed = outside != OWN[:600]
        assert (labels[outside[changed]] != labels[changed]).all()
    with pytest.raises(UsageError, match="target with classes"):
        plan("within_class")


def test_caption_level_leaves_fixed_points_and_says_so():
    """A random permutation of k rows has one fixed point on average, sd 1; 200 seeds."""
    touched, wrong = [], []
    for seed in range(200):
        donors = plan("caption_level", 5, seed, n=100)
        touched.append(50 - (donors != OWN[:100]).sum())
    assert abs(np.mean(touched) - 1.0) < 6 / np.sqrt(200)
    groups = np.arange(100) // 5
    for seed in range(50):
        told = pairs(plan("caption_level", 5, seed, n=100), groups)
        wrong.append(told["mismatched"] <= told["replaced"])
    assert all(wrong)


def test_image_level_moves_all_captions_of_an_image():
    groups = photos()
    donors = plan("image_level", 3, groups=groups)
    moved = 0
    for photo in np.unique(groups):
        mine = np.flatnonzero(groups == photo)
        theirs = set(groups[donors[mine]])
        assert len(theirs) == 1
        assert len(set(donors[mine])) == 5
        moved += theirs != {photo}
    assert moved == 48  # 0.4 of 120


TEXTS = ["a dog runs on grass", "the dog sits on a mat", "a red car stands", "car in the street"]


def test_shared_noun_shares_the_telling_word():
    texts = {"text": TEXTS * 3}
    groups = np.array([f"p{i % 4}" for i in range(12)], object)
    donors = plan("shared_noun", 5, n=12, texts=texts, groups=groups)
    changed = np.flatnonzero(donors != OWN[:12])
    assert changed.size == 6
    for i in changed:
        word = "dog" if "dog" in TEXTS[i % 4] else "car"
        assert word in TEXTS[donors[i] % 4]
        assert groups[donors[i]] != groups[i]
    with pytest.raises(UsageError, match="needs a text"):
        plan("shared_noun")


def test_nearest_neighbour_is_the_most_similar_of_another_group():
    donors = plan("nearest_neighbour", 5, n=4, texts={"text": TEXTS})
    partner = {0: 1, 1: 0, 2: 3, 3: 2}
    changed = np.flatnonzero(donors != OWN[:4])
    assert changed.size == 2
    assert all(donors[i] == partner[i] for i in changed)
    x = np.arange(50.0)
    by_number = plan("nearest_neighbour", 5, n=50, scores={"x": x, "y": x**2})
    changed = by_number != OWN[:50]
    assert np.abs(by_number[changed] - OWN[:50][changed]).mean() < 8


def test_row_shift_is_off_by_one_in_one_run():
    donors = plan("row_shift", 3)
    part = np.flatnonzero(donors != OWN[:600])
    assert part.size == 180
    assert (donors[part[:-1]] == part[:-1] + 1).all()
    assert donors[part[-1]] == part[0]


def test_permuted_blocks_stay_in_their_shard():
    donors = plan("permuted_block", 5)
    changed = donors != OWN[:600]
    assert changed.sum() == 300
    assert (donors // 64 == OWN[:600] // 64).all()


def test_sorted_on_one_side():
    texts = [f"{w} {i}" for i, w in enumerate(RNG.permutation(600))]
    donors = plan("sorted_one_side", 5, texts={"text": texts})
    part = np.flatnonzero(donors != OWN[:600])
    run = np.arange(part[0], part[-1] + 1)
    moved = [texts[d] for d in donors[run]]
    assert moved == sorted(moved)
    turned = plan("sorted_one_side", 5)
    part = np.flatnonzero(turned != OWN[:600])
    assert (turned[part] == part[::-1]).all()


def test_a_stuck_caption_is_one_value():
    donors = plan("stuck_caption", 2)
    part = np.flatnonzero(donors != OWN[:600])
    assert set(donors[part]) == {part[0] - 1} or part[0] == 1


def test_lag_comes_from_earlier_in_the_session():
    session = np.array([f"s{i // 100}" for i in range(600)], object)
    donors = plan("lag", 3, groups=session)
    late = OWN[:600] % 100 >= 4
    assert (donors[late] == OWN[:600][late] - 4).all()
    assert (donors[~late] == OWN[:600][~late] // 100 * 100).all()


def test_rows_without_the_value_are_left_out():
    present = np.ones((600, 1), bool)
    present[::3] = False
    donors = plan("shuffle", 5, present=present)
    changed = donors != OWN[:600]
    assert changed.sum() == 200
    assert present[changed].all()
    assert present[donors[changed]].all()
