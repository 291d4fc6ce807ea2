import json
import subprocess
import sys
import tempfile

from command import mmaudit
from mmaudit.models.doctor import findings, numba_cache, package


def test_core_packages_are_here_and_extras_say_how_to_get_them():
    found = {finding.name: finding for finding in findings()}
    assert not [f for f in found.values() if f.state == "missing"]
    for core in ("numpy", "torch", "pyarrow", "open_clip_torch", "numba"):
        assert found[core].state == "ok"
        assert found[core].value[0].isdigit()
    for extra in ("faiss-cpu", "skops", "onnxruntime"):
        assert found[extra].state in {"ok", "optional"}
    assert "pytest" not in found
    assert found["torchvision"].value.partition(":")[0] in {"native", "stub", "loaded", "absent"}
    assert "device" in found


def test_a_package_that_is_not_here():
    core = package("no-such-package-as-this", "")
    assert (core.state, core.fix) == ("missing", "pip install no-such-package-as-this")
    extra = package("no-such-package-as-this", "audio")
    assert (extra.state, extra.fix) == ("optional", "pip install 'mmaudit[audio]'")


def test_it_says_where_kernels_are_kept(tmp_path, monkeypatch):
    good = tmp_path / "not" / "yet" / "there"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(good))
    assert (numba_cache().state, numba_cache().value) == ("ok", str(good))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "inside"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    passing = numba_cache()
    assert passing.state == "note"
    assert passing.value.startswith(f"{tmp_path}/mmaudit-kernels-")
    assert "NUMBA_CACHE_DIR" in passing.fix
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    assert "every start" in numba_cache().value


def test_the_command_prints_the_findings_as_lines_and_as_json():
    plain, done = mmaudit("doctor"), mmaudit("doctor", "--json")
    assert (plain.returncode, done.returncode) == (0, 0)
    lines, found = plain.stdout.splitlines(), json.loads(done.stdout)
    assert [line.split()[0] for line in lines] == [f["name"].split()[0] for f in found]
    assert {"name", "state", "value", "fix"} == set(found[0])


BROKEN = """
from importlib import metadata
version = metadata.version
def without(name):
    if name == "fsspec":
        raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = without
import sys
from mmaudit.cli import main
sys.argv = ["mmaudit", "doctor"]
sys.exit(main())
"""


def test_something_missing_ends_in_4():
    told = [sys.executable, "-c", BROKEN]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert "pip install fsspec" in done.stderr
    assert "fsspec" in done.stdout
