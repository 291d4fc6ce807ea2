"""What was given to mmaudit does not end its process; what comes from that process may end."""

import os
import subprocess
import sys

from mmaudit import endings

GUARDED = """
import os, sys
from mmaudit import endings
endings.guard()
endings.guard()
try:
    os._exit(0)
except SystemExit as end:
    print(end, end.code)
child = os.fork()
if not child:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_the_call_is_an_error_here_and_no_error_in_a_child():
    done = subprocess.run(
        [sys.executable, "-c", GUARDED], capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["os._exit(0) 0", "7"], done.stderr
    assert done.returncode == 0


def test_all_that_ends_a_process_by_python_is_guarded():
    ends = {name for name in dir(os) if name.startswith(("exec", "_exit"))}
    inner = {"execl", "execle", "execlp", "execlpe", "execvp", "execvpe"}  # of os, by the others
    assert ends - inner == set(endings.CALLS)
