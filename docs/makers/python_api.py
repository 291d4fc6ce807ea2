"""Python API: every name of ``mmaudit.__all__`` with how it is called and its docstring."""

import ast
import inspect
import sys
from collections.abc import Iterator
from typing import Any

import mmaudit
from makers.markdown import anchors, block, code, inline, page, paragraph, prose, table
from makers.source import Definition, call, described, signature
from makers.stub import is_made, spelled
from mmaudit import testing

TITLES = ("Functions", "Classes", "Errors")
SPECIAL = ("__len__", "__getitem__", "__iter__", "__contains__")  # that say how an object is used


def text() -> str:
    """The page: functions, classes, errors."""
    names = [name for name in mmaudit.__all__ if not name.startswith("__")]
    kinds = {title: [n for n in names if _title(n) == title] for title in TITLES}
    order = [name for title in TITLES for name in kinds[title]]
    links = dict(zip(order, anchors(order), strict=True))
    return page(
        "# Python API",
        paragraph(
            "`import mmaudit as mm` is cheap: what is named below is imported when it is used."
        ),
        *(
            piece
            for title, members in kinds.items()
            for piece in (
                f"**{title}**",
                table(
                    ["name", "what it is"], [[f"[{n}](#{links[n]})", _summary(n)] for n in members]
                ),
            )
        ),
        *(piece for name in order for piece in _section(name)),
    )


def testing_text() -> str:
    """The page of the questions that every part of a kind is asked."""
    rows = [[f"[{name}](#{name})", _first_line(getattr(testing, name))] for name in testing.__all__]
    return page(
        "# Questions to parts",
        prose(testing.__doc__ or ""),
        table(["function", "what it does"], rows),
        *(piece for name in testing.__all__ for piece in _questions(name)),
    )


def _questions(name: str) -> Iterator[str]:
    function = getattr(testing, name)
    node = _definition(function)
    if node is not None:
        yield from described(node, name, level=2)
    yield "Its questions, by the names that `skip` takes:"
    questions = sys.modules[function.__module__].QUESTIONS
    rows = [[code(question.__name__), _first_line(question)] for question in questions]
    yield table(["question", "what it asks"], rows)


def _title(name: str) -> str:
    thing = getattr(mmaudit, name)
    if not inspect.isclass(thing):
        return "Functions"
    return "Errors" if issubclass(thing, Exception) else "Classes"


def _summary(name: str) -> str:
    return _first_line(getattr(mmaudit, name))


def _first_line(thing: Any) -> str:
    return inline((inspect.getdoc(thing) or "").partition("\n")[0])


def _section(name: str) -> Iterator[str]:
    thing = getattr(mmaudit, name)
    node = None if is_made(thing) else _definition(thing)
    if node is None:
        yield f"## {name}"
        yield block(_called(name, thing), "python")
        yield prose(inspect.getdoc(thing) or "")
        return
    yield from described(node, name, level=2)
    if exit_code := getattr(thing, "exit_code", 0):
        yield f"Exit code {exit_code} on the command line."
    if isinstance(node, ast.ClassDef):
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and _shown(method):
                yield block(_method(name, method), "python")
                yield prose(ast.get_docstring(method) or "")


def _shown(method: ast.FunctionDef) -> bool:
    public = not method.name.startswith("_") or method.name in SPECIAL
    return public and bool(ast.get_docstring(method))


def _method(name: str, method: ast.FunctionDef) -> str:
    is_property = any("property" in ast.unparse(d) for d in method.decorator_list)
    shown = signature(method, f"{name}.{method.name}")
    return shown.replace("()", "", 1) if is_property else shown


def _definition(thing: Any) -> Definition | None:
    """Where a class or a function is written; None for one that is made when it is asked for."""
    module = sys.modules.get(getattr(thing, "__module__", ""))
    if module is None or not getattr(module, "__file__", None):
        return None
    tree = ast.parse(inspect.getsource(module))
    named = [n for n in tree.body if isinstance(n, Definition) and n.name == thing.__name__]
    return named[0] if named else None


def _called(name: str, function: Any) -> str:
    """How a function is called that is made from the options of an audit."""
    parameters, keywords = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keywords:
            parameters.append("*")
            keywords = True
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        parameters.append(f"{parameter.name}: {spelled(parameter.annotation)}{default}")
    returns = inspect.signature(function).return_annotation
    return call(name, parameters, f" -> {spelled(returns)}")
