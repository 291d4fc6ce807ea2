"""Culprit: the sample that a model fails on, where a batch failed and it can be told."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from mmaudit.errors import MMAuditError

SEARCH = 10.0  # seconds that the sample is looked for


@contextmanager
def named(ids: Sequence[str], alone: Callable[[int], object]) -> Iterator[None]:
    """A call of a model about some samples: an error in it gets a note of the one that it is for.

    Args:
        ids: What the samples are called; nothing is looked for where there are none.
        alone: Asks the same about one of them, by its place.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, MMAuditError):
            _name(error, ids, alone)
        raise


def _name(error: Exception, ids: Sequence[str], alone: Callable[[int], object]) -> None:
    until = time.monotonic() + SEARCH
    for row, name in enumerate(ids):
        try:
            alone(row)
        except type(error):
            error.add_note(f"for the sample {name!r}")
            return
        except Exception:  # noqa: BLE001  a batch of one is another question to some
            return
        if time.monotonic() > until:
            return
