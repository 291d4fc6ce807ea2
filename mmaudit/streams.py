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


class _Buffer(io.BufferedWriter):
    """The bytes of a standard stream, which code that was given does not close."""

    def close(self) -> None:
        """Write what is held; the stream is mmaudit's, and is needed for the answer."""
        self.flush()


class _Text(io.TextIOWrapper):
    """The text of a standard stream, likewise."""

    def close(self) -> None:
        """Write what is held."""
        self.flush()


_OURS: dict[str, TextIO] = {}


def steady() -> None:
    """Give this process streams that are all there, and that fall silent rather than raise.

    They are no one's to close, and `ours` brings them back where they were exchanged.

    What was closed becomes the null device: the next file that is opened would take its place, and
    whatever speaks to the stream would write into that file.
    """
    while (null := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(null, True)  # noqa: FBT003
    os.close(null)
    sys.stdout, sys.stderr = _steady(sys.stdout, 1), _steady(sys.stderr, 2)
    _OURS.update(stdout=sys.stdout, stderr=sys.stderr)


def ours() -> None:
    """Speak on the streams of `steady` again, whatever a model or a library put in their place."""
    for name, stream in _OURS.items():
        setattr(sys, name, stream)


def forget() -> None:
    """Let the streams be anybody's: the command is over."""
    _OURS.clear()


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
    return _Text(_Buffer(raw), encoding, errors, line_buffering=line_buffering)


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
