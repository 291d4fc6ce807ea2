"""Remedies: what each is for, what it is compared with and tuned by, and its source."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from makers.markdown import code, item, page, paragraph, prose, table
from makers.readers import modules
from makers.source import Module, read

KIND = "remedies"
FOR = {"": "control", "varying": "quality-varying"}


def text() -> str:
    """The page of the remedies."""
    by_name = modules(KIND)
    rows = [
        [f"[{name}](#{name.replace('/', '')})", _for(_says(module)), _plain(module.summary)]
        for name, module in by_name.items()
    ]
    return page(
        "# Remedies",
        paragraph(
            "Methods that [mmaudit remedies](../remedies.md) trains; `--methods` takes names or "
            "patterns such as `'balance/*'`. A name that ends in `_analogue` is not the "
            "published method, and says what of it is not here."
        ),
        table(["method", "for", "what it does"], rows),
        *(piece for name, module in by_name.items() for piece in _remedy(name, module)),
    )


def _remedy(name: str, module: Module) -> Iterator[str]:
    says = _says(module)
    yield f"## {name}"
    yield prose(module.doc)
    facts = {
        "for": _for(says),
        "head": says["head"],
        "answers with": " or ".join(f"a {task}" for task in says.get("tasks", ("class",))),
        "modalities": f"at most {says['most']}" if says.get("most") else "",
        "tuned by": _grid(says.get("grid")),
        "source": says["source"],
        "analogue": says.get("analogue", ""),
    }
    yield "\n".join(item(f"*{key}* {value}") for key, value in facts.items() if value)


def _says(module: Module) -> Mapping[str, Any]:
    """The keywords of its ``REMEDY``; what is no literal is left to the default."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REMEDY":
            call = node.value
            keywords = call.keywords if isinstance(call, ast.Call) else []
            return {k.arg: _literal(k.value) for k in keywords if k.arg}
    raise ValueError(f"{module.name} has no REMEDY")


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _for(says: Mapping[str, Any]) -> str:
    challenge: str = says.get("challenge", "")
    return FOR.get(challenge, challenge)


def _grid(grid: Any) -> str:
    """The points, each as its options; the usual ones where it has none of its own."""
    points = grid or read("remedies/base").constant("PLAIN")
    return "; ".join(
        ", ".join(code(f"{name}={value:g}") for name, value in point.items()) or "as it is"
        for point in points
    )


def _plain(summary: str) -> str:
    return summary.partition(": ")[2] or summary
