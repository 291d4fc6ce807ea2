"""A process whose call holds Python's lock is ended from outside, with a code and a line."""

import subprocess
import sys

import pytest

from mmaudit.patience import vigil
from places import ROOT

HOLDS = """
import sys
from collections import deque
from itertools import repeat
from mmaudit import patience
from mmaudit.faults import Faults
from mmaudit.patience.vigil import Vigil

patience.GRACE, patience.AGAIN = 0.2, 0.1
patience.watched_by(Vigil())
for seconds, count in ((5, 1), (0.2, 1), (0.2, None)):
    with patience.patience(seconds, Faults("the model")):
        deque(repeat(1) if count is None else repeat(1, count), maxlen=0)
    print(seconds, flush=True)
"""


@pytest.mark.skipif(not vigil.CAN, reason="there is no such signal")
def test_a_call_that_holds_the_lock_of_python_ends_with_5_and_its_line(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(HOLDS)
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 5, done.stderr
    assert done.stdout == "5\n0.2\n"
    first, where, _ = done.stderr.splitlines()
    assert first == "error: the model gave no answer within 0.2 s"
    assert where == f"where: {script}:13"


def test_the_line_is_the_innermost_that_is_no_librarys():
    text = f'Thread 1:\n  File "{vigil.__file__}", line 1 in a\n\nThread 2:\n'
    text += f'  File "{subprocess.__file__}", line 2 in b\n  File "/mine.py", line 3 in c\n'
    assert vigil.line(text) == ""
    assert vigil.line(text, everywhere=True) == "/mine.py:3"
