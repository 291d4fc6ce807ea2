"""Starting the program loads nothing that only some commands need."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "pandas", "scipy", "sklearn", "shap", "numba", "cv2"}
PROBE = """
import sys
from mmaudit.cli import main
sys.argv = ["mmaudit", *{args!r}]
main()
print(*sorted({heavy!r} & sys.modules.keys()), file=sys.stderr)
"""


def loaded(*args):
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(args=args, heavy=HEAVY | {"numpy", "pyarrow"})],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["list"], ["list", "audits"]])
def test_these_load_nothing_heavy(args):
    assert loaded(*args) == set()


@pytest.mark.parametrize("args", [["gate", "--help"], ["report", "--help"]])
def test_the_right_half_needs_no_model_and_no_data(args):
    assert loaded(*args) & HEAVY == set()


def test_importing_the_package_is_cheap():
    code = "import sys, mmaudit; print(sorted({'numpy', 'pyarrow', 'torch'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
