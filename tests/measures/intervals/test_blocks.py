"""Large tables are looked at and made in blocks: the same numbers, and no copies in memory."""

import tracemalloc
from functools import partial

import numpy as np
import pytest

from mmaudit.measures.intervals import blocks
from mmaudit.measures.pairs import similarity, two_tower
from mmaudit.measures.pairs.detectors import loss_split
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.seeds import words

SMALL = {"held": 100, "large": 1}  # every mapped table is a large one


def normals(n, d, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d), np.float32)


def in_a_file(path, rows):
    np.save(path, rows)
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("n", [1, 99, 100, 731])
def test_the_mean_of_blocks_is_that_of_the_whole_to_a_bit(n):
    rows = normals(n, 37) + np.float32(5)
    np.testing.assert_array_equal(blocks.mean(n, lambda at: rows[at], held=100), rows.mean(0))


def test_the_mean_of_no_rows_is_zero():
    np.testing.assert_array_equal(blocks.mean(0, lambda at: normals(5, 3)[at][:0]), np.zeros(3))


def test_what_is_made_of_a_mapped_table_is_mapped(tmp_path):
    rows = normals(250, 4)
    for given, mapped in ((rows, False), (in_a_file(tmp_path / "a.npy", rows), True)):
        order = np.arange(250)[::-1]
        found = blocks.gathered(given, order, **SMALL)
        twice = blocks.computed(
            given, 8, lambda at, x=given: np.concatenate([x[at], x[at]], axis=1), **SMALL
        )
        assert isinstance(found, np.memmap) == isinstance(twice, np.memmap) == mapped
        np.testing.assert_array_equal(found, rows[::-1])
        np.testing.assert_array_equal(twice, np.hstack([rows, rows]))


def test_a_view_of_a_mapped_table_is_a_mapped_one(tmp_path):
    rows = np.asarray(in_a_file(tmp_path / "a.npy", normals(50, 4)))
    assert type(rows) is np.ndarray
    assert isinstance(blocks.gathered(rows, np.arange(50), **SMALL), np.memmap)


def test_a_full_disk_is_left_alone(tmp_path):
    rows = in_a_file(tmp_path / "a.npy", normals(50, 4))
    full = blocks.gathered(rows, np.arange(50), room=lambda: 50 * 4 * 4, **SMALL)
    assert type(full) is np.ndarray


def test_a_small_table_is_made_in_memory(tmp_path):
    rows = in_a_file(tmp_path / "a.npy", normals(50, 4))
    assert type(blocks.gathered(rows, np.arange(50))) is np.ndarray


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_rows_of_length_one_do_not_depend_on_where_they_are(tmp_path, kind):
    rows = (3 * normals(333, 20)).astype(kind)
    single = rows.astype(np.float32)
    expected = single / np.linalg.norm(single, axis=1, keepdims=True)
    for given in (rows, in_a_file(tmp_path / "a.npy", rows)):
        found = similarity.unit(given, **SMALL)
        np.testing.assert_allclose(found, expected, atol=1e-6)
        np.testing.assert_allclose(
            similarity.unit(expected.astype(kind), **SMALL), expected, atol=1e-3
        )
        assert found.dtype == np.float32
        assert isinstance(found, np.memmap) == isinstance(given, np.memmap)


def test_standard_columns_do_not_depend_on_where_they_are(tmp_path):
    rows = normals(333, 20) * np.arange(20, dtype=np.float32) + np.float32(7)
    scale = np.where(np.arange(20) > 0, rows.std(0, dtype=np.float64), 1.0)
    centred = (rows - rows.mean(0, dtype=np.float64)) / scale
    expected = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    for given in (rows, in_a_file(tmp_path / "a.npy", rows)):
        np.testing.assert_allclose(similarity.standard(given, **SMALL), expected, atol=1e-6)


RECIPE = two_tower.Schedule(epochs=2, batch=64, gradient=two_tower.info_nce)


def test_a_head_of_some_rows_is_that_of_their_copies_to_a_bit(tmp_path):
    left, right = normals(700, 30), normals(700, 20, seed=1)
    rows = np.flatnonzero(np.arange(700) % 3)
    maps = [in_a_file(tmp_path / f"{k}.npy", x) for k, x in enumerate((left, right))]
    found = two_tower.fit(*maps, RECIPE, words(0, "test"), rows, held=100)
    expected = two_tower.fit(left[rows], right[rows], RECIPE, words(0, "test"))
    for ours, theirs, values in zip(found, expected, maps, strict=True):
        np.testing.assert_array_equal(ours.weights, theirs.weights)
        np.testing.assert_array_equal(ours(values, rows), theirs(np.asarray(values)[rows]))


def _most(work):
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def pairs(folder, n, d):
    left, right = (in_a_file(folder / f"{n}-{k}.npy", normals(n, d, k)) for k in range(2))
    number = np.arange(n)
    return Sides(left=left, right=right, shared=True, fold=number % 3, copy=number, seed=0)


def test_training_copies_no_side(tmp_path):
    sides = pairs(tmp_path, 4000, 1024)  # 16 MB a side
    rows = np.flatnonzero(np.arange(4000) % 3)
    loss_split.split(pairs(tmp_path, 300, 8))  # what is imported for it does not count
    fit = partial(two_tower.fit, sides.left, sides.right, RECIPE, words(0, "test"), rows, held=100)
    assert _most(fit) < sides.left.nbytes
    assert _most(lambda: loss_split.split(sides, held=100)) < sides.left.nbytes
