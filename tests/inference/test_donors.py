"""Donors of a modality that few samples have are looked for in all of them."""

import pyarrow as pa
import pytest

import vector_files
from mmaudit.inference import donors
from mmaudit.inference.donors import collect, collect_pool
from mmaudit.samples import dataset as data
from mmaudit.samples.memory import taken

N = 3000
RARE = range(7, N, 150)


def opened(folder, *, backwards=False, never=False):
    rows = pa.table(
        {
            "id": [f"s{i}" for i in range(N)],
            "a": [[float(i)] for i in range(N)],
            "b": pa.array(
                [[float(i)] if i in RARE and not never else None for i in range(N)],
                pa.list_(pa.float64()),
            ),
        }
    )
    kept = rows.take(list(range(N))[::-1]) if backwards else rows
    return data.open(vector_files.write(folder, kept, "a", "b"))


def told(found, modality):
    return [float(v[0]) for v in found[modality]]


@pytest.mark.parametrize("most", [1, 3, 16])
def test_a_modality_of_few_samples_is_found(tmp_path, most):
    """One sample in 150 has it, and the first candidates are four for each donor."""
    found = collect(opened(tmp_path / "one"), ("a", "b"), most, seed=0)
    assert len(set(told(found, "b"))) == most
    assert {int(v) for v in told(found, "b")} <= set(RARE)
    assert told(found, "a")[: len(RARE)] == told(found, "b")  # both of the same samples
    again = collect(opened(tmp_path / "two", backwards=True), ("a", "b"), most, seed=0)
    assert all(told(found, m) == told(again, m) for m in ("a", "b"))


def test_all_that_there_are_are_found_and_no_more(tmp_path):
    found = collect(opened(tmp_path / "one"), ("a", "b"), 64, seed=0)
    assert sorted(told(found, "b")) == [float(i) for i in RARE]
    assert len(found["a"]) == len(set(told(found, "a"))) == 64
    nothing = collect(opened(tmp_path / "two", never=True), ("a", "b"), 2, seed=0)
    assert (len(nothing["a"]), len(nothing["b"])) == (2, 0)


def test_a_pool_of_heavy_values_is_smaller_and_no_more_are_decoded(tmp_path, monkeypatch):
    """The same values whatever the memory: 64 of those of which 100 fit."""
    dataset, decode, rows = opened(tmp_path / "heavy"), donors.decode, []

    def counted(dataset, batch):
        rows.append(batch.num_rows)
        return decode(dataset, batch)

    monkeypatch.setattr(donors, "decode", counted)
    one = taken(collect(dataset, ("a",), 1, seed=0))
    pools = []
    for memory in (200 * one, 2000 * one):
        rows.clear()
        pool = collect_pool(dataset, ("a",), 4, 0, 0, memory, most_bytes=100 * one)
        pools.append(told(pool, "a"))
        assert sum(rows) <= 100 + memory // one
    assert len(pools[0]) == 64
    assert pools[0] == pools[1]
    assert told(collect_pool(dataset, ("a",), 4, 0, 0), "a")[:64] == pools[0]
