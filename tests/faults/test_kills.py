"""Killed runs go on and end in the same bytes: some kills here, hundreds by hand with `kills_run`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from places import ROOT

SCRIPT = Path(__file__).with_name("kills_run.py")


@pytest.mark.long
def test_what_is_killed_goes_on_to_the_same_bytes():
    """A worker, the program, and each signal that asks for an end."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "0", "few"],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
