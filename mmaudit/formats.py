"""Formats: numbers as people read them, in reports, terminals and pictures, and text as text.

In a sentence a number has the digits that it needs (`number`); under or beside others, in tables,
charts and intervals of estimates, as many decimals as they have (`aligned`).
"""

import math
import re

SPECIAL = re.compile(r"([\\`*_\[\]#|~])")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
LINKS = {"://": "&#58;//", "www.": "www&#46;"}


def number(value: float) -> str:
    """A number in at most four significant digits, without a trailing zero: ``0.8125``.

    Example:
        >>> number(2 / 3), number(0.5), number(1234567)
        ('0.6667', '0.5', '1.235e+06')
    """
    return f"{value:.4g}"


def interval(value: float, low: float, high: float) -> str:
    """A number between the ends of its interval, each as `number`: ``0.5 [0.4, 0.6]``.

    Example:
        >>> interval(0.5, 0.4, 0.6123456)
        '0.5 [0.4, 0.6123]'
    """
    return f"{number(value)} [{number(low)}, {number(high)}]"


def aligned(*values: float) -> tuple[str, ...]:
    """Numbers in one form: three decimals, fewer from 10 on, and four digits of the very small.

    Args:
        values: The numbers; the largest of those that are finite says how all are shown.

    Example:
        >>> aligned(0.5, 0.0004, 0.87123), aligned(160.25, 9.5), aligned(24_031.7), aligned(2e-5)
        (('0.500', '0.000', '0.871'), ('160.2', '9.5'), ('24,032',), ('2e-05',))
    """
    largest = max((abs(x) for x in values if math.isfinite(x)), default=0.0)
    if 0.0 < largest < 0.001 or largest >= 1e6:
        form = ".4g"
    else:
        form = f",.{min(3, max(0, 3 - math.floor(math.log10(max(largest, 1.0)))))}f"
    return tuple(format(x, form) for x in values)


def duration(seconds: float) -> str:
    """A time in the unit that fits it: ``8.5 s``, ``40 min``, ``3.2 h``.

    Example:
        >>> duration(8.52), duration(2400), duration(11_600)
        ('8.5 s', '40 min', '3.2 h')
    """
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def size(count: float) -> str:
    """Bytes in the unit that fits them: ``12 MB``, ``1.5 GB``.

    Example:
        >>> size(12_300_000)
        '12 MB'
    """
    return f"{count / 1e6:.0f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def many(count: int, one: str, several: str = "") -> str:
    """How many there are of what, in the number that the words need: ``1 row``, ``2 rows``.

    Args:
        count: How many.
        one: What one of them is called, with what follows, as ``picture that no row names``.
        several: What several are called; the first word with an ``s`` by default.

    Example:
        >>> many(1, "row"), many(2, "row"), many(0, "file of no use")
        ('1 row', '2 rows', '0 files of no use')
        >>> many(2, "hidden file or folder", "hidden files or folders")
        '2 hidden files or folders'
    """
    if count != 1 and not several:
        first, blank, rest = one.partition(" ")
        several = f"{first}s{blank}{rest}"
    return f"{count} {one if count == 1 else several}"


def literal(line: str) -> str:
    r"""A line that is never markup, a mention or a link, also where it stands in a table.

    Args:
        line: One line; characters that are not seen are the caller's.

    Example:
        >>> print(literal("a|b *c* @d www.e"))
        a\|b \*c\* &#64;d www&#46;e
    """
    escaped = SPECIAL.sub(r"\\\1", line)
    for plain, entity in (ENTITIES | LINKS).items():
        escaped = escaped.replace(plain, entity)
    return escaped
