"""Braces: ``{000..127}`` and ``{a,b}`` in a path mean several files, as in a shell."""

import re
from itertools import product
from math import prod

from mmaudit.errors import InputError
from mmaudit.parsing.limits import FILES

DIGITS = 18  # of a number in braces
BRACES = re.compile(r"\{(\d+)\.\.(\d+)\}|\{([^{}]*,[^{}]*)\}")


def expanded(pattern: str) -> list[str]:
    """The paths that a pattern means, in its order.

    Raises:
        InputError: They are more than there may be; they are counted before they are made.

    Example:
        >>> expanded("{train,test}-{00..01}.tar")
        ['train-00.tar', 'train-01.tar', 'test-00.tar', 'test-01.tar']
    """
    matches = list(BRACES.finditer(pattern))
    count = prod(_count(match) for match in matches)
    if count > FILES.most:
        raise InputError(
            f"the pattern means {_short(count)} files, more than {FILES}",
            where=pattern if len(pattern) < 200 else f"{pattern[:200]}…",
            fix=f"a * that matches them, or several datasets; or {FILES.fix}",
        )
    ends = [0, *(match.end() for match in matches)]
    between = [pattern[a : m.start()] for a, m in zip(ends, matches, strict=False)]
    tail = pattern[ends[-1] :]
    options = [_options(match) for match in matches]
    return [
        "".join(f"{text}{one}" for text, one in zip(between, row, strict=True)) + tail
        for row in product(*options)
    ]


def _count(match: re.Match[str]) -> int:
    first, last, listed = match.groups()
    if listed is not None:
        return listed.count(",") + 1
    if max(len(first), len(last)) > DIGITS:
        return 10**DIGITS
    return max(0, int(last) - int(first) + 1)


def _options(match: re.Match[str]) -> list[str]:
    first, last, listed = match.groups()
    if listed is not None:
        return listed.split(",")
    width = len(first) if first.startswith("0") else 0
    return [f"{number:0{width}}" for number in range(int(first), int(last) + 1)]


def _short(count: int) -> str:
    return f"{count:,}" if count < 10**DIGITS else f"{float(min(count, 10**300)):.0e}"
