"""What is told of a run: every number is that of the dataset that was written."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store

N = 60
TEXTS = '[source]\npath = "data.parquet"\nid = "id"\n' + "".join(
    f'[modality.{m}]\nkind = "text"\ncolumn = "{m}"\n' for m in ("a", "b")
)


@pytest.fixture
def texts(tmp_path):
    """Two texts a sample; every fifth of ``a`` is absent."""
    told = {m: [f"the words of {m} number {i}" for i in range(N)] for m in ("a", "b")}
    told["a"][::5] = [None] * len(told["a"][::5])
    parquet.write_table(
        pa.table({"id": [f"s{i}" for i in range(N)], **told}), tmp_path / "data.parquet"
    )
    (tmp_path / "dataset.toml").write_text(TEXTS)
    return tmp_path / "dataset.toml"


def run(dataset, out, apply, **more):
    return corrupt_dataset(dataset, out, CorruptOptions(apply=apply, **more), quiet=True)


def absent(path):
    dataset = open_dataset(path)
    found = decode(dataset, dataset.read(range(len(dataset)))).present
    return np.stack([~found[m] for m in dataset.modalities], axis=1)


def test_rates_count_what_was_absent_before(texts, tmp_path):
    done = run(texts, tmp_path / "a", ("missing/mcar:3",))
    told, lost = done.card["steps"][0]["realised"], absent(tmp_path / "a")
    assert told["cell_rate"] == lost.mean()
    assert told["complete"] == (~lost.any(axis=1)).mean()
    assert told["modality_rates"] == dict(zip("ab", lost.mean(axis=0), strict=True))
    assert told["patterns"]["a+b"] == (~lost.any(axis=1)).sum()
    taken, there = lost.sum() - absent(texts).sum(), (~absent(texts)).sum()
    assert told["taken"] == taken / there == 0.3 * there // 1 / there


def test_rates_of_several_steps_are_of_what_is_written(texts, tmp_path):
    steps = ("missing/mcar:2", "pairing/shuffle:4@a", "missing/mmp:2")
    done = run(texts, tmp_path / "a", steps)
    last, lost = done.card["steps"][-1]["realised"], absent(tmp_path / "a")
    assert last["cell_rate"] == pytest.approx(lost.mean())
    assert last["complete"] == (~lost.any(axis=1)).mean()
    assert last["empty"] == lost.all(axis=1).mean()


@pytest.mark.parametrize("pairing", ["pairing/stuck_caption:5@b", "pairing/row_shift:5@b"])
def test_counts_by_severity_are_those_of_the_ledger(texts, tmp_path, pairing):
    done = run(
        texts, tmp_path / "a", ("text/case:2@b", pairing), fraction=0.3, severity_per_sample=True
    )
    told = done.card["steps"][0]
    rows = store.read(tmp_path / "a" / "ledger.parquet").to_pandas()
    rows = rows[rows.corruption == "text/case"]
    counts = {str(s): int(n) for s, n in rows.severity.value_counts().items()}
    assert told["samples_by_severity"] == counts
    assert told["applied"] == rows.applied.sum() == N - counts["0"]


@pytest.fixture
def large(tmp_path):
    """Pictures of twice the size that parameters in pixels are for."""
    rng, data = np.random.default_rng(0), []
    for _ in range(4):
        file = io.BytesIO()
        cells = rng.integers(0, 256, (28, 28, 3), np.uint8)
        Image.fromarray(cells.repeat(16, 0).repeat(16, 1)).save(file, "PNG")
        data.append(file.getvalue())
    told = pa.table({"id": list("wxyz"), "image": data})
    parquet.write_table(told, tmp_path / "data.parquet")
    (tmp_path / "dataset.toml").write_text(
        '[source]\npath = "data.parquet"\nid = "id"\n[modality.image]\nkind = "image"\n'
        'column = "image"\n'
    )
    return tmp_path / "dataset.toml"


def test_doses_are_reached_where_parameters_follow_the_size(large, tmp_path):
    done = run(
        large,
        tmp_path / "a",
        ("image/gaussian_blur:3",),
        calibrate="psnr_db=20",
        scale_with_size=True,
    )
    (level,) = done.card["steps"][0]["calibrated"]["levels"]
    rows = store.read(tmp_path / "a" / "ledger.parquet").to_pandas()
    dose = rows[rows.dose_name == "psnr_db"].dose.mean()
    assert level["ok"]
    assert dose == pytest.approx(level["reached"])
    assert dose == pytest.approx(20, abs=0.5)


def test_a_dose_out_of_reach_leaves_each_severity_as_it_is(texts, tmp_path):
    apply = ("text/char_delete:4@b",)
    usual = run(texts, tmp_path / "usual", apply, severity_per_sample=True)
    one = run(texts, tmp_path / "one", apply, severity_per_sample=True, calibrate="edit_rate=0.99")
    five = run(
        texts,
        tmp_path / "five",
        apply,
        severity_per_sample=True,
        calibrate="edit_rate=0.99,0.99,0.99,0.99,0.99",
    )
    assert not any(level["ok"] for level in five.card["steps"][0]["calibrated"]["levels"])
    for done in (one, five):
        assert done.card["steps"][0]["parameters"] == usual.card["steps"][0]["parameters"]
        assert done.card["content"] == usual.card["content"]


@pytest.mark.parametrize("how", ["no column b", "an id twice", "null in a column"])
def test_an_index_that_says_too_little_or_too_much_is_refused(texts, tmp_path, how):
    mask = pa.table({"id": [f"s{i}" for i in range(N)], "a": [True] * N, "b": [False] * N})
    told = {
        "no column b": mask.drop_columns(["b"]),
        "an id twice": pa.concat_tables([mask, mask.slice(0, 1)]),
        "null in a column": mask.set_column(1, "a", pa.array([None] + [True] * (N - 1))),
    }[how]
    parquet.write_table(told, tmp_path / "mask.parquet")
    with pytest.raises(InputError, match=how):
        run(texts, tmp_path / "a", ("missing/mcar",), index=str(tmp_path / "mask.parquet"))
