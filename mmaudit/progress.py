"""Progress on stderr: a bar in a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mmaudit import streams

EVERY_SECONDS = 10.0
Report = Callable[[int, int], None]  # (units done, units in all)


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Report]:
    """Give a function to call with (done, total); what it shows goes to stderr."""
    streams.ours()
    if quiet:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        yield from _bar(title)
    else:
        yield _lines(title)


def _bar(title: str) -> Iterator[Report]:
    from rich.console import Console  # noqa: PLC0415  only a terminal needs rich
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(title: str) -> Report:
    last = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY_SECONDS or (done == total and done):
            last = now
            sys.stderr.write(f"{title}: {done} of {total} units\n")

    return report
