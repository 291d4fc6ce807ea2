"""The files of a folder: all of them, or the reason; also where others take some away."""

import os
import types

import pytest

from mmaudit import files
from mmaudit.errors import InputError
from mmaudit.injection.folders import digests
from mmaudit.manifest import locate, walk
from mmaudit.manifest.model import Manifest, Modality
from mmaudit.manifest.walk import below, steady
from mmaudit.samples import dataset as data


@pytest.fixture
def folder(tmp_path):
    for name in ("b/c.csv", "b/d/e.csv", "a.csv"):
        files.write_text(tmp_path / name, "id,x\n1,2\n")
    return tmp_path


def test_all_files_in_order(folder):
    (folder / "link").symlink_to(folder / "b")
    names = [p.relative_to(folder).as_posix() for p in below(folder)]
    assert names == ["a.csv", "b/c.csv", "b/d/e.csv"]


@pytest.mark.parametrize("error", [PermissionError, FileNotFoundError])
def test_a_closed_folder_is_refused_and_one_that_went_is_not_there(folder, monkeypatch, error):
    look = os.scandir

    def scandir(path):
        if str(path).endswith("/d"):
            raise error(2, "not here", path)
        return look(path)

    monkeypatch.setattr(walk.os, "scandir", scandir)
    if error is FileNotFoundError:
        assert len(below(folder)) == 2
        return
    with pytest.raises(InputError, match="cannot look into the folder"):
        below(folder)
    options = types.SimpleNamespace(noise_dir=str(folder), rir_dir=None, frost_dir=None)
    with pytest.raises(InputError, match="cannot look into the folder"):
        digests(options)
    files.write_text(folder / "metadata.csv", "file_name,text\na.csv,1\n")
    entries = {
        "source": {"path": str(folder)},
        "modality": {"text": Modality(kind="text", column="text")},
    }
    with pytest.raises(InputError, match="cannot look into the folder"):
        data.open(Manifest.model_validate(entries).placed(folder))


def test_a_file_that_goes_meanwhile_is_said(folder, monkeypatch):
    def gone(_):
        raise FileNotFoundError(2, "gone", "x.csv")

    monkeypatch.setattr(locate, "below", gone)
    with pytest.raises(InputError, match="went away"):
        locate.opened(str(folder), folder)
    with pytest.raises(ZeroDivisionError), steady("x"):
        raise ZeroDivisionError
