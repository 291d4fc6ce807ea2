import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.errors import InputError, UsageError
from mmaudit.kinds import image
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.samples.statistics import column_statistics

RNG = np.random.default_rng(0)


def opened(folder, columns, modality, **source):
    parquet.write_table(pa.table(columns), folder / "data.parquet")
    told = {"source": {"path": "data.parquet"} | source, "modality": {"m": modality}}
    return data.open(Manifest.model_validate(told).placed(folder))


def agree(found, values):
    assert np.allclose(found.mean, values.mean(0), rtol=1e-6)
    assert np.allclose(found.sd, values.std(0), rtol=1e-6)
    assert np.array_equal(found.low, values.min(0))
    assert np.array_equal(found.high, values.max(0))
    assert (found.count == len(values)).all()


def test_vectors_far_from_zero_over_many_blocks(tmp_path):
    x = (1000 + RNG.standard_normal((3000, 4))).astype(np.float32)
    dataset = opened(tmp_path, {"x": list(x)}, {"kind": "vector", "column": "x"})
    agree(column_statistics(dataset, "m"), x.astype(np.float64))


def test_the_training_split_is_what_counts(tmp_path):
    x = RNG.standard_normal((300, 2)).astype(np.float32)
    split = ["train" if i % 3 else "test" for i in range(300)]
    columns = {"x": list(x), "split": split}
    dataset = opened(tmp_path, columns, {"kind": "vector", "column": "x"}, split="split")
    found = column_statistics(dataset, "m")
    assert found.split == "train"
    agree(found, x[np.arange(300) % 3 > 0].astype(np.float64))
    assert column_statistics(dataset.select(split="test"), "m").split == ""


def test_tables_have_numbers_and_categories(tmp_path):
    columns = {"a": [1.0, 3.0, None], "b": ["y", None, "x"], "c": [None, None, None]}
    modality = {"kind": "table", "columns": ["a", "b", "c"], "categorical": ["b"]}
    found = column_statistics(opened(tmp_path, columns, modality), "m")
    assert found.categories == ((), ("x", "y"), ())
    assert found.mean[0] == 2.0
    assert found.sd[0] == 1.0
    assert found.count.tolist() == [2, 0, 0]
    assert np.isnan(found.mean[1:]).all()
    assert np.isnan([found.low[1], found.high[1], found.sd[1]]).all()


def test_series_and_images_by_channel(tmp_path):
    series = [RNG.standard_normal((3 + i, 2)) for i in range(5)]
    columns = {"x": [s.tolist() for s in series]}
    dataset = opened(tmp_path, columns, {"kind": "series", "column": "x"})
    values = np.concatenate(series).astype(np.float32).astype(np.float64)
    agree(column_statistics(dataset, "m"), values)
    pixels = [RNG.integers(0, 256, (4, 5, 3), np.uint8) for _ in range(40)]
    columns = {"x": [image.encode(p) for p in pixels]}
    dataset = opened(tmp_path, columns, {"kind": "image", "column": "x"})
    values = np.concatenate([p.reshape(-1, 3) for p in pixels]).astype(np.float64)
    agree(column_statistics(dataset, "m"), values)


def test_what_has_no_statistics_is_refused(tmp_path):
    dataset = opened(tmp_path, {"x": ["a"]}, {"kind": "text", "column": "x"})
    with pytest.raises(UsageError, match="is text"):
        column_statistics(dataset, "m")
    with pytest.raises(UsageError, match="no modality 'n'"):
        column_statistics(dataset, "n")
    nothing = {"x": pa.array([None], pa.list_(pa.float32()))}
    dataset = opened(tmp_path, nothing, {"kind": "vector", "column": "x"})
    with pytest.raises(InputError, match="no sample has a value"):
        column_statistics(dataset, "m")
