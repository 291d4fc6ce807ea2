"""What every corruption owes. A new corruption gets all of this by existing."""

import json
import os
import subprocess
import sys

import pytest

from corruption_digests import digests
from corruption_samples import NAMES, load, of
from mmaudit.testing import corruptions
from places import ROOT

SCRIPT = ROOT / "tests" / "kits" / "corruption_digests.py"


@pytest.mark.parametrize("question", corruptions.QUESTIONS, ids=lambda q: q.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_contract(name, question):
    question(corruptions.subject(name, of(name.partition("/")[0])))


def test_some_have_a_form_for_many_samples_at_once():
    assert [name for name in NAMES if load(name).batch is not None]


@pytest.fixture(scope="module")
def here():
    return digests(NAMES)


@pytest.mark.parametrize(
    "setting", [{"NUMBA_DISABLE_JIT": "1"}, {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "123"}]
)
def test_another_process_gives_the_same_bytes(here, setting):
    """Compiled or interpreted, with one thread or many: there is one implementation."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), *NAMES],
        env={**os.environ, **setting},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert json.loads(ran.stdout) == here
