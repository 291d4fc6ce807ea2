"""Defects that other tools have as whole runs, one test each: what they do is in the docstring."""

import ast
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

import keypad_like
import mmaudit
from mmaudit.cli import main
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store
from parsed import tree

PACKAGE = Path(mmaudit.__file__).parent
ONE_OF_EACH_KIND = (
    "image/glass_blur",
    "text/keyboard",
    "audio/white_noise",
    "series/random_drop",
    "table/unit_error",
    "vector/gaussian_noise",
)
MODES = ("L", "LA", "P", "RGB", "RGBA", "I;16", "1")


@pytest.fixture
def corrupt(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["mmaudit", "corrupt", *map(str, arguments)])
        return main(), capsys.readouterr()

    return run


def applied(*names):
    return [word for name in names for word in ("--apply", name)]


def cells(manifest):
    dataset = open_dataset(manifest)
    media = ("camera", "sound")
    found = {m: [c["bytes"] for c in dataset.cells(m, range(60)).to_pylist()] for m in media}
    values = decode(dataset, dataset.read(range(60))).values
    rest = {m: repr([np.asarray(v).tolist() for v in values[m]]) for m in values if m not in media}
    return found | rest


def test_severity_0_is_the_data_byte_for_byte(everything, tmp_path, corrupt):
    """MultiBench: at level 0 sound is silent, and texts have lost their capitals and digits."""
    out = tmp_path / "out"
    code, _ = corrupt(everything, out, *applied(*(f"{name}:0" for name in ONE_OF_EACH_KIND)))
    assert code == 0
    assert cells(out / "dataset.toml") == cells(everything)
    assert not store.read(out / "ledger.parquet").column("applied").to_pylist().count(True)


@pytest.mark.parametrize("name", [*ONE_OF_EACH_KIND, "weather"])
def test_one_corruption_alone_at_severity_5(name, everything, tmp_path, corrupt):
    """corrupt_images.py: one corruption alone is an error, as is severity 5."""
    code, _ = corrupt(everything, tmp_path / "out", *applied(f"{name}:5"))
    assert code == 0
    told = store.read(tmp_path / "out" / "ledger.parquet").to_pandas()
    assert set(told.severity) <= {0, 5}
    assert told[told.applied].id.nunique() >= 50


def test_a_run_that_changes_nothing_is_no_success(everything, tmp_path, corrupt):
    """corrupt_images.py: ``-su`` alone writes nothing and ends with 0."""
    small = (*applied("image/fog:3"), "--fraction", "0.001")
    code, told = corrupt(everything, tmp_path / "small", *small)
    assert code == 2
    assert "0.001 of 60 samples is none of them" in told.err
    assert not (tmp_path / "small").exists()
    table = parquet.read_table(everything.parent / "data.parquet")
    at = table.column_names.index("feature")
    lists = pa.array([[1.0] * 12] + [None] * 59, pa.list_(pa.float64()))
    parquet.write_table(table.set_column(at, "feature", lists), tmp_path / "data.parquet")
    absent = tmp_path / "dataset.toml"
    absent.write_text(keypad_like.MANIFEST)
    asked = (*applied("vector/dropout:3"), "--split", "train")
    code, told = corrupt(absent, tmp_path / "absent", *asked)
    assert code == 5
    assert "vector/dropout changed nothing: none of 40 samples" in told.err
    code, told = corrupt(absent, tmp_path / "most", *applied("vector/dropout:3"))
    assert code == 0
    assert '{"3": 60}, 59 of them without a value' in told.out
    (step,) = json.loads((tmp_path / "most" / "card.json").read_text())["steps"]
    assert step["applied"] == 1


