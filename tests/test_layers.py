"""Imports go one way: left to right along the flow of data, never back, never round."""

import ast
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from parsed import tree

ROOT = Path(__file__).parent.parent / "mmaudit"
BASE = {"contract", "errors", "files", "formats", "names", "options", "parts", "rows", "seeds"}
BASE |= {"aside", "endings", "locks", "parsing", "patience", "stores"}
BASE |= {"arrays", "bounds", "extras", "faults", "kernels", "progress", "streams", "version"}
MAY_IMPORT = {
    "errors": set(),
    "contract": {"errors"},
    "extras": {"errors"},
    "kernels": set(),
    "parts": {"errors", "extras"},
    "parsing": {"endings", "errors"},
    "locks": {"endings", "errors"},
    "files": {"errors", "locks", "parsing"},
    "aside": {"errors", "files"},
    "stores": {"errors", "extras", "files", "locks", "parsing", "parts"},
    "endings": set(),
    "faults": {"endings", "errors", "extras", "streams"},
    "patience": {"errors", "faults", "parsing"},
    "streams": set(),
    "formats": set(),
    "options": {"errors", "parts"},
    "seeds": {"errors", "kernels"},
    "rows": {"errors", "formats"},
    "names": set(),
    "arrays": set(),
    "bounds": {"arrays"},
    "progress": {"streams"},
    "version": set(),
    # the left half: from data to typed rows
    "kinds": BASE,
    "doses": BASE | {"kinds"},
    "checks": BASE | {"kinds"},
    "fingerprints": BASE | {"kinds", "checks"},
    "manifest": BASE | {"kinds"},
    "samples": BASE | {"kinds", "manifest"},
    "corruptions": BASE | {"kinds", "doses"},
    "models": BASE | {"kinds", "samples", "remedies"},
    "measures": BASE,
    "imputers": BASE | {"kinds", "models"},
    "inference": BASE | {"kinds", "samples", "models", "measures", "imputers"},
    "remedies": BASE | {"measures"},
    # the table is the only thing that both halves know
    "tables": BASE,
    "engines": BASE | {"tables"},
    "injection": BASE
    | {"kinds", "doses", "manifest", "samples", "corruptions", "engines", "tables"},
    "audits": BASE
    | {"kinds", "manifest", "samples", "corruptions", "models", "inference", "remedies"}
    | {"measures", "injection", "engines", "checks", "fingerprints", "imputers"},
    # the right half: from tables to people and to verdicts
    "report": BASE | {"tables"},
    "gate": BASE | {"tables"},
    # what joins the two halves: the functions behind the commands, and the commands
    "runs": BASE
    | {"kinds", "manifest", "samples", "corruptions", "injection", "models", "inference"}
    | {"measures", "remedies", "engines", "audits", "tables", "report", "gate"},
    "demo": BASE | {"manifest", "samples", "models", "measures", "tables", "runs"},
    # what other packages ask their parts
    "testing": BASE
    | {
        "kinds",
        "doses",
        "checks",
        "manifest",
        "samples",
        "corruptions",
        "injection",
        "models",
        "imputers",
        "inference",
    }
    | {"measures", "remedies", "audits", "tables", "runs"},
    "cli": BASE
    | {"manifest", "samples", "corruptions", "injection", "models", "audits"}
    | {"tables", "report", "gate", "runs", "demo", "engines"},
}
THIRD_PARTY = {  # who may import what that is heavy
    "torch": {"models", "inference", "remedies", "measures", "testing", "demo"},
    "open_clip": {"models"},
    "shap": {"audits"},
    "typer": {"cli"},
    "rich": {"cli", "report", "progress", "runs"},
    "ray": {"engines"},
    "jinja2": {"report"},
    "cv2": {"kinds", "doses", "checks", "fingerprints", "corruptions", "demo"},
    "sklearn": {"models", "measures", "audits", "demo"},
    "pandas": {"runs", "models"},
}


