"""The options of an adapter: known names only, and lists of names."""

import json
from collections.abc import Collection

from mmaudit import parts
from mmaudit.errors import UsageError
from mmaudit.models.base import Request


def only(request: Request, known: Collection[str]) -> None:
    """Refuse options that an adapter does not have.

    Raises:
        UsageError: There is one; close names are suggested.
    """
    for name in request.options:
        if name not in known:
            fix = parts.close(name, tuple(known)) or ", ".join(sorted(known)) or "no options"
            raise UsageError(f"there is no option {name!r}", where=request.spec, fix=fix)


def listed(text: str) -> tuple[str, ...]:
    """Names from ``a,b,c`` or from a JSON list, for names that hold commas.

    Raises:
        UsageError: It is neither.
    """
    if not text.startswith("["):
        return tuple(name.strip() for name in text.split(","))
    try:
        return tuple(str(name) for name in json.loads(text))
    except json.JSONDecodeError as error:
        raise UsageError(f"{text!r} is not a list of names", fix='["a", "b"]') from error
