"""Names are nouns and verbs of the field: no participles of a private dialect, one name a meaning."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "mmaudit"
FILES = sorted(ROOT.rglob("*.py"))
DIALECT = {"told", "found", "made", "asked", "known", "given", "kept", "seen", "left", "chosen"}
MOST = 47  # places that may have such a name, `left` beside `right` among them; it may only fall
EACH_ITS_OWN = {  # class names that every part of a kind has, with the folder where it may
    "Row": "audits/",
    "Options": "audits/",
    "Severity": "corruptions/",
}


def dialect(tree):
    """Assigned names, parameters, functions and classes that are called by a word of it."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) if name in DIALECT:
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if name.strip("_") in DIALECT:
                    yield name


@pytest.fixture(scope="module")
def trees():
    return {p.relative_to(ROOT).as_posix(): ast.parse(p.read_text("utf-8")) for p in FILES}


def test_the_dialect_only_becomes_rarer(trees):
    words = {path: Counter(dialect(tree)) for path, tree in trees.items()}
    count = sum(counter.total() for counter in words.values())
    worst = sorted(words, key=lambda path: -words[path].total())[:5]
    assert count <= MOST, [(path, dict(words[path])) for path in worst]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_is_named_by_a_word_of_the_dialect(path):
    assert path.stem.strip("_") not in DIALECT


def test_a_public_class_name_has_one_meaning(trees):
    homes = defaultdict(set)
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                own = EACH_ITS_OWN.get(node.name)
                homes[node.name].add(own if own and path.startswith(own) else path)
    several = {name: paths for name, paths in homes.items() if len(paths) > 1}
    assert not several
