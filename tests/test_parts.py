"""A part's path is its name; unknown names are refused with the close ones."""

import importlib
import sys

import pytest

from mmaudit import parts
from mmaudit.errors import InputError, MissingError, MMAuditError, UsageError

KINDS = ["corruptions", "audits", "models/adapters", "manifest/readers", "cli/commands", "engines"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_says_what_it_is_and_can_be_loaded(kind):
    assert parts.names(kind)
    for name in parts.names(kind):
        assert parts.summary(kind, name).endswith("."), name
        assert parts.load(kind, name).__doc__.startswith(parts.summary(kind, name))


def test_unknown_names_are_refused_with_close_ones():
    with pytest.raises(UsageError) as refusal:
        parts.load("corruptions", "image/gausian_noise")
    assert "image/gaussian_noise" in refusal.value.fix


def test_a_pattern_that_matches_nothing_is_refused():
    with pytest.raises(UsageError):
        parts.match("corruptions", ("image/*", "smell/*"))


def test_contracts_and_private_modules_are_not_parts():
    assert not [n for n in parts.names("audits") if "base" in n or n.startswith("_")]


def test_refusals_travel_between_processes():
    import pickle

    error = UsageError("what", where="here", fix="that")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, MMAuditError)
    assert str(again) == str(error) == "error: what\nwhere: here\ntry: that"


PART = '''"""A part of another package: what the test writes."""
'''
READER = (
    'SUFFIXES = (".lines",)\n\n\ndef open(paths, *, most=2**30):\n    raise NotImplementedError\n'
)
REFUSED = [  # kind and name, what stands in the module, and what the refusal says
    ("manifest/readers/lines", READER.partition("\n\n\n")[2], "lacks SUFFIXES, of type tuple"),
    ("manifest/readers/lines", 'SUFFIXES = (".lines",)\n', "the function open(paths, *, most)"),
    ("manifest/readers/lines", READER.replace("*, most=2**30", ""), "and has open(paths, )"),
    ("manifest/readers/lines", READER.replace('(".lines",)', '".lines"'), "and has '.lines'"),
    ("models/adapters/mine", "def load(request):\n    pass\n", "danger(request); and the function"),
    ("corruptions/text/mine", "APPLY = 1\n", "CORRUPTION, a Corruption, or PLAN, a Plan"),
    ("corruptions/text/mine", "PLAN = 1\n", "PLAN, a Plan, and has 1"),
    ("audits/mine", "NEEDS_MODEL = 1\n", "NEEDS_MODEL of type bool, and has 1"),
]


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Writes a part into another package, and gives its kind and name."""

    def write(place, source):
        module = f"stranger_{len(sys.modules)}_{tmp_path.name}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(PART + source)
        info = tmp_path / "stranger-1.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[{parts.GROUP}]\n{place} = {module}\n")
        for memory in (parts.names, parts.foreign, parts._points):
            memory.cache_clear()
        importlib.invalidate_caches()
        kind = max((k for k in KINDS if place.startswith(f"{k}/")), key=len)
        return kind, place.removeprefix(f"{kind}/")

    monkeypatch.syspath_prepend(str(tmp_path))
    yield write
    for memory in (parts.names, parts.foreign, parts._points):
        memory.cache_clear()


@pytest.mark.parametrize(("place", "source", "message"), REFUSED)
def test_a_part_that_lacks_something_is_refused_with_what_it_lacks(
    stranger, place, source, message
):
    kind, name = stranger(place, source)
    with pytest.raises(InputError) as refusal:
        parts.load(kind, name)
    assert message.replace(", )", ")") in refusal.value.what
    assert refusal.value.where.endswith(".py")
    assert "base" in refusal.value.fix


def test_a_part_that_has_everything_is_loaded(stranger):
    kind, name = stranger("manifest/readers/lines", READER)
    assert parts.load(kind, name).SUFFIXES == (".lines",)
    assert parts.summary(kind, name) == "A part of another package: what the test writes."


@pytest.mark.parametrize("when", ["import no_such_package\n", ""])
def test_a_part_says_which_package_it_needs_and_the_line_to_type(stranger, when):
    needs = "PACKAGES = {'no_such_package': 'pip install such'}\n"
    kind, name = stranger("manifest/readers/lines", needs + when + READER)
    with pytest.raises(MissingError) as refusal:
        parts.load(kind, name)
    assert "'no_such_package'" in refusal.value.what
    assert refusal.value.fix == "pip install such"


def test_an_entry_point_that_leads_nowhere_is_refused(stranger, tmp_path):
    kind, name = stranger("manifest/readers/lines", READER)
    next(tmp_path.glob("stranger_*.py")).unlink()
    for ask in (parts.load, parts.summary):
        with pytest.raises(InputError, match="has no module 'stranger_"):
            ask(kind, name)
