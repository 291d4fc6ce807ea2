"""What is said when a place on the network cannot be reached, whatever its library calls that."""

from contextlib import AbstractContextManager, suppress
from http.client import HTTPException
from types import TracebackType
from typing import Self
from urllib.error import HTTPError

from mmaudit.errors import MissingError, MMAuditError

FETCHED = "cannot be fetched"
TO_FETCH = "check the address and the network, or copy the data to this machine"
UNKNOWN = ("Credential", "Authentication", "ProfileNotFound")  # in the names of libraries' errors


class Reaching(AbstractContextManager["Reaching"]):
    """Say that a place cannot be reached, whatever its library calls that."""

    def __init__(self, shown: str, what: str = FETCHED, fix: str = TO_FETCH) -> None:
        self._shown, self._what, self._fix = shown, what, fix

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception) and is_of_the_network(error):
            raise refusal(error, self._shown, self._what, self._fix) from error


def is_of_the_network(error: Exception) -> bool:
    """Whether an error is one of reaching a place.

    The libraries behind the schemes raise types of their own, which cannot be named here without
    importing them; an error of Python's own other than these is a bug, and stays one.
    """
    foreign = type(error).__module__.partition(".")[0] not in {"builtins", "mmaudit"}
    return foreign or isinstance(error, OSError | ValueError | HTTPException)


def refusal(error: Exception, shown: str, what: str, fix: str) -> MMAuditError:
    """What a person is told of an error of reaching a place.

    Args:
        error: The error.
        shown: The place, without secrets.
        what: What cannot be done.
        fix: What to try where the error does not say.
    """
    if lacks_credentials(error):
        return MissingError(
            f"{what}: there are no credentials",
            where=shown,
            fix="set them as the store's own tools take them: AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, AWS_PROFILE, GOOGLE_APPLICATION_CREDENTIALS, "
            "AZURE_STORAGE_CONNECTION_STRING …",
        )
    if isinstance(error, PermissionError):
        return MissingError(
            f"{what}: access is denied ({_reason(error)})",
            where=shown,
            fix="credentials that may list, read and, for a run that is made, write there",
        )
    return MissingError(f"{what}: {_reason(error)}", where=shown, fix=fix)


def lacks_credentials(error: Exception) -> bool:
    """Whether an error says that nobody said who asks."""
    return any(word in type(error).__name__ for word in UNKNOWN)


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        with suppress(OSError):
            error.close()
        return f"{error.code} {error.reason}"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    text = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
    return str(text).splitlines()[0][:200] if str(text) else type(error).__name__
