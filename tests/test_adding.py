"""The files that docs/adding.md tells to copy are parts: they load, are listed, and run."""

import importlib
import sys
from inspect import signature

import numpy as np
import pytest

import mmaudit as mm
from mmaudit import parts
from mmaudit.cli.app import build
from mmaudit.cli.audits import audit_command
from mmaudit.imputers.base import TrainingSet
from mmaudit.testing import check_imputer, check_remedy
from page_parts import FILES, KINDS, install

PACKAGE = "parts_of_the_page"
MEMORIES = (parts.names, parts.foreign, parts._points)


def forget():
    for memory in MEMORIES:
        memory.cache_clear()
    mm.__dict__.pop("__all__", None)


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory):
    """A package outside of mmaudit with every file of the page, as its entry points name them."""
    root = tmp_path_factory.mktemp("stranger")
    install(root, PACKAGE, FILES)
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    forget()
    yield root
    sys.path.remove(str(root))
    forget()


def test_every_kind_of_part_has_a_file_to_copy():
    for kind in KINDS:
        assert any(place.startswith(f"{kind}/") for place in FILES), kind


@pytest.mark.parametrize("place", FILES)
def test_a_file_of_the_page_is_listed_and_loads(place):
    kind = next(k for k in KINDS if place.startswith(f"{k}/"))
    name = place.removeprefix(f"{kind}/")
    assert name in parts.names(kind)
    assert parts.summary(kind, name).endswith(".")
    assert parts.load(kind, name)


def vectors():
    """Samples of two vectors, for an imputer that takes no others."""
    rng = np.random.default_rng(2)
    names, there = ("a", "b"), np.ones(20, bool)
    columns = {m: list(rng.normal(size=(20, 3)).astype("f4")) for m in names}
    train = TrainingSet(dict.fromkeys(names, "vector"), columns, dict.fromkeys(names, there))
    return {"training": train, "values": {m: list(reversed(v)) for m, v in columns.items()}}


def test_they_do_their_work(tmp_path):
    """Lines are read, made worse and made absent, audited, and judged with a model, by name."""
    (tmp_path / "data.lines").write_text("".join(f"line number {i}\n" for i in range(50)))
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\nname = "lines"\n[source]\npath = "data.lines"\nid = "number"\n'
        '[modality.text]\nkind = "text"\ncolumn = "text"\n'
        '[modality.again]\nkind = "text"\ncolumn = "text"\n'
        '[target]\ncolumn = "number"\nkind = "class"\n'
    )
    clean = np.arange(4, dtype=np.float32)
    moved = mm.corrupt_value(clean, "vector/offset", severity=5) - clean
    assert np.allclose(moved, moved[0])
    assert moved[0] > 1
    done = mm.corrupt(
        tmp_path / "dataset.toml", tmp_path / "out", apply=["missing/outage:5"], quiet=True
    )
    run = mm.blanks(done.path / "dataset.toml", quiet=True, level=0.9)
    rates = {r["modality"]: r["estimate"] for r in run["blanks/summary"].arrow().to_pylist()}
    assert (rates["text"]["value"], rates["again"]["value"]) == (0, 0.5)
    assert "blanks" in mm.__all__
    assert "blanks" in build().commands
    assert {"dataset", "level", "out", "json"} <= set(signature(audit_command("blanks")).parameters)
    answers = mm.robustness(
        tmp_path / "dataset.toml",
        f"majority:{','.join(map(str, range(50)))}",
        corruptions=["text/keyboard"],
        severities=[1],
        replicates=20,
        measures=["errors"],
        quiet=True,
    )
    check_imputer("median", **vectors())
    metrics = {
        (r["condition"], r["metric"]): r["estimate"]["value"]
        for r in answers["robustness/summary"].arrow().to_pylist()
    }
    assert metrics["clean", "error_rate"] == pytest.approx(1 - metrics["clean", "accuracy"])


def test_the_remedy_of_the_page_owes_what_every_remedy_owes():
    check_remedy("dynamic/loud")
