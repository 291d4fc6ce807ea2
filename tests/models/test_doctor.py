import json
import subprocess
import sys

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


def test_the_cache_is_the_first_folder_that_can_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    good = tmp_path / "not" / "yet" / "there"
    assert numba_cache((blocked / "inside", good)).value == str(good)
    assert not good.exists()
    none = numba_cache((blocked / "inside",))
    assert none.state == "note"
    assert "NUMBA_CACHE_DIR" in none.fix


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
    if name == "pandas":
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
    assert "pip install pandas" in done.stderr
    assert "pandas" in done.stdout
