"""Outputs: which of several outputs of a model is its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmaudit.errors import UsageError
from mmaudit.models.describe import OUTPUTS
from mmaudit.options import unknown


def selected(names: Sequence[str], wanted: str | None, kind: str | None, spec: str) -> str:
    """The name of the output that is the answer.

    Args:
        names: All outputs, in their order.
        wanted: The one that was asked for, by name or by number from 0; None where none was.
        kind: What the answer is, where that is said: it may also be called so.
        spec: For messages.

    Raises:
        UsageError: There is no such output; or there are several, and none is called as an answer.
    """
    if wanted is not None:
        if wanted in names:
            return wanted
        if wanted.isascii() and wanted.isdigit() and int(wanted) < len(names):
            return names[int(wanted)]
        raise unknown(f"there is no output {wanted!r}", wanted, names, where=spec)
    if len(names) == 1:
        return names[0]
    usual = [name for name in names if name in (OUTPUTS if kind is None else {kind})]
    if usual:
        return usual[0]
    raise UsageError(
        f"there are several outputs, {', '.join(names)}, and none is called as an answer is",
        where=spec,
        fix=f"add ,output_name= and one of them, and ,output= with one of {', '.join(OUTPUTS)}",
    )


def picked(answer: Any, wanted: str | None, kind: str | None, spec: str) -> Any:
    """The answer itself where it is one array, else the output of it that is the answer.

    Outputs are the keys of a mapping, the fields of a named tuple, or numbers from 0.

    Raises:
        UsageError: As `selected`.
    """
    if isinstance(answer, Mapping):
        by_name = {str(key): value for key, value in answer.items()}
    elif isinstance(answer, tuple | list):
        fields = getattr(answer, "_fields", map(str, range(len(answer))))
        by_name = dict(zip(fields, answer, strict=True))
    elif wanted is None:
        return answer
    else:
        raise UsageError(
            f"there is no output {wanted!r}: the answer is one", where=spec, fix="no output_name"
        )
    return by_name[selected(list(by_name), wanted, kind, spec)]
