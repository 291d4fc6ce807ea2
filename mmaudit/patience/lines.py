"""Lines: what the interpreter wrote of where a process was, as it ended or hung."""

import re

from mmaudit.faults import SOMEONES, Faults

HUNG = "Timeout ("  # as the interpreter begins the lines of a call that took too long
CURRENT = "Current thread"  # as it begins those of the thread that ended the process
LINE = re.compile(r'^ *File "(?P<file>.+)", line (?P<number>\d+) in ', re.MULTILINE)


def last_line(text: str) -> str:
    """The line by which a process ended; empty where no line of it is of others.

    Where a library's own thread ended it, that is the line of any thread, which waited for it.

    Args:
        text: What the interpreter wrote.
    """
    before, says, after = text.partition(CURRENT)
    return line(after) if says else line(before, everywhere=True)


def line(text: str, *, everywhere: bool = False) -> str:
    """The innermost line that is no library's, of what the interpreter wrote.

    Args:
        text: The lines of one thread after the other.
        everywhere: Whether any thread will do; else the first.
    """
    faults = Faults(SOMEONES)
    for match in LINE.finditer(text if everywhere else text.partition("\n\n")[0]):
        if faults.owns(match["file"]):
            return f"{match['file']}:{match['number']}"
    return ""
