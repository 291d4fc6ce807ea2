"""Donors of a modality that few samples have are looked for in all of them."""

import pyarrow as pa
import pytest

import vector_files
from mmaudit.errors import InputError
from mmaudit.inference import candidates, donors
from mmaudit.inference.donors import Donors
from mmaudit.samples import dataset as data
from mmaudit.samples.memory import taken

N = 3000
RARE = range(7, N, 150)


def opened(folder, *, backwards=False, never=False, split=False):
    rows = pa.table(
        {
            "id": [f"s{i}" for i in range(N)],
            "part": ["test" if i in RARE else "train" for i in range(N)],
            "a": [[float(i)] for i in range(N)],
            "b": pa.array(
                [[float(i)] if i in RARE and not never else None for i in range(N)],
                pa.list_(pa.float64()),
            ),
        }
    )
    kept = rows.take(list(range(N))[::-1]) if backwards else rows
    more = {"source": 'split = "part"'} if split else {}
    return data.open(vector_files.write(folder, kept, "a", "b", **more))


def told(found, modality):
    return [float(v[0]) for v in found[modality]]


@pytest.mark.parametrize("most", [1, 3, 16])
def test_a_modality_of_few_samples_is_found(tmp_path, most):
    """One sample in 150 has it, and the first candidates are four for each donor."""
    found = Donors(opened(tmp_path / "one"), ("a", "b"), 0).some(most, most)
    assert len(set(told(found, "b"))) == most
    assert {int(v) for v in told(found, "b")} <= set(RARE)
    assert told(found, "a")[: len(RARE)] == told(found, "b")  # both of the same samples
    again = Donors(opened(tmp_path / "two", backwards=True), ("a", "b"), 0).some(most, most)
    assert all(told(found, m) == told(again, m) for m in ("a", "b"))


def test_all_that_there_are_are_found_and_no_more(tmp_path):
    found = Donors(opened(tmp_path / "one"), ("a", "b"), 0).some(64, 64)
    assert sorted(told(found, "b")) == [float(i) for i in RARE]
    assert len(found["a"]) == len(set(told(found, "a"))) == 64
    nothing = Donors(opened(tmp_path / "two", never=True), ("a", "b"), 0).some(2, 2)
    assert (len(nothing["a"]), len(nothing["b"])) == (2, 0)


@pytest.fixture
def decoded(monkeypatch):
    """How many samples were decoded to find donors, and how many values again."""
    rows, decode, column = [], candidates.decode, candidates.column

    def counted(dataset, batch):
        rows.append(batch.num_rows)
        return decode(dataset, batch)

    def again(cells, kind, shape):
        rows.append(len(cells))
        return column(cells, kind, shape)

    monkeypatch.setattr(candidates, "decode", counted)
    monkeypatch.setattr(candidates, "column", again)
    return rows


def test_a_pool_of_heavy_values_is_smaller_and_no_more_are_decoded(tmp_path, monkeypatch, decoded):
    """The same values whatever the memory: 64 of those of which 100 fit."""
    dataset, pools = opened(tmp_path / "heavy"), []
    one = taken(Donors(dataset, ("a",), 0).some(1, 1))
    monkeypatch.setattr(donors, "MOST_BYTES", 100 * one)
    for memory in (128 * one, 200 * one, 2000 * one):
        decoded.clear()
        pools.append(told(Donors(dataset, ("a",), 0, memory).pool(4, 0), "a"))
        assert sum(decoded) <= 100 + 2 * donors.LEAST
    assert len(pools[0]) == 64
    assert pools[0] == pools[1] == pools[2]
    assert told(Donors(dataset, ("a",), 0).some(64, 64), "a") == pools[0]


def test_a_memory_that_cannot_hold_the_pool_is_refused_with_the_least_that_can(tmp_path):
    dataset = opened(tmp_path / "one")
    with pytest.raises(InputError, match=r"1024 of the 1024 samples that stand in") as refused:
        Donors(dataset, ("a",), 0, 5000).pool(4, 0)
    assert refused.value.fix == "--memory of 8,192 bytes or more for each of the --workers"
    assert len(Donors(dataset, ("a",), 0, 8192).pool(4, 0)["a"]) == 1024
    with pytest.raises(InputError, match=r"of the 64 samples that stand in") as refused:
        Donors(dataset, ("a",), 0, 200).count(64)
    assert "fewer of them, as --absent marginal:8" in refused.value.fix


def test_donors_are_decoded_once_for_all_policies(tmp_path, decoded):
    dataset = opened(tmp_path / "one")
    every = Donors(dataset, ("a", "b"), 0)
    assert every.count(8) == 8
    some, pool = every.some(16, 8), every.pool(8, 0)
    assert told(some, "a") == told(pool, "a")[:16]
    assert told(some, "b") == told(pool, "b")[:16]
    assert every.pool(8, 0) is pool
    assert sum(decoded) <= N


def test_values_that_did_not_fit_are_decoded_again(tmp_path, decoded):
    """A mean takes more than may be held, and the same whatever is."""
    dataset = opened(tmp_path / "one")
    whole, cut = (Donors(dataset, ("a",), 0, memory).some(256, 1) for memory in (None, 160))
    assert told(whole, "a") == told(cut, "a")
    before = sum(decoded)
    assert told(cut, "a")[7] == told({"a": [cut["a"][7]]}, "a")[0]
    assert sum(decoded) - before > 200
    assert max(decoded[-20:]) <= 10


def test_a_modality_that_no_training_sample_has_comes_from_the_others(tmp_path):
    """And is told; the other modality still comes from the training samples alone."""
    dataset = opened(tmp_path / "one", split=True)
    every = Donors(dataset, ("a", "b"), 0)
    assert every.count(8) == 8
    some = every.some(8, 8)
    assert all(int(v) not in RARE for v in told(some, "a"))
    assert {int(v) for v in told(some, "b")} <= set(RARE)
    (note,) = every.notes()
    assert note.startswith("b is in 0 of 2,980 samples of the split train: what stands in")
    nothing = Donors(opened(tmp_path / "two", split=True, never=True), ("a", "b"), 0)
    assert nothing.count(8) == 0
    assert nothing.notes() == ()
