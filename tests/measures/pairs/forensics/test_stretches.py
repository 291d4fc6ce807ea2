"""A repair touches the rows that moved and no others: rows lost, doubled, late for a while, exchanged."""

import re

import numpy as np
import pytest

from clip_like import clip_like, mismatched, unit
from mmaudit.measures.pairs import shuffles
from mmaudit.measures.pairs.forensics import stretches
from mmaudit.measures.pairs.forensics.candidates import candidates, similarities
from mmaudit.measures.pairs.forensics.changes import path
from mmaudit.measures.pairs.forensics.columns import OrderedPairs, Shard
from mmaudit.measures.pairs.forensics.examine import examine

N = 600
ROWS = np.arange(N)


def order(kind):
    """Which item's right side each row holds."""
    out = ROWS.copy()
    if kind == "lost":
        out = np.r_[ROWS[:200], ROWS[201:], ROWS[:1]]
    elif kind == "doubled":
        out = np.r_[ROWS[:200], ROWS[199:-1]]
    elif kind == "three lost":
        out = np.r_[ROWS[:150], ROWS[151:300], ROWS[301:450], ROWS[451:], ROWS[:3]]
    elif kind == "late for a while":
        out[200:300] = ROWS[199:299]
    elif kind == "exchanged":
        out[100:160], out[400:460] = ROWS[400:460], ROWS[100:160]
    return out


def examined(left, right, shards=(), *, shared=True):
    pairs = OrderedPairs(left=left, right=right, shared=shared, shards=shards)
    return examine(pairs, shuffles.copies(right))


def repaired(defects, n=N):
    partner = np.arange(n)
    for defect in defects:
        partner[defect.rows] = defect.partner[defect.rows]
    return partner


KINDS = ("lost", "doubled", "three lost", "late for a while", "exchanged")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("share", "least"), [(0.0, 0.98), (0.2, 0.95)])
def test_rows_that_moved_are_put_right_and_no_row_is_made_worse(kind, share, least):
    left, right, _ = clip_like(N, 128, 1)
    mixed, _ = mismatched(N, share, 0)
    item = order(kind)
    defects = examined(left, right[mixed][item])
    partner = repaired(defects)
    right_now = (partner >= 0) & (item[partner] == ROWS)
    broken = (item != ROWS) & np.isin(ROWS, item)
    assert right_now[broken].mean() >= least
    assert (~right_now)[item == ROWS].sum() <= (3 if share else 1)
    assert not any(d.rows.all() for d in defects)
    sure = np.concatenate([d.confidence[d.rows & (d.partner >= 0)] for d in defects])
    assert right_now[broken].mean() > sure.mean() - 0.05


def test_a_lost_row_is_named_with_its_place():
    left, right, _ = clip_like(N, 128, 1)
    (found,) = examined(left, right[order("lost")])
    assert re.match("from row 20[01] on the right side is 1 row early", found.says)
    assert np.flatnonzero(found.rows)[0] in {200, 201}
    assert found.rows[201:].all()


def test_shards_that_were_exchanged_are_named():
    left, right, _ = clip_like(N, 128, 1)
    item = np.r_[ROWS[:120], ROWS[360:480], ROWS[240:360], ROWS[120:240], ROWS[480:]]
    shards = tuple(Shard(f"part-{k}", rows) for k, rows in enumerate(np.split(ROWS, 5)))
    (found,) = examined(left, right[item], shards)
    assert found.name == "exchanged blocks"
    assert "part-1 and part-3 stand in each other's place" in found.says
    partner = repaired([found])
    assert (item[partner] == ROWS).mean() > 0.98


@pytest.mark.parametrize("kind", ["lost", "late for a while"])
def test_without_a_shared_space_no_row_is_made_worse(kind):
    rng = np.random.default_rng(0)
    item = rng.normal(size=(N, 32))
    left = unit(item + 0.6 * rng.normal(size=item.shape))
    turn = np.linalg.qr(rng.normal(size=(32, 32)))[0]
    right = unit((item + 0.6 * rng.normal(size=item.shape)) @ turn)
    held = order(kind)
    partner = repaired(examined(left, right[held], shared=False))
    right_now = (partner >= 0) & (held[partner] == ROWS)
    assert (~right_now)[held == ROWS].sum() <= 1
    if kind == "lost":
        assert right_now[held != ROWS][:-1].mean() > 0.95


def alarms(left, right):
    offsets = candidates(left, right)
    return bool(path(similarities(left, right, offsets)[0], offsets, far(left, right)).segments)


def far(left, right):
    return similarities(left, right, np.array([0]))[1]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.8, 1.0])
def test_no_stretch_is_named_in_files_without_one(share):
    """False alarm: at most 0.001 a file; one in these 160 has a probability below 0.15 in all."""
    for seed in range(40):
        left, right, _ = clip_like(300, 64, seed)
        mixed, _ = mismatched(300, share, seed)
        assert not alarms(left, right[mixed])


def test_no_stretch_is_named_where_only_the_topic_of_a_sorted_file_is_shared():
    """Own and neighbouring partners are exchangeable there: only the signs count."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        topic = np.repeat(rng.normal(size=(12, 64)), 25, axis=0)
        sides = (unit(topic + 1.5 * rng.normal(size=(300, 64))) for _ in range(2))
        assert not alarms(*sides)


def test_no_stretch_is_named_in_a_film_whose_frames_drift():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        frames = rng.normal(size=(300, 64))
        for i in range(1, 300):
            frames[i] = 0.9 * frames[i - 1] + np.sqrt(0.19) * frames[i]
        sides = (unit(frames + rng.normal(size=(300, 64))) for _ in range(2))
        assert not alarms(*sides)


def test_texts_of_one_picture_that_stand_together_teach_no_place(monkeypatch):
    """Their offsets stand out of the profile and are no shift: no head is taught to find that out."""
    rng = np.random.default_rng(0)
    shown = np.repeat(rng.normal(size=(120, 16)), 5, axis=0)
    left, right = (shown @ rng.normal(size=(16, 24)) for _ in range(2))
    right += 0.5 * rng.normal(size=right.shape)
    sides = {"left": unit(left), "right": unit(right), "shared": False}
    apart, together = OrderedPairs(**sides), OrderedPairs(**sides, kin=np.arange(600) // 5)
    assert any(stretches._starts(apart))
    asked = []
    monkeypatch.setattr(stretches, "learnt_path", lambda *args: asked.append(args))
    assert not examine(together, np.arange(600))
    assert not asked
    examine(apart, np.arange(600))
    assert len(asked) == 1


def test_wide_sides_are_taught_in_few_dimensions_and_show_the_same():
    """A row lost, seen through 600 dimensions of which 24 say something."""
    rng = np.random.default_rng(3)
    shown = rng.normal(size=(N, 24))
    left, right = (
        (shown @ rng.normal(size=(24, 600)) + 0.5 * rng.normal(size=(N, 600))) for _ in range(2)
    )
    item = order("lost")
    defects = examined(unit(left), unit(right)[item], shared=False)
    partner = repaired(defects)
    broken = (item != ROWS) & np.isin(ROWS, item)
    assert ((partner >= 0) & (item[partner] == ROWS))[broken].mean() > 0.95
    assert (partner[:195] == ROWS[:195]).all()
