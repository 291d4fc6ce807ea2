"""Names are nouns and verbs of the field: no participles of a private dialect, one name a meaning."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from mmaudit import parts
from parsed import tree

ROOT = Path(__file__).parent.parent / "mmaudit"
FILES = sorted(ROOT.rglob("*.py"))
TESTS = ROOT.parent / "tests"
KINDS = ("audits", "engines", "kinds", "manifest/readers", "measures/pairs/detectors")
KINDS += ("measures/tasks", "models/adapters")
DIALECT = {"told", "found", "made", "asked", "known", "given", "kept", "seen", "left", "chosen"}
LEFT = 46  # places where it stands beside `right`, as a side; they may only become fewer
SIDES = {"left", "right"}  # where both stand in one function or class, they are sides
ALIAS = re.compile(r"^([A-Z]\w*) = NDArray\[", re.MULTILINE)
EACH_ITS_OWN = {  # class names that every part of a kind has, with the folder where it may
    "Row": "audits/",
    "Options": "audits/",
    "Severity": "corruptions/",
    "OwnForm": "injection/write/forms/",
}


def assigned(node):
    """The name that a node assigns, or takes, or defines; None for other nodes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            return name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name.strip("_")


def dialect(tree, *, sides=False):
    """Names that are words of it; ``left`` is one where there is no ``right`` beside it."""
    for node in ast.iter_child_nodes(tree):
        scope = isinstance(node, ast.FunctionDef | ast.ClassDef)
        within = sides or (scope and set(map(assigned, ast.walk(node))) >= SIDES)
        name = assigned(node)
        if name in DIALECT and not (within and name == "left"):
            yield name
        yield from dialect(node, sides=within)


@pytest.fixture(scope="module")
def trees():
    return {p.relative_to(ROOT).as_posix(): tree(p) for p in FILES}


def test_no_name_is_of_the_dialect(trees):
    assert not {path: words for path, tree in trees.items() if (words := [*dialect(tree)])}


def test_sides_only_become_rarer(trees):
    sides = [assigned(node) for tree in trees.values() for node in ast.walk(tree)]
    assert sum(name in DIALECT for name in sides) == LEFT


def test_the_dialect_is_recognised():
    own = "def f(found):\n left = 1\nclass _told:\n  def g(self, left, right): kept: int = 2"
    assert [*dialect(ast.parse(own))] == ["found", "left", "told", "kept"]


def test_an_array_has_one_name():
    homes = defaultdict(set)
    for path in FILES:
        for name in ALIAS.findall(path.read_text("utf-8")):
            homes[name].add(path.relative_to(ROOT).as_posix())
    assert set().union(*homes.values()) == {"arrays.py"}, homes


def test_no_file_is_named_by_a_word_of_the_dialect():
    assert not [p.relative_to(ROOT).as_posix() for p in FILES if p.stem.strip("_") in DIALECT]


def test_a_public_class_name_has_one_meaning(trees):
    homes = defaultdict(set)
    for path, module in trees.items():
        for node in module.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                own = EACH_ITS_OWN.get(node.name)
                homes[node.name].add(own if own and path.startswith(own) else path)
    several = {name: paths for name, paths in homes.items() if len(paths) > 1}
    assert not several


def of_a_part(stem, name):
    """Whether a test file bears the name of a part, with or without a word before it."""
    return stem == f"test_{name}" or (stem.startswith("test_") and stem.endswith(f"_{name}"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_test_of_a_part_bears_its_name(kind):
    """In the room of its kind. What every corruption owes is asked of it by name, and what its
    family promises by the tests in the family's folder."""
    room = TESTS / kind.partition("/")[0]
    stems = {path.stem for path in room.rglob("test_*.py")}
    names = parts.own(kind)
    assert names
    assert [n for n in names if not any(of_a_part(stem, n) for stem in stems)] == []


def test_the_tests_of_a_family_of_corruptions_name_its_members():
    families = defaultdict(list)
    for name in parts.own("corruptions"):
        family, _, short = name.partition("/")
        families[family].append(short)
    for family, members in families.items():
        text = "".join(
            p.read_text("utf-8") for p in (TESTS / "corruptions" / family).glob("test_*")
        )
        assert [m for m in members if not re.search(rf"\b{m}\b", text)] == [], family


def test_tests_mirror_the_tree():
    """A folder of tests is one of the package, but those that ask across it."""
    folders = {p.parent.relative_to(TESTS) for p in TESTS.rglob("test_*.py")} - {Path()}
    strange = {f.as_posix() for f in folders if not (ROOT / f).is_dir()}
    assert strange <= {"contracts", "faults", "fuzz", "install"}
