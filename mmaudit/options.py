"""Options: declared once, as fields of a dataclass, and checked in one way wherever they come from.

Flags, the keys of a config and the keywords of a Python function are all made from such a class,
so that the three cannot drift apart.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, fields
from pathlib import Path
from typing import Any, TypeVar, get_origin, get_type_hints

from mmaudit import parts
from mmaudit.errors import UsageError

T = TypeVar("T")
ADAPTERS = "models/adapters"
OPTIONS = r",(?=[A-Za-z_]\w*=)"  # where the options of a model begin, key=value each
MOST_NAMES = 24  # that a refusal lists


def option(
    help: str,
    *,
    changes_numbers: bool = True,
    names_model: bool = False,
    flag: str = "",
    **kwargs: Any,
) -> Any:
    """Declare one option of a command: a flag, a config key and a line of provenance.

    Args:
        help: What it does, one line; the text of ``--help``.
        changes_numbers: Whether a number can depend on it, so that it is part of the identity of
            a result; False for what only says how to get there (workers, resume).
        names_model: Whether a text of it is a model, which can run code: a config resolves its
            files, and the command has ``--trust``.
        flag: Name of the flag, where that cannot be the field's, as ``for``.
        **kwargs: Passed to ``dataclasses.field`` (``default``, ``default_factory``).
    """
    says: dict[str, Any] = {
        "help": help,
        "changes_numbers": changes_numbers,
        "names_model": names_model,
    }
    says |= {"flag": flag} if flag else {}
    return field(metadata=says, **kwargs)


def naming_models(kind: Any) -> tuple[str, ...]:
    """The options of a dataclass that name models.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Options:
        ...     encoder: str = option("what embeds", names_model=True)
        ...     budget: int = option("passes of the model", default=8)
        >>> naming_models(Options)
        ('encoder',)
    """
    return tuple(f.name for f in fields(kind) if f.metadata.get("names_model"))


def towers(spec: str) -> dict[str, str]:
    """The model of each modality where a spec names one for each; nothing where it is one model.

    Example:
        >>> towers("image=onnx:a.onnx,inputs=image:x,text=python:b.py:make")
        {'image': 'onnx:a.onnx,inputs=image:x', 'text': 'python:b.py:make'}
        >>> towers("onnx:a.onnx,output=embeddings")
        {}
    """
    begins = rf"[^,=:]+=(?=(?:{'|'.join(map(re.escape, parts.names(ADAPTERS)))}):)"
    if not re.match(begins, spec):
        return {}
    out: dict[str, str] = {}
    for one in re.split(rf",(?={begins})", spec):
        name, _, where = one.partition("=")
        if name.strip() in out:
            raise UsageError(f"two models embed {name.strip()!r}", where=spec, fix="one of them")
        out[name.strip()] = where
    return out


def placed(spec: str, folder: Path) -> str:
    """``ADAPTER:WHERE`` that a file in a folder names, with the paths that lead from here.

    What names no file there stays as it is: a module, or weights from a hub. Of a model for each
    modality, the paths of each.
    """
    if several := towers(spec):
        return ",".join(f"{name}={placed(one, folder)}" for name, one in several.items())
    adapter, _, rest = spec.partition(":")
    where, *options = re.split(OPTIONS, rest, maxsplit=1)
    whole = where.partition(":")[0]
    names = [where] if (folder / whole).exists() else where.split("@")
    paths = [
        str(folder / name) if name and (folder / name.partition(":")[0]).exists() else name
        for name in names
    ]
    return f"{adapter}:{','.join(['@'.join(paths), *options])}"


def identity(options: Any) -> dict[str, Any]:
    """The options of a dataclass instance that numbers can depend on.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Options:
        ...     budget: int = option("passes of the model", default=8)
        ...     workers: int = option("processes", changes_numbers=False, default=1)
        >>> identity(Options(budget=16))
        {'budget': 16}
    """
    return {
        f.name: getattr(options, f.name)
        for f in fields(options)
        if f.metadata.get("changes_numbers", True)
    }


def make(
    kind: type[T],
    values: Mapping[str, Any],
    *,
    where: str = "",
    beside: Collection[str] = (),
    strict: bool = False,
    alone: bool = False,
) -> T:
    """Options from keywords, or from the keys of a table; checked against their types.

    Args:
        kind: The dataclass of the options.
        values: Value of each option that was set, by its name.
        where: The file that they are from, for the refusal.
        beside: Further names that the same call takes, which a misspelt one may have meant.
        strict: Whether a text is no number and a number no truth value, as in a file that can
            say which it is.
        alone: Whether one value may stand for several, as a flag that is said once.

    Raises:
        UsageError: There is no such option, and the close ones are named; or it cannot have
            that value.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Options:
        ...     budget: int = option("passes of the model", default=8)
        >>> make(Options, {"budget": "16"})
        Options(budget=16)
    """
    return kind(**check(kind, values, where=where, beside=beside, strict=strict, alone=alone))


def check(
    kind: type[Any],
    values: Mapping[str, Any],
    *,
    where: str = "",
    beside: Collection[str] = (),
    strict: bool = False,
    alone: bool = False,
) -> dict[str, Any]:
    """The same options in the types that their class declares; arguments as in `make`.

    Raises:
        UsageError: As `make`.
    """
    hints = get_type_hints(kind)
    for key in values:
        if key not in hints:
            raise unknown(f"there is no option {key!r}", key, (*hints, *beside), where=where)
    return {
        key: _typed(key, v, hints[key], where, strict=strict, alone=alone)
        for key, v in values.items()
    }


def unknown(what: str, name: str, names: Sequence[str], *, where: str = "") -> UsageError:
    """The refusal of a name that nothing has, with the close names, or else the first of all.

    Args:
        what: What is wrong, as ``unknown key 'x'``.
        name: The name.
        names: Those that there are.
        where: The file or the spec that it is from.

    Example:
        >>> print(unknown("there is no option 'bugdet'", 'bugdet', ('budget', 'seed')))
        error: there is no option 'bugdet'
        try: budget
    """
    listed = ", ".join(names[:MOST_NAMES])
    fix = parts.close(name, tuple(names)) or (f"one of {listed}" if listed else "leave it out")
    return UsageError(what, where=where, fix=fix)


def _typed(
    key: str, value: Any, hint: Any, where: str, *, strict: bool, alone: bool = False
) -> Any:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  declaring needs it not

    plain = tuple(value) if isinstance(value, list) else value  # TOML has lists alone
    if alone and get_origin(hint) is tuple and isinstance(value, str | int | float):
        plain = (value,)
    try:
        return TypeAdapter(hint).validate_python(plain, strict=strict)
    except ValidationError as error:
        raise UsageError(
            f"{key} cannot be {value!r}: {error.errors()[0]['msg']}",
            where=where,
            fix=_spelled(hint),
        ) from error


def _spelled(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")
