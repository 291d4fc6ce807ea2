"""Links and absolute names: a root is not left, and where links may lead is a second setting."""

import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from command import mmaudit
from mmaudit.kinds.image import encode
from mmaudit.manifest.infer import infer
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.samples.account import account
from mmaudit.samples.decode import decode

N = 4


def blobs(folder):
    folder.mkdir(parents=True)
    for i in range(N):
        (folder / f"{i:040x}").write_bytes(encode(np.full((8, 8, 3), 20 * i, np.uint8)))


def linked(home, blob):
    """A folder with pictures that are links, and their metadata."""
    (home / "img").mkdir(parents=True)
    rows = []
    for i in range(N):
        (home / "img" / f"{i}.png").symlink_to(f"{blob}/{i:040x}")
        rows.append({"file_name": f"img/{i}.png", "caption": f"a few words of picture {i}"})
    (home / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def used(dataset):
    return len(decode(dataset, dataset.read(range(N))))


def test_a_snapshot_of_the_hub_is_read(tmp_path):
    blobs(tmp_path / "blobs")
    home = tmp_path / "snapshots" / "0a1b"
    linked(home, "../../../blobs")
    dataset = data.open(infer(home))
    assert used(dataset) == N
    assert account(dataset) == ("0a1b: 1 file, 4 rows, 4 used",)
    done = mmaudit("init", "snapshots/0a1b", "-o", "d.toml", cwd=tmp_path)
    assert done.returncode == 0
    done = mmaudit("corrupt", "d.toml", "out", "--apply", "image/fog:1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("links", "n"), [(None, 0), ("blobs", N), ("elsewhere", 0)])
def test_links_may_lead_where_the_manifest_says(tmp_path, links, n):
    blobs(tmp_path / "blobs")
    (tmp_path / "elsewhere").mkdir()
    linked(tmp_path / "set", tmp_path / "blobs")
    keys = {"path": "set"} | ({"links": links} if links else {})
    image = {"kind": "image", "column": "file_name"}
    manifest = Manifest.model_validate({"source": keys, "modality": {"image": image}})
    assert used(data.open(manifest.placed(tmp_path))) == n


def test_a_name_that_leaves_the_root_is_refused_whatever_links_may(tmp_path):
    blobs(tmp_path / "blobs")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "rows.csv").write_text(f"file_name\n../blobs/{0:040x}\n")
    image = {"kind": "image", "column": "file_name"}
    keys = {"path": "set/rows.csv", "links": "."}
    manifest = Manifest.model_validate({"source": keys, "modality": {"image": image}})
    dataset = data.open(manifest.placed(tmp_path))
    (skipped,) = decode(dataset, dataset.read([0])).skipped
    assert "leaves the dataset's folder" in skipped.reason


@pytest.mark.parametrize("root", [None, "pics"])
def test_absolute_names_are_read_in_the_root_alone(tmp_path, root):
    """As ``to_parquet`` of Hugging Face writes pictures that were given by path."""
    blobs(tmp_path / "pics")
    cells = [{"bytes": None, "path": str(tmp_path / "pics" / f"{i:040x}")} for i in range(N)]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    (tmp_path / "rows").mkdir()
    parquet.write_table(pa.table({"image": pa.array(cells, kind)}), tmp_path / "rows" / "0.parquet")
    keys = {"path": "rows/0.parquet"} | ({"root": root} if root else {})
    image = {"kind": "image", "column": "image"}
    manifest = Manifest.model_validate({"source": keys, "modality": {"image": image}})
    dataset = data.open(manifest.placed(tmp_path))
    samples = decode(dataset, dataset.read(range(N)))
    assert len(samples) == (N if root else 0)
    if root:
        before = dataset.digests["data"]
        (tmp_path / "pics" / f"{0:040x}").write_bytes(encode(np.zeros((4, 4, 3), np.uint8)))
        assert data.open(manifest.placed(tmp_path)).digests["data"] != before
    else:
        assert f"say root = '{tmp_path / 'pics'}' in [source]" in samples.skipped[0].reason
