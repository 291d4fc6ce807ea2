"""Sources, parsed once for all tests that look at how the package is written."""

import ast
from functools import cache


@cache
def tree(path):
    """The syntax tree of a file; whoever looks at it changes nothing."""
    return ast.parse(path.read_text("utf-8"))
