"""JSON and TOML: as values, with an error that is always a `ValueError`, and bounded in depth."""

import json
import re
import tomllib
from typing import Any

from mmaudit.parsing.limits import DEPTH

OPENING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
LARGE, SHOWN = 2**63, 20  # of a whole number: what it has to be below; digits in a refusal
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def from_json(text: str | bytes) -> Any:
    r"""The value of a text in JSON.

    Raises:
        ValueError: It is not JSON in UTF-8, is nested more deeply than it may be, or holds half a
            letter, as ``"\ud800"``.

    Example:
        >>> from_json('{"a": [1, 2]}')
        {'a': [1, 2]}
        >>> from_json("[" * 100 + "]" * 100)
        Traceback (most recent call last):
        ValueError: nested 65 deep, more than 64 (MMAUDIT_MAX_DEPTH)
    """
    text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    if text.count("[") + text.count("{") > DEPTH.most:
        _check_depth(text)
    try:
        value = json.loads(text)
        if SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"half a letter, {error.object[error.start]!r}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def from_toml(text: str) -> dict[str, Any]:
    """What a text in TOML says.

    Raises:
        ValueError: It is not TOML, is nested more deeply than it may be, or has a whole number of
            more than 64 bits, which TOML does not promise and no number of ours can hold.
    """
    try:
        keys = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    level: list[Any] = [keys]
    for _ in range(DEPTH.most):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return keys
    raise ValueError(f"nested more than {DEPTH.most} deep ({DEPTH.variable})")


def _check_depth(text: str) -> None:
    """Refuse what is nested too deeply before it is built; brackets in texts do not count."""
    depth, most = 0, DEPTH.most
    for match in OPENING.finditer(text):
        sign = match[0]
        if sign in "[{":
            depth += 1
            if depth > most:
                raise ValueError(f"nested {depth} deep, more than {DEPTH}")
        elif sign in "]}":
            depth -= 1


def _inside(value: Any) -> list[Any]:
    """The values of a table or a list that can hold further ones."""
    inner = value if isinstance(value, dict) else dict(enumerate(value))
    for key, one in inner.items():
        if isinstance(one, int) and not -LARGE <= one < LARGE:
            raise ValueError(f"{key} = {str(one)[:SHOWN]}… is a whole number of more than 64 bits")
    return [one for one in inner.values() if isinstance(one, dict | list)]
