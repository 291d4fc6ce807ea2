"""The standard streams: each is there, and a reader that goes away changes no exit code."""

import errno
import io
import os
import sys
from typing import Any, TextIO

GONE = {errno.EPIPE, errno.ECONNRESET}


class Stream(io.FileIO):
    """A standard stream that falls silent once it cannot be written.

    Python would raise at the next word, and once more at its end, with an exit code of its own.

    Attributes:
        abandoned: Whether nobody reads it any more.
    """

    abandoned = False
    _silent = False

    def write(self, data: Any) -> int:
        """Write bytes, or nothing where nobody reads them.

        Raises:
            OSError: The answer has no room. Talk that has none is let go.
        """
        if not self._silent:
            try:
                return super().write(data)
            except OSError as error:
                self._silent, self.abandoned = True, error.errno in GONE
                if not self.abandoned and self.fileno() == 1:
                    raise
        return memoryview(data).nbytes


def steady() -> None:
    """Give this process streams that are all there, and that fall silent rather than raise.

    What was closed becomes the null device: the next file that is opened would take its place, and
    whatever speaks to the stream would write into that file.
    """
    while (null := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(null, True)  # noqa: FBT003
    os.close(null)
    sys.stdout, sys.stderr = _steady(sys.stdout, 1), _steady(sys.stderr, 2)


def _steady(stream: TextIO | None, number: int) -> TextIO:
    """The stream over a `Stream`; as it is where it is no plain file, as under a test."""
    if stream is None:
        return _text(number, "utf-8", "backslashreplace", line_buffering=False)
    buffer = getattr(stream, "buffer", None)
    if type(getattr(buffer, "raw", buffer)) is not io.FileIO or stream.fileno() != number:
        return stream
    stream.flush()
    return _text(
        number,
        stream.encoding,
        str(stream.errors),
        line_buffering=bool(stream.line_buffering),
    )


def _text(number: int, encoding: str, errors: str, *, line_buffering: bool) -> TextIO:
    raw = Stream(number, "wb", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=line_buffering)


def abandoned() -> bool:
    """Whether who reads the answers has gone away."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, Stream) and raw.abandoned


def flush() -> None:
    """Write what is still held; what cannot be written is let go, and does not raise at the end.

    Raises:
        OSError: The last words of the answer have no room.
    """
    for stream in (sys.stderr, sys.stdout):
        if stream is not None:
            stream.flush()
