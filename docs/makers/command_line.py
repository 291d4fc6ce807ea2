"""Command line: the help of every command, as it is printed in a terminal of a fixed width."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO

from makers.markdown import block, page, paragraph, table
from mmaudit.cli.app import build

WIDE = "100"
PROGRAM = "mmaudit"


def text() -> str:
    """The page."""
    commands = sorted(build().commands)
    rows = [[f"[{name}](#{name})", _summary(name)] for name in commands]
    return page(
        "# Command line",
        paragraph(
            "What `mmaudit COMMAND --help` prints. Every command is explained on its own page: "
            "see [docs](../../README.md#documentation). Exit codes: 0 yes, 1 no, 2 usage, 3 input, "
            "4 something is missing, 5 incomplete or undecided, 70 a bug, 130 interrupted."
        ),
        table(["command", "what it does"], rows),
        "## mmaudit",
        block(help_of(), "text"),
        *(piece for name in commands for piece in (f"## {name}", block(help_of(name), "text"))),
    )


def help_of(*words: str) -> str:
    """What a command prints for ``--help``."""
    out = StringIO()
    with _columns(), redirect_stdout(out):
        build().main([*words, "--help"], prog_name=PROGRAM, standalone_mode=False)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _summary(name: str) -> str:
    """The first paragraph of a command's help, after its name."""
    paragraphs = help_of(name).split("\n\n")
    return " ".join(paragraphs[1].split()).removesuffix(".")


@contextmanager
def _columns() -> Iterator[None]:
    """A terminal of a fixed width, without colours."""
    before = dict(os.environ)
    os.environ |= {"COLUMNS": WIDE, "NO_COLOR": "1", "TERM": "dumb"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
