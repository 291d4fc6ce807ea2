"""Measures: every formula with how it is called, its citation and its units, a page a room."""

from collections.abc import Iterator
from pathlib import Path

from makers import metrics
from makers.markdown import anchor, inline, page, paragraph, prose, table
from makers.source import ROOT, Module, described, read

FOLDER = ROOT / "measures"
TITLE = {
    "intervals": "Intervals",
    "tasks": "Measures of answers",
    "games": "Games over modalities",
    "balance": "Balance of modalities",
    "pairs": "Measures of pairs",
    "sequential": "Early ends",
}


def rooms() -> list[str]:
    """The rooms by name, in order."""
    return sorted(p.name for p in FOLDER.iterdir() if (p / "__init__.py").exists())


def _modules(room: str) -> list[Module]:
    """The modules of a room, by name, those of rooms inside it too."""
    files = sorted((FOLDER / room).rglob("*.py"))
    return [read(_name(f)) for f in files if not f.name.startswith("_")]


def _name(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").as_posix()


def text(room: str) -> str:
    """The page of a room."""
    modules = _modules(room)
    rows = [[f"[{short(m)}](#{anchor(short(m))})", inline(m.summary)] for m in modules]
    return page(
        f"# {TITLE.get(room, room.capitalize())}",
        paragraph(f"What `mmaudit.measures.{room}` computes, in pure functions of arrays."),
        table(["module", "what it measures"], rows),
        *(piece for module in modules for piece in _section(module)),
    )


def short(module: Module) -> str:
    """Name of a module below its room, as ``detectors.knn``."""
    return module.name.split(".", 2)[-1]


def _section(module: Module) -> Iterator[str]:
    yield f"## {short(module)}"
    yield prose(module.doc)
    yield metrics.of_module(module)
    for node in module.public():
        yield from described(node)
