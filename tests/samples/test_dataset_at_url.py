import pickle

import fsspec
import pytest

from mmaudit.errors import InputError
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data

TEXTS = "id,text,file_name\na,hello there,a.png\nb,good bye,b.png\n"


@pytest.fixture(autouse=True)
def memory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pipe_file("/set/data.csv", TEXTS.encode())
    yield files
    files.store.clear()


def told(folder, modality=None, **source):
    return Manifest.model_validate(
        {
            "source": {"path": "memory://set/data.csv"} | source,
            "modality": modality or {"text": {"kind": "text", "column": "text"}},
        }
    ).placed(folder)


def test_it_is_the_dataset_that_it_is_as_a_local_file(tmp_path):
    (tmp_path / "data.csv").write_text(TEXTS)
    far, near = data.open(told(tmp_path)), data.open(told(tmp_path, path="data.csv"))
    assert far.read(range(2)).equals(near.read(range(2)))
    assert far.column("id").to_pylist() == ["data.csv:0", "data.csv:1"]
    assert far.digests["data"] == near.digests["data"]


def test_other_processes_read_what_this_one_reads(memory, tmp_path):
    dataset = data.open(told(tmp_path, id="id"))
    memory.pipe_file("/set/data.csv", TEXTS.replace("hello", "changed").encode())
    travelled = pickle.loads(pickle.dumps(dataset))
    assert travelled.read(range(2)).equals(dataset.read(range(2)))
    assert data.open(told(tmp_path)).read([0]).column("text").to_pylist() == ["changed there"]


def test_files_beside_a_url_are_refused_unless_their_folder_is_named(tmp_path):
    image = {"image": {"kind": "image", "column": "file_name"}}
    with pytest.raises(InputError, match="names files beside a URL") as caught:
        data.open(told(tmp_path, image))
    assert caught.value.where == "memory://set/data.csv"
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"here")
    cells = data.open(told(tmp_path, image, root="pictures")).cells("image", [0, 1]).to_pylist()
    assert cells[0] == {"bytes": b"here", "path": "a.png", "error": None}
    assert cells[1]["error"]


def test_an_inner_name_without_bytes_is_skipped_with_the_reason(memory, tmp_path):
    import io

    import pyarrow as pa
    from pyarrow import parquet

    sink = io.BytesIO()
    cells = [{"bytes": None, "path": "data.parquet"}, {"bytes": b"x", "path": None}]
    parquet.write_table(pa.table({"image": cells}), sink)
    memory.pipe_file("/set/data.parquet", sink.getvalue())
    image = {"image": {"kind": "image", "column": "image"}}
    found = data.open(told(tmp_path, image, path="memory://set/data.parquet"))
    read = found.cells("image", [0, 1]).to_pylist()
    assert read[0]["error"] == "a file is not read where no folder is named as root in [source]"
    assert read[1]["bytes"] == b"x"
