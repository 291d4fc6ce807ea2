"""Archives: members keep their names, so that what opened the source opens the copy."""

import io
import json
import tarfile

import numpy as np
import pytest
import soundfile
from PIL import Image

import hub
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.manifest.readers.webdataset import open as open_tar
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode

N = 8
PICTURES = ("gif", "bmp", "jfif")
SOUNDS = ("flac", "mp3")


def file_of(ending, i, holds=None):
    """A picture or a sound, in the form that its ending says or in another one."""
    data = io.BytesIO()
    if ending in SOUNDS:
        wave = np.sin(np.arange(2000) * (0.1 + i / 50)).astype(np.float32)
        soundfile.write(data, wave, 8000, format=ending.upper())
    else:
        ramp = np.add.outer(np.arange(32), np.arange(32) * 2)[..., None] + [0, 60, 9 * i]
        form = holds or {"jpg": "jpeg", "jfif": "jpeg", "tif": "tiff"}.get(ending, ending)
        Image.fromarray(ramp.astype(np.uint8)).save(data, form)
    return data.getvalue()


def write(folder, ending, holds=None):
    with tarfile.open(folder / "a.tar", "w") as archive:
        for i in range(N):
            facts = {"x": i, **({"rare": "a"} if i % 3 == 0 else {}), "big": 2**60 + i}
            members = {ending: file_of(ending, i, holds), "json": json.dumps(facts).encode()}
            for name, data in members.items():
                info = tarfile.TarInfo(f"k{i}.{name}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    kind = "audio" if ending in SOUNDS else "image"
    (folder / "d.toml").write_text(
        '[source]\npath = "a.tar"\nid = "__key__"\n'
        f'[modality.m]\nkind = "{kind}"\ncolumn = "{ending}"\n'
        '[modality.t]\nkind = "table"\ncolumns = ["x", "big"]\n'
    )
    return folder / "d.toml"


def members(path):
    with tarfile.open(path) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive}


def copy(path, out, *more):
    noise = "audio/white_noise:3" if "audio" in path.read_text() else "image/gaussian_noise:3"
    asked = CorruptOptions(apply=(noise, *more), fraction=0.5)
    corrupt_dataset(path, out, asked, quiet=True)
    (tar,) = (out / "data").glob("*.tar")
    return tar


FORMS = [*((ending, None) for ending in PICTURES + SOUNDS), ("png", "jpeg")]


@pytest.mark.parametrize(("ending", "holds"), FORMS)
def test_members_are_called_as_in_the_source(tmp_path, ending, holds):
    path = write(tmp_path, ending, holds)
    tar = copy(path, tmp_path / "out", "table/drop_entry:5")
    was, now = members(tmp_path / "a.tar"), members(tar)
    assert [*now] == [*was]
    assert sum(now[k] != was[k] for k in was if k.endswith(ending)) == N // 2
    entries = json.loads((tmp_path / "out" / "card.json").read_text())
    stays = ending in {"gif", "mp3"} or holds
    assert entries["endings"] == ({ending: N // 2} if stays else {})
    dataset = open_dataset(tmp_path / "out")
    samples = decode(dataset, dataset.read(range(N)))
    assert all(v is not None for v in samples.values["m"])
    for key in (k for k in was if k.endswith("json")):
        before, after = (json.loads(each[key]) for each in (was, now))
        assert {*after} == {*before}, "a field that is not there is not there in the copy"
        assert all(after[k] in {None, before[k]} for k in before)


@pytest.mark.parametrize(("ending", "holds"), [("gif", None), ("png", "jpeg"), ("jpg", "png")])
def test_hugging_face_opens_the_copy_of_what_it_opened(tmp_path, ending, holds):
    tar = copy(write(tmp_path, ending, holds), tmp_path / "out")
    tars = (tmp_path / "a.tar", tar)
    was, now = (
        hub.datasets("webdataset", tmp_path / "cache", data_files=str(t))["train"] for t in tars
    )
    assert now[0] == was[0]
    sizes = [[(row["__key__"], row[ending].size) for row in rows] for _, rows in (was, now)]
    assert sizes[1] == sizes[0] == [(f"k{i}", (32, 32)) for i in range(N)]


def test_the_reader_finds_one_column(tmp_path):
    tar = copy(write(tmp_path, "gif"), tmp_path / "out")
    assert {"gif", "json"} < {*open_tar((tar,)).schema.names}
    assert "png" not in open_tar((tar,)).schema.names
