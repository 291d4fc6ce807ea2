"""Kernels: compiled whatever can be written, and never kept where somebody else could plant one."""

import os
import subprocess
import sys
import tempfile

import pytest

from mmaudit.kernels import temporary_folder

TWICE = """
from mmaudit.kernels import kernel

@kernel
def twice(x):
    return 2 * x

print(twice(21))
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"mmaudit-kernels-{os.getuid()}"


def test_where_neither_source_nor_home_can_be_written_kernels_are_kept_for_a_while(tmp_path):
    (tmp_path / "twice.py").write_text(TWICE)
    (tmp_path / "tmp").mkdir()
    nowhere = {"NUMBA_CACHE_DIR": str(tmp_path / "twice.py" / "inside")}
    done = subprocess.run(
        [sys.executable, tmp_path / "twice.py"],
        env={**os.environ, **nowhere, "TMPDIR": str(tmp_path / "tmp")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("42\n", "")
    assert len(list((tmp_path / "tmp").rglob("twice*.nbi"))) == 1


def test_the_folder_is_this_users_alone(temporary):
    assert temporary_folder() == temporary
    assert temporary.stat().st_mode & 0o777 == 0o700
    assert temporary_folder() == temporary


@pytest.mark.parametrize("plant", ["open", "link", "file"])
def test_a_folder_that_somebody_else_could_have_made_is_not_used(temporary, plant):
    if plant == "open":
        temporary.mkdir()
        temporary.chmod(0o777)
    elif plant == "link":
        (temporary.parent / "elsewhere").mkdir(mode=0o700)
        temporary.symlink_to(temporary.parent / "elsewhere")
    else:
        temporary.touch()
    assert temporary_folder() is None
