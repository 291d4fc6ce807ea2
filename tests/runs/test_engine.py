"""Where units run is chosen by name: an engine of another package takes the place of our own."""

import importlib

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
from mmaudit import parts
from mmaudit.errors import InputError, UsageError

MANIFEST = """
schema = 1
[source]
path = "rows.parquet"
id = "id"
[modality.x]
kind = "vector"
column = "x"
[target]
column = "y"
kind = "class"
"""
ENGINE = '''"""Backwards: units run here, the last one first."""

from mmaudit.engines import local

UNITS = []


def run(work, units, folder, *, workers, report):
    UNITS.extend(units[::-1])
    local.run(work, units[::-1], folder, workers=workers, report=report)
'''


class Half:
    """Says yes to what is above a half."""

    modalities = ("x",)
    classes = ("no", "yes")

    def scores(self, batch, present):
        p = np.clip(np.asarray(batch["x"])[:, :1], 0, 1)
        return np.concatenate([1 - p, p], 1).astype(np.float32)


@pytest.fixture
def dataset(tmp_path):
    x = np.linspace(0, 1, 20).tolist()
    table = {"id": [f"{i}" for i in range(20)], "x": [[v, v / 2] for v in x]}
    table["y"] = ["yes" if v > 0.5 else "no" for v in x]
    parquet.write_table(pa.table(table), tmp_path / "rows.parquet")
    (tmp_path / "dataset.toml").write_text(MANIFEST)
    return mm.load(tmp_path / "dataset.toml")


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Writes an engine into another package."""

    def write(source):
        (tmp_path / "their_engine.py").write_text(source)
        info = tmp_path / "theirs-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
        (info / "entry_points.txt").write_text(
            f"[{parts.GROUP}]\nengines/backwards = their_engine\n"
        )
        for memory in (parts.names, parts.foreign, parts._points):
            memory.cache_clear()
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(importlib.import_module("sys").modules, "their_engine", raising=False)
    yield write
    for memory in (parts.names, parts.foreign, parts._points):
        memory.cache_clear()


def sweep(dataset, out, engine):
    options = {"corruptions": ("vector/dropout",), "absent": ("zeros",), "replicates": 20}
    return mm.robustness(dataset, Half(), out=out, engine=engine, quiet=True, **options)


def test_an_unknown_engine_is_refused_with_the_close_name(dataset, tmp_path):
    with pytest.raises(UsageError) as refusal:
        sweep(dataset, tmp_path / "run", "lcoal")
    assert refusal.value.fix == "local"
    assert refusal.value.exit_code == 2
    assert not (tmp_path / "run").exists()


def test_the_named_engine_runs_the_units_to_the_same_bytes(dataset, tmp_path, stranger):
    stranger(ENGINE)
    one, other = (sweep(dataset, tmp_path / e, e).path for e in ("local", "backwards"))
    assert importlib.import_module("their_engine").UNITS
    for path in one.rglob("*.parquet"):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes()


def test_an_engine_that_cannot_run_is_refused(dataset, tmp_path, stranger):
    stranger('"""Nothing."""\n')
    with pytest.raises(InputError, match="the function run"):
        sweep(dataset, tmp_path / "run", "backwards")