PARTS = ("checks/*/*.py", "corruptions/*/*.py", "imputers/*.py", "manifest/readers/*.py")
PARTS += ("models/adapters/*.py", "remedies/*/*.py")
MOST_FILES = 20  # of a folder, that are not parts
PLANS = {  # the most rooms of a folder (its files and folders), and ways from one to another
    "measures": (8, 13),
    "gate": (14, 33),
    "report": (8, 14),
    "audits": (8, 13),
    "corruptions": (15, 25),
    "injection": (21, 74),
}


def modules():
    return sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT or p.stem in BASE)


def imports(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            yield from (
                [f"{node.module}.{a.name}" for a in node.names]
                if node.module == "mmaudit"
                else [node.module]
            )


def against_the_flow(path):
    """What a file imports that it may not."""
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "mmaudit" and rest and rest[0] != here and rest[0] not in MAY_IMPORT[here]:
            yield f"{here} may not import {rest[0]}"
        if top in THIRD_PARTY and here not in THIRD_PARTY[top]:
            yield f"{here} may not import {top}"


def each(paths, question):
    """What is wrong with each file that has something wrong with it."""
    return {str(p.relative_to(ROOT)): wrong for p in paths if (wrong := [*question(p)])}


def test_imports_follow_the_flow():
    assert not each(modules(), against_the_flow)


def module(path):
    """The name of the module in a file of the package."""
    names = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


MODULES = {module(path): path for path in ROOT.rglob("*.py")}


def strange_private_modules(path):
    """Private modules that a file imports from elsewhere than the folder above them."""
    here = path.relative_to(ROOT.parent).parent.parts
    for name in targets(path):
        pieces = name.split(".")
        for depth, piece in enumerate(pieces):
            above = tuple(pieces[:depth])
            if piece.startswith("_") and name in MODULES and here[:depth] != above:
                yield f"{name} is private to {'.'.join(above)}"


def test_private_modules_stay_in_the_folder_above_them():
    assert not each(MODULES.values(), strange_private_modules)


@cache
def targets(path, *, first=False):
    """What a file imports of the package: modules where it imports modules.

    Args:
        path: The file.
        first: Whether only what is imported while the file itself is: functions import later.
    """
    nodes, names = [tree(path)], []
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names += [name if name in MODULES else node.module for name in inner]
        elif not (first and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            nodes += ast.iter_child_nodes(node)
    return names


def test_no_imports_go_round():
    """Those under ``TYPE_CHECKING`` count: a reader goes round with them."""
    graph = {
        name: {t for t in targets(path, first=True) if t in MODULES}
        for name, path in MODULES.items()
    }
    circles = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = error.args[1]
            circles.append(set(circle))
            for imported, name in pairwise(circle):
                graph[name].discard(imported)
        else:
            break
    assert not circles


def test_no_folder_is_crowded():
    parts = {p for pattern in PARTS for p in ROOT.glob(pattern) if not p.stem.startswith("_")}
    files = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for path in MODULES.values()
        if path.name != "__init__.py" and path not in parts
    )
    assert not {folder: count for folder, count in files.items() if count > MOST_FILES}


def room(name, folder):
    """The file or folder of `folder` that a module lies in, or nothing where it lies elsewhere."""
    inside = name.removeprefix(f"mmaudit.{folder}.")
    return "" if inside == name else inside.partition(".")[0]


@pytest.mark.parametrize("folder", PLANS)
def test_a_folder_has_few_rooms_and_few_ways_between_them(folder):
    """A reader walks along each way: what is new goes into a room, or the rooms are drawn anew."""
    ways = set()
    for name, path in MODULES.items():
        if start := room(name, folder):
            ends = {room(target, folder) for target in targets(path)}
            ways |= {(start, end) for end in ends - {"", start}}
    rooms = {room(name, folder) for name in MODULES} - {""}
    most_rooms, most_ways = PLANS[folder]
    assert (len(rooms) <= most_rooms, len(ways) <= most_ways) == (True, True), (rooms, ways)


def test_every_folder_and_file_of_the_top_has_a_place():
    tops = {p.stem for p in ROOT.iterdir() if p.is_dir() or p.suffix == ".py"}
    assert tops - {"__pycache__", "__init__", "__main__"} <= set(MAY_IMPORT)
