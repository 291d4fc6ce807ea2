"""Byte order marks at the beginning of texts are none of their letters."""

import codecs
import io
import tarfile

import pytest

from command import mmaudit
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode

MANIFEST = """schema = 1
[source]
path = "rows.csv"
[modality.text]
kind = "text"
column = "text"
"""


def archive(path, members):
    with tarfile.open(path, "w") as file:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))


def test_a_manifest_with_a_mark_is_read(tmp_path):
    (tmp_path / "d.toml").write_text(MANIFEST, "utf-8-sig")
    rows = "".join(f"a few plain words of number {i}\n" for i in range(4))
    (tmp_path / "rows.csv").write_text("text\n" + rows, "utf-8-sig")
    done = mmaudit("corrupt", "d.toml", "out", "--apply", "text/keyboard:5", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_texts_and_labels_of_archives_have_no_mark(tmp_path, mark):
    members = []
    for i in range(4):
        members.append((f"{i}.txt", mark + b"a few plain words of this sample"))
        members.append((f"{i}.cls", mark + b"cat"))
    archive(tmp_path / "0.tar", members)
    dataset = data.open(infer(tmp_path / "0.tar"))
    assert dataset.classes == ("cat",)
    samples = decode(dataset, dataset.read(range(4)))
    assert list(samples.values["text"]) == ["a few plain words of this sample"] * 4


def test_an_archive_that_is_not_sorted_is_refused(tmp_path):
    names = [f"{i}.{ending}" for ending in ("txt", "cls") for i in range(3)]
    archive(tmp_path / "0.tar", [(name, b"a few plain words of it") for name in names])
    done = mmaudit("init", "0.tar", cwd=tmp_path)
    assert done.returncode == 3
    assert "not sorted: the files of the sample '0' do not stand together" in done.stderr
