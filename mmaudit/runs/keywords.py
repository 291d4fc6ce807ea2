"""Keywords: Python functions whose keywords are the options of a command, with their help."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from inspect import Parameter, Signature
from typing import Any, NamedTuple, get_type_hints

NO_DEFAULTS: Mapping[str, Any] = {}


class Keyword(NamedTuple):
    """A parameter of a function that is no option.

    Attributes:
        help: What it is.
        annotation: Its type.
        default: Its default; `Parameter.empty` where it must be given.
    """

    help: str
    annotation: Any
    default: Any = Parameter.empty


def describe(
    function: Callable[..., Any],
    summary: str,
    first: Mapping[str, Keyword],
    options: Sequence[type[Any]],
    last: Mapping[str, Keyword],
    *,
    returns: Any,
    defaults: Mapping[str, Any] = NO_DEFAULTS,
) -> None:
    """Give a function of keywords the signature and the docstring that its options have.

    Args:
        function: The function.
        summary: First line of its docstring.
        first: Parameters that may be given by place.
        options: Dataclasses of options; each field is a keyword.
        last: Keywords after them.
        returns: Type of what it returns.
        defaults: Defaults that are not those of the options.
    """
    keywords = {key: value for kind in options for key, value in _keywords(kind).items()}
    keywords |= {key: keywords[key]._replace(default=value) for key, value in defaults.items()}
    keywords |= dict(last)
    signature = Signature(
        [
            *(_parameter(Parameter.POSITIONAL_OR_KEYWORD, k, v) for k, v in first.items()),
            *(_parameter(Parameter.KEYWORD_ONLY, k, v) for k, v in keywords.items()),
        ],
        return_annotation=returns,
    )
    lines = [f"    {key}: {value.help}." for key, value in (dict(first) | keywords).items()]
    function.__doc__ = "\n".join([summary, "", "Args:", *lines])
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__annotations__ = {p: q.annotation for p, q in signature.parameters.items()}


def _keywords(kind: type[Any]) -> dict[str, Keyword]:
    """The options of a dataclass as keywords."""
    hints = get_type_hints(kind)
    return {
        f.name: Keyword(
            f.metadata["help"],
            hints[f.name],
            Parameter.empty if f.default is MISSING else f.default,
        )
        for f in fields(kind)
    }


def _parameter(kind: Any, name: str, keyword: Keyword) -> Parameter:
    return Parameter(name, kind, default=keyword.default, annotation=keyword.annotation)
