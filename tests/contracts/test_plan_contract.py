"""Every plan is asked the same questions on the day it exists."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.corruptions.base import Plan
from mmaudit.injection.assignment import make_plan
from plan_rows import make_rows

PLANS = [
    n for n in parts.names("corruptions") if n.split("/")[0] in {"missing", "pairing", "label"}
]


def hit(name, rows, severity, seed=0):
    """Which cells or rows a plan changes."""
    plan = parts.load("corruptions", name).PLAN
    made = make_plan(rows, plan=name, severity=severity, seed=seed)
    if plan.makes == "mask":
        return made
    return made != (np.arange(len(rows.ids)) if plan.makes == "donors" else rows.labels)


@pytest.fixture(params=PLANS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def rows():
    return make_rows()


def test_says_what_it_is(name):
    plan = parts.load("corruptions", name).PLAN
    assert isinstance(plan, Plan)
    assert plan.source
    assert plan.version >= 1
    assert len(plan.severities) == 5
    assert len(set(plan.severities)) == 5
    assert set(plan.units) == set(plan.severities[0]._fields)
    assert parts.summary("corruptions", name).endswith(".")


def test_makes_what_it_says(name, rows):
    plan = parts.load("corruptions", name).PLAN
    for severity in range(1, 6):
        made = make_plan(rows, plan=name, severity=severity, seed=0)
        if plan.makes == "mask":
            assert made.dtype == bool
            assert made.shape == rows.present.shape
        else:
            assert made.dtype == np.int64
            assert made.shape == (len(rows.ids),)
            assert made.min() >= 0
            assert made.max() < (rows.classes if plan.makes == "labels" else len(rows.ids))


def test_severity_0_changes_nothing(name, rows):
    assert not hit(name, rows, 0).any()


def test_every_severity_changes_something_and_worse_ones_more(name, rows):
    counts = [hit(name, rows, s).sum() for s in range(6)]
    assert counts[1] > 0
    if name == "pairing/lag":  # every row but the first of a session, and more of them wrongly
        assert counts[1] <= counts[5]
    else:
        assert counts == sorted(set(counts)), counts


CHANCE = {"pairing/caption_level", "pairing/sorted_one_side"}  # fixed points are part of these


def test_a_milder_severity_is_contained_in_a_worse_one(name, rows):
    if name in CHANCE:
        pytest.skip("what is touched is nested; some of it stays right by chance")
    levels = [hit(name, rows, s) for s in range(1, 6)]
    for mild, worse in pairwise(levels):
        assert not (mild & ~worse).any()


@pytest.mark.parametrize("groups", [True, False])
def test_the_order_of_the_rows_does_not_matter(name, groups):
    if name == "missing/block" and not groups:
        pytest.skip("blocks are groups")
    rows = make_rows(groups=groups)
    order = np.random.default_rng(1).permutation(len(rows.ids))
    shuffled = make_rows(order=order, groups=groups)
    for severity in (1, 5):
        straight = make_plan(rows, plan=name, severity=severity, seed=3)
        mixed = make_plan(shuffled, plan=name, severity=severity, seed=3)
        if parts.load("corruptions", name).PLAN.makes == "donors":
            assert [rows.ids[straight[i]] for i in order] == [shuffled.ids[d] for d in mixed]
        else:
            assert (straight[order] == mixed).all()


def test_the_seed_matters_where_there_is_chance(name, rows):
    if name == "pairing/lag":
        pytest.skip("there is no chance in a lag")
    made = [make_plan(rows, plan=name, severity=3, seed=seed).tobytes() for seed in range(8)]
    assert len(set(made)) > 1


def test_does_not_touch_its_input_nor_global_randomness(name):
    rows = make_rows()
    for array in (rows.present, rows.labels, rows.groups, *rows.scores.values()):
        array.flags.writeable = False
    state = np.random.get_state()
    make_plan(rows, plan=name, severity=5, seed=0)
    after = np.random.get_state()
    assert state[2] == after[2]
    assert (state[1] == after[1]).all()


def test_only_what_is_there_is_taken_away_or_exchanged(name):
    rows = make_rows()
    gone = np.random.default_rng(2).random(rows.present.shape) < 0.15
    gone[:, 0] = False
    rows.present[gone] = False
    made = make_plan(rows, plan=name, severity=2, seed=0)
    makes = parts.load("corruptions", name).PLAN.makes
    if makes == "mask":
        assert not (made & ~rows.present).any()
    elif makes == "donors":
        changed = made != np.arange(len(rows.ids))
        assert rows.present[changed].all()
        assert rows.present[made[changed]].all()


def test_an_empty_set_gives_an_empty_plan(name):
    rows = make_rows(n=0)
    assert len(make_plan(rows, plan=name, severity=3, seed=0)) == 0


def test_reads_no_more_of_the_rows_than_it_says_it_needs(name, rows):
    needs = parts.load("corruptions", name).PLAN.needs
    texts = rows.texts if {"texts", "texts_or_scores"} & set(needs) else {}
    scores = rows.scores if "scores" in needs else {}
    bare = replace(rows, texts=texts, scores=scores)
    for severity in (1, 5):
        made = make_plan(rows, plan=name, severity=severity, seed=7)
        assert (make_plan(bare, plan=name, severity=severity, seed=7) == made).all()