def test_pictures_of_every_mode_come_out_or_are_listed(tmp_path, corrupt):
    """corrupt_images.py: PNG files with alpha are swallowed without a word."""
    rng = np.random.default_rng(0)
    rows = []
    for mode in MODES:
        if mode == "I;16":
            picture = Image.fromarray(rng.integers(0, 2**16, (20, 30), np.uint16))
        else:
            picture = Image.fromarray(rng.integers(0, 256, (20, 30, 4), np.uint8)).convert(mode)
        file = BytesIO()
        picture.save(file, "PNG")
        rows.append({"id": mode, "picture": {"bytes": file.getvalue(), "path": f"{mode}.png"}})
    rows.append({"id": "broken", "picture": {"bytes": b"no picture", "path": "broken.png"}})
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "data.parquet")
    manifest = tmp_path / "dataset.toml"
    manifest.write_text(
        'schema = 1\nname = "modes"\n[source]\npath = "data.parquet"\nid = "id"\n'
        '[modality.picture]\nkind = "image"\ncolumn = "picture"\n'
    )
    code, told = corrupt(manifest, tmp_path / "out", *applied("image/gaussian_noise:2"))
    assert code == 5
    assert "1 values could not be read" in told.err
    assert store.read(tmp_path / "out" / "skipped.parquet").column("id").to_pylist() == ["broken"]
    found = open_dataset(tmp_path / "out" / "dataset.toml").cells("picture", range(len(rows)))
    for row, cell in zip(rows[:-1], found.to_pylist(), strict=False):
        clean, seen = (Image.open(BytesIO(c["bytes"])) for c in (row["picture"], cell))
        assert seen.size == (30, 20)
        assert seen.has_transparency_data == clean.has_transparency_data
        assert seen.mode.startswith("I") == (row["id"] == "I;16")


def test_a_mask_of_another_seed_or_rate_is_not_taken_up(everything, tmp_path, corrupt):
    """MMP: a saved table is read again whatever the rate or the data that it was made for."""
    out = tmp_path / "out"
    unit = [sys.executable, "-c", INTERRUPTED, str(everything), str(out)]
    assert subprocess.run(unit, check=False, capture_output=True).returncode == 9
    for other in (["missing/mcar:3"], ["missing/mcar:2", "--seed", "1"]):
        code, told = corrupt(everything, out, "--apply", *other, "--resume")
        assert code == 2
        assert "was another one" in told.err
    assert corrupt(everything, out, "--apply", "missing/mcar:2", "--resume")[0] == 0


INTERRUPTED = """
import os, sys
from mmaudit.injection import run
run.finish = lambda *_: os._exit(9)
from mmaudit.injection.options import CorruptOptions
run.corrupt_dataset(sys.argv[1], sys.argv[2], CorruptOptions(apply=("missing/mcar:2",)), quiet=True)
"""
UNPLUGGED = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("the network was asked")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
sys.modules["pkg_resources"] = None
import numpy
assert int(numpy.__version__.partition(".")[0]) >= 2
from mmaudit import parts
for name in parts.names("corruptions"):
    parts.load("corruptions", name)
from mmaudit.cli import main
sys.argv = ["mmaudit", "corrupt", *sys.argv[1:]]
sys.exit(main())
"""


def test_nothing_is_asked_of_the_network_and_nothing_of_pkg_resources(everything, tmp_path):
    """fastdup: telemetry and versions that are switched off from afar; imagecorruptions and
    deepchecks: an import of pkg_resources, which current setuptools has no more."""
    steps = applied(*ONE_OF_EACH_KIND, "missing/mcar", "pairing/shuffle@caption")
    told = [sys.executable, "-W", "error", "-c", UNPLUGGED, str(everything), str(tmp_path / "out")]
    done = subprocess.run([*told, *steps], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_only_readers_of_addresses_models_and_clusters_know_the_network():
    readers = {"manifest/remote.py", "manifest/_web.py"}
    readers |= {"stores/reaching.py", "stores/systems.py"}
    allowed = {*readers, "models/towers.py", "engines/_reach.py"}
    network = {"socket", "http", "urllib.request", "urllib.error", "requests", "fsspec", "httpx"}
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(tree(path)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(n in network or n.partition(".")[0] in network for n in names):
                found.add(path.relative_to(PACKAGE).as_posix())
    assert found <= allowed
