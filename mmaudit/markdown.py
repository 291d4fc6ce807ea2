"""Markdown: text that Markdown and HTML read as text, whatever it holds."""

import re

SPECIAL = re.compile(r"([\\`*_\[\]#|~])")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
LINKS = {"://": "&#58;//", "www.": "www&#46;"}


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
