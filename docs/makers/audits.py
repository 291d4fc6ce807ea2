"""Audits: what each can be asked, what its summary holds, and what its metrics mean."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from makers import metrics
from makers.markdown import code, inline, page, paragraph, prose, table
from mmaudit import parts
from mmaudit.audits.declaration import Common, declaration

KIND = "audits"
BETTER = {"higher": "higher", "lower": "lower", "neither": ""}


def text(name: str) -> str:
    """The page of an audit."""
    module, says = parts.load(KIND, name), declaration(name)
    own = [f for f in fields(says.options) if f.name not in {c.name for c in fields(Common)}]
    command = name.replace("_", "-")
    needs = "a dataset and a model" if says.needs_model else "a dataset"
    doc = parts.docstring(KIND, name)
    return page(
        f"# {doc.partition(':')[0]}",
        prose(doc.partition(": ")[2][:1].upper() + doc.partition(": ")[2][1:]),
        paragraph(
            f"It needs {needs}: `mmaudit {command}` on the [command line]"
            f"(../command_line.md#{command}), `mmaudit.{name}` in Python, `[{name}]` in an "
            f"`audit.toml`. How to read what it says is explained [by hand](../../{name}.md)."
        ),
        "## Options",
        table(["option", "type", "default", "what it does"], _options(says.options, own)),
        "Options of every audit:",
        table(
            ["option", "type", "default", "what it does"], _options(says.options, fields(Common))
        ),
        "## Columns of the summary",
        paragraph(f"`RUN/{name}/summary.parquet` has a row for each number."),
        table(["column", "type", "what it is"], _columns(module.Row)),
        *metrics.of_audit(name),
    )


def _options(kind: type[Any], selected: Any) -> Iterator[list[str]]:
    hints = get_type_hints(kind)
    for field in selected:
        yield [
            code(field.name),
            type_in_words(hints[field.name]),
            _default(field),
            inline(field.metadata["help"]),
        ]


def _columns(row: type[Any]) -> Iterator[list[str]]:
    hints = get_type_hints(row)
    for field in fields(row):
        null = " or null" if NoneType in get_args(hints[field.name]) else ""
        unit = f", in {field.metadata['unit']}" if field.metadata["unit"] else ""
        what = inline(field.metadata["help"]) + unit
        yield [code(field.name), type_in_words(hints[field.name]) + null, what]


def type_in_words(hint: Any) -> str:
    """A type in words; that an option may be left out says its default."""
    origin, args = get_origin(hint), [a for a in get_args(hint) if a not in {NoneType, Ellipsis}]
    if origin is Literal:
        return " or ".join(map(str, args))
    if origin is tuple:
        return f"several {type_in_words(args[0])}"
    return " or ".join(map(type_in_words, args)) if args else hint.__name__


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "required"
    if field.default in (None, ()):
        return ""
    if isinstance(field.default, tuple):
        return ", ".join(map(str, field.default)).replace("*", r"\*")
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
