"""Every way mmaudit refuses, and the exit code each one has.

    0  yes                the command did what it was asked; a gate passed
    1  no                 the command worked, and the answer is no (a gate failed)
    2  UsageError         the command line or the config cannot mean anything
    3  InputError         a file, a sample or a table is not what it claims to be
    4  MissingError       an optional package, a device or a model is not here
    5  IncompleteError    part of the work failed, so there is no answer
   70  (any other error)  a bug in mmaudit

Codes 0 and 1 are answers; codes from 2 up mean there is no answer.
"""

from functools import partial
from typing import Any, ClassVar


class MMAuditError(Exception):
    """A refusal a user can act on: what is wrong, where, and what to try.

    Example:
        >>> print(UsageError("there is no 'fogg' in corruptions", where="audit.toml", fix="fog"))
        error: there is no 'fogg' in corruptions
        where: audit.toml
        try: fog
    """

    exit_code: ClassVar[int]
    what: str
    where: str
    fix: str

    def __init__(self, what: str, *, where: str = "", fix: str) -> None:
        super().__init__(what)
        self.what, self.where, self.fix = what, where, fix

    def __str__(self) -> str:
        lines = (("error", self.what), ("where", self.where), ("try", self.fix))
        return "\n".join(f"{key}: {text}" for key, text in lines if text)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Travel between worker processes: keyword-only arguments need help with that."""
        return partial(type(self), where=self.where, fix=self.fix), (self.what,)


class UsageError(MMAuditError):
    """The command line or a config cannot mean anything."""

    exit_code = 2


class InputError(MMAuditError):
    """A file, a sample or a table is not what it claims to be."""

    exit_code = 3


class MissingError(MMAuditError):
    """A package, a device, a model or the network is not here."""

    exit_code = 4


class IncompleteError(MMAuditError):
    """Part of the work failed or cannot be decided, so there is no answer."""

    exit_code = 5
