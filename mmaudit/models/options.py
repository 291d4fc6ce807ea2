"""The options of an adapter: known names only, and lists of names."""

from collections.abc import Collection

from mmaudit.errors import UsageError
from mmaudit.models.base import Request
from mmaudit.options import unknown
from mmaudit.parsing.documents import from_json


def only(request: Request, names: Collection[str]) -> None:
    """Refuse options that an adapter does not have.

    Raises:
        UsageError: There is one; close names are suggested.
    """
    for name in request.options:
        if name not in names:
            what = f"there is no option {name!r}"
            raise unknown(what, name, sorted(names), where=request.spec)


def listed(text: str) -> tuple[str, ...]:
    """Names from ``a,b,c`` or from a JSON list, for names that hold commas.

    Raises:
        UsageError: It is neither.
    """
    if not text.startswith("["):
        return tuple(one.strip() for one in text.split(","))
    try:
        return tuple(str(one) for one in from_json(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is not a list of names", fix='["a", "b"]') from error
