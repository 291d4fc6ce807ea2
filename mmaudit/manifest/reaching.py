"""What is said when a place on the network cannot be reached, whatever its library calls that."""

from contextlib import AbstractContextManager, suppress
from http.client import HTTPException
from types import TracebackType
from typing import Self
from urllib.error import HTTPError

from mmaudit.errors import MissingError


class Reaching(AbstractContextManager["Reaching"]):
    """Say that a place cannot be reached, whatever its library calls that.

    The libraries behind the schemes raise types of their own, which cannot be named here
    without importing them; an error of Python's own other than these is a bug, and stays one.
    """

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, Exception) or kind is None:
            return
        foreign = kind.__module__.partition(".")[0] not in {"builtins", "mmaudit"}
        if not foreign and not isinstance(error, OSError | ValueError | HTTPException):
            return
        raise MissingError(
            f"cannot be fetched: {_reason(error)}",
            where=self._shown,
            fix="check the address and the network, or copy the data to this machine",
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        with suppress(OSError):
            error.close()
        return f"{error.code} {error.reason}"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    text = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
    return str(text).splitlines()[0][:200] if str(text) else type(error).__name__
