"""Readers and adapters: what each reads, how it is asked for, whether opening can run code."""

import ast
from collections.abc import Iterator

from makers.markdown import code, item, page, paragraph, prose, table
from makers.source import ROOT, Module, read
from mmaudit import parts

READERS, ADAPTERS = "manifest/readers", "models/adapters"


def modules(kind: str, entry: str = "") -> dict[str, Module]:
    """The modules of the parts of a kind that are ours, by name."""
    folders = {name: (ROOT / kind / name).is_dir() for name in parts.own(kind)}
    return {
        n: read(f"{kind}/{n}/{entry}" if is_dir else f"{kind}/{n}") for n, is_dir in folders.items()
    }


def readers() -> str:
    """The page of the readers."""
    modules_by_name = modules(READERS, "reader")
    rows = [[f"[{n}](#{n})", _plain(m.summary), _ends(m)] for n, m in modules_by_name.items()]
    return page(
        "# Readers of datasets",
        paragraph(
            "A reader gives the rows of one format by their number. `format` in the "
            "[manifest](../manifest.md) names it, else it follows from how the files end."
        ),
        table(["format", "what it reads", "files end in"], rows),
        *(piece for n, m in modules_by_name.items() for piece in _reader(n, m)),
    )


def _reader(name: str, module: Module) -> Iterator[str]:
    yield f"## {name}"
    yield prose(module.doc)
    yield prose(_doc(module, "open"))


def _ends(module: Module) -> str:
    return " ".join(map(code, module.constant("SUFFIXES", ()))) or "a folder"


def models() -> str:
    """The page of the adapters."""
    modules_by_name = modules(ADAPTERS, "adapter")
    rows = [[f"[{n}](#{n})", _plain(m.summary)] for n, m in modules_by_name.items()]
    return page(
        "# Adapters of models",
        paragraph(
            "`--model ADAPTER:WHERE,option=value` says where a model is and what opens it; see "
            "[models](../models.md) for what a model must be."
        ),
        table(["adapter", "what it opens"], rows),
        *(piece for n, m in modules_by_name.items() for piece in _adapter(n, m)),
    )


def _adapter(name: str, module: Module) -> Iterator[str]:
    yield f"## {name}"
    yield prose(module.doc)
    rows = [("can opening it run code?", _doc(module, "danger")), ("pinned", _doc(module, "file"))]
    needs = module.constant("PACKAGES", {})
    rows += [("needs", ", ".join(map(code, needs.values())))] if needs else []
    yield "\n".join(item(f"*{key}* {value}") for key, value in rows)
    yield prose(_doc(module, "load"))


def _doc(module: Module, name: str) -> str:
    return ast.get_docstring(module.function(name)) or ""


def _plain(text: str) -> str:
    return text.replace("``", "`").removesuffix(".")
