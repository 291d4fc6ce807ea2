"""Lines: what the interpreter wrote of where a process was, as it ended or hung."""

import re

from mmaudit.faults import SOMEONES, Faults

HUNG = "Timeout ("  # as the interpreter begins the lines of a call that took too long
LINE = re.compile(r'^ *File "(?P<file>.+)", line (?P<number>\d+) in ', re.MULTILINE)


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
