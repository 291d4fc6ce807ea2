"""The line of whoever's code it was, of what the interpreter wrote."""

import subprocess

from mmaudit.patience import lines


def test_the_line_is_the_innermost_that_is_no_librarys():
    text = f'Thread 1:\n  File "{lines.__file__}", line 1 in a\n\nThread 2:\n'
    text += f'  File "{subprocess.__file__}", line 2 in b\n  File "/mine.py", line 3 in c\n'
    assert lines.line(text) == ""
    assert lines.line(text, everywhere=True) == "/mine.py:3"
