"""One file of several modules: what it takes over, in which order, and what it refuses."""

import sys

import pytest

from mmaudit.audits.remedies.recipe import closure, sources
from mmaudit.audits.remedies.recipe.closure import assembled
from mmaudit.audits.remedies.recipe.sources import Definition
from mmaudit.errors import InputError

BASE = '''"""What both need."""
import math
SIZE, UNUSED = 2, 3
def shared(x): return math.floor(x) * SIZE
class Base:
    def asked_for(self): return shared(1.5)
    def idle(self): return nowhere
'''
OTHER = '''"""Names that stand elsewhere too."""
from own_method.base import Base
from own_method.base import SIZE as WIDE
SIZE = 10
def local(SIZE): return SIZE
class Child(Base):
    def total(self): return self.asked_for() + SIZE + WIDE + local(0)
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of a method's own, with two modules that share a name."""
    sources.source.cache_clear()
    folder = tmp_path / "own_method"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "base.py").write_text(BASE)
    (folder / "other.py").write_text(OTHER)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sources.source.cache_clear()
    for name in [name for name in sys.modules if name.startswith("own_method")]:
        del sys.modules[name]


def run(code):
    names = {}
    exec(f"{code.imports}\n{code.text}", names)
    return names


def test_what_is_needed_comes_in_order_with_names_of_its_own(package):
    code = assembled([Definition("own_method.other", "Child")])
    assert run(code)["Child"]().total() == 2 + 10 + 2 + 0
    assert "own_method" not in code.text
    assert "idle" not in code.text


def test_a_library_that_a_recipe_may_not_import_is_refused(package):
    (package / "other.py").write_text("import scipy\ndef f(): return scipy.pi\n")
    with pytest.raises(InputError, match="needs scipy"):
        assembled([Definition("own_method.other", "f")])


def test_a_name_that_is_nowhere_is_refused(package):
    (package / "other.py").write_text("def f(): return nowhere\n")
    with pytest.raises(InputError, match="nowhere"):
        assembled([Definition("own_method.other", "f")])


def test_stand_ins_are_there():
    for place in closure.STAND_INS.values():
        assert place.statement
