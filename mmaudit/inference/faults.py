"""Faults: what the user's own code raises is told as the model's failure, not as a bug here."""

import sysconfig
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Self

from mmaudit.errors import InputError, MMAuditError

HERE = Path(__file__).parents[1]
LIBRARIES = tuple({Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")})


class Faults:
    """A time in which the model is asked; as a context it lets other errors through.

    Attributes:
        spec: How the model was asked for.
    """

    def __init__(self, spec: str) -> None:
        self.spec = spec

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, _kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Refuse a model whose code failed.

        Raises:
            InputError: The error comes from code that is neither mmaudit's nor, but for calls of
                the user's code, a library's.
        """
        if not isinstance(error, Exception) or isinstance(error, MMAuditError):
            return
        line = _own_line(trace)
        if line:
            raise InputError(
                f"the model {self.spec} failed: {type(error).__name__}: {error}",
                where=line,
                fix="mend it there; with MMAUDIT_TRACEBACK=1 the whole way to it is shown",
            ) from error


def _own_line(trace: TracebackType | None) -> str:
    """Innermost line that is no library's, where it is not one of mmaudit; else nothing."""
    for frame in reversed(extract_tb(trace)):
        file = Path(frame.filename)
        if file.is_relative_to(HERE):
            return ""
        if not any(file.is_relative_to(library) for library in LIBRARIES):
            return f"{frame.filename}:{frame.lineno}"
    return ""
