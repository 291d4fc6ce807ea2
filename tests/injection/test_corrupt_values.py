"""Corrupting values in memory: the one way in which damage is done."""

import numpy as np
import pytest

from mmaudit.corruptions.base import Rows
from mmaudit.doses.base import Column, Context
from mmaudit.errors import UsageError
from mmaudit.injection.assignment import make_plan
from mmaudit.injection.spec import split_spec
from mmaudit.injection.values import corrupt_value, corrupt_values
from mmaudit.seeds import words

X = np.random.default_rng(0).normal(size=(40, 9)).astype(np.float32)
IDS = [f"s{i}" for i in range(40)]
AROUND = Context(column=Column(sd=np.ones(9), low=-np.ones(9), high=np.ones(9)))


def corrupt(values, ids, name="vector/gaussian_noise", severity=3, seed=0, context=AROUND):
    return corrupt_values(
        values, ids, corruption=name, modality="v", severity=severity, seed=seed, context=context
    )


def test_specs_are_read():
    assert split_spec("image/fog") == ("image/fog", 3, None, "")
    assert split_spec("image/fog:5@left camera") == ("image/fog", 5, "left camera", "")
    assert split_spec("image/fog@a:b") == ("image/fog", 3, "a:b", "")
    assert split_spec("image/fog:strength=2@b=c") == ("image/fog", 3, "b=c", "strength=2")
    assert str(split_spec("image/fog:1@x")) == "image/fog:1@x"
    assert split_spec("missing/mcar:0").planned


@pytest.mark.parametrize(
    "text",
    ["", "fog", "image/fogg:3", "image/fog:6", "image/fog:", "image/fog:x", ":3", "image/fog:-1"],
)
def test_bad_specs_are_refused(text):
    with pytest.raises(UsageError):
        split_spec(text)


def test_a_close_name_is_offered():
    with pytest.raises(UsageError) as refusal:
        split_spec("image/fogg")
    assert "image/fog" in refusal.value.fix


def test_severity_0_is_the_identity():
    out, dose = corrupt(X, IDS, severity=0)
    assert all(a is not None and np.shares_memory(a, b) for a, b in zip(out, X, strict=True))
    assert (dose == 0).all()


def test_order_batch_and_neighbours_do_not_matter():
    together, _ = corrupt(X, IDS)
    order = np.random.default_rng(1).permutation(40)
    shuffled, _ = corrupt(X[order], [IDS[i] for i in order])
    for i, j in enumerate(order):
        assert (together[j] == shuffled[i]).all()
        alone, _ = corrupt([X[j]], [IDS[j]])
        assert (alone[0] == together[j]).all()


def test_a_batch_of_texts_is_its_texts_one_by_one():
    texts = ["a small brown dog runs", "", "two children play"]
    together, dose = corrupt(texts, IDS[:3], "text/keyboard", 5)
    for i, text in enumerate(texts):
        alone, one = corrupt([text], [IDS[i]], "text/keyboard", 5)
        assert alone[0] == together[i]
        assert one[0] == dose[i]


def test_absent_stays_absent():
    out, dose = corrupt([None, X[1], None], IDS[:3])
    assert out[0] is out[2] is None
    assert np.isnan(dose[[0, 2]]).all()
    assert (out[1] == corrupt(X, IDS)[0][1]).all()


def test_seed_modality_and_id_matter():
    base = corrupt([X[0]], ["a"])[0][0]
    assert (base != corrupt([X[0]], ["b"])[0][0]).any()
    assert (base != corrupt([X[0]], ["a"], seed=1)[0][0]).any()
    elsewhere = corrupt_values(
        [X[0]],
        ["a"],
        corruption="vector/gaussian_noise",
        modality="w",
        severity=3,
        seed=0,
        context=AROUND,
    )
    assert (base != elsewhere[0][0]).any()


def test_one_sample_is_as_in_a_run():
    one = corrupt_value(
        X[3], "vector/gaussian_noise", severity=3, id="s3", modality="v", context=AROUND
    )
    assert (one == corrupt(X, IDS)[0][3]).all()
    told = words(0, "vector/dropout@vector", "q").u32(9)
    dropped = corrupt_value(X[3], "vector/dropout", severity=5, id="q") == 0
    assert set(np.argsort(told)[:4]) <= set(np.flatnonzero(dropped))


def test_the_dose_is_in_units_of_the_column():
    wide = Context(column=Column(sd=np.full(9, 4.0), low=np.zeros(9), high=np.ones(9)))
    for context in (AROUND, wide):
        _, dose = corrupt(np.tile(X, (10, 1)), [str(i) for i in range(400)], context=context)
        assert abs(dose.mean() - 0.97) < 6 * 0.25 / 20  # E rms of 9 normals = 0.973


def test_what_it_needs_is_asked_for():
    with pytest.raises(UsageError, match="needs column"):
        corrupt(X, IDS, context=Context())
    with pytest.raises(UsageError, match="needs donors"):
        corrupt(X, IDS, "vector/swap_with_other_sample", context=AROUND)


def test_plans_and_corruptions_are_told_apart():
    with pytest.raises(UsageError, match="whole dataset"):
        corrupt(X, IDS, "missing/mcar")
    rows = Rows(ids=IDS, modalities=("v",), present=np.ones((40, 1), bool))
    with pytest.raises(UsageError, match="not a plan"):
        make_plan(rows, plan="vector/dropout", severity=1, seed=0)


@pytest.mark.parametrize("corruption", ["image/gaussian_noise", "image/fog", "image/rotation"])
def test_a_grey_picture_may_have_no_axis_of_channels(corruption):
    grey = np.tile(np.arange(0, 240, 10, np.uint8), (20, 1))
    worse = corrupt_value(grey, corruption, id="a")
    assert worse.shape == grey.shape
    assert (worse == corrupt_value(grey[:, :, None], corruption, id="a")[:, :, 0]).all()
    assert (worse != grey).any()
    assert (corrupt_value(grey, corruption, severity=0, id="a") == grey).all()
