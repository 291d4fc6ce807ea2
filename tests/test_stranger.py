"""A stranger's day: a package of parts beside mmaudit is listed, run, judged, shown and tested.

Nothing of it is in the repository: one file a part, and its entry points, on ``PYTHONPATH``.
"""

import json
import os
import subprocess
import sys

import pytest

import two_vectors
from page_parts import FILES, install

PLAN = '''"""Longest: the longest texts stand with the picture of their neighbour."""

from typing import NamedTuple

import numpy as np

from mmaudit.corruptions.base import Plan


class Severity(NamedTuple):
    """How many."""

    share: float  # of the rows


def exchange(rows, severity, seed):
    """Each of the longest texts, by length and id, takes the value of the next one, ``(n,)``."""
    (texts,) = rows.texts.values()
    able = rows.present.all(axis=1)
    order = sorted(np.flatnonzero(able), key=lambda i: (-len(texts[i]), rows.ids[i]))
    longest = order[: round(severity.share * len(order))]
    out = np.arange(len(rows.ids))
    out[longest] = longest[1:] + longest[:1]
    return out


PLAN = Plan(
    plan=exchange,
    makes="donors",
    needs=("texts",),
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the rows"},
    source="our own",
)
'''
READER = '''"""Records: every line is a JSON list of id, label, split and text."""

import json

import pyarrow as pa

from mmaudit.manifest.readers.base import content_digest

SUFFIXES = (".records",)
NAMES = ("id", "label", "split", "text")


class Records:
    """The lines of some files."""

    schema = pa.schema([(name, pa.string()) for name in NAMES])
    features = {}

    def __init__(self, paths):
        self.paths = paths
        lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
        rows = [dict(zip(NAMES, json.loads(line), strict=True)) for line in lines]
        self.table = pa.Table.from_pylist(rows, self.schema)

    def __len__(self):
        return self.table.num_rows

    def take(self, columns, rows):
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {len(self)}")
        return self.table.select(list(columns)).take(pa.array(rows))

    def column(self, name):
        return self.table[name]

    def place(self, row):
        return f"row {row}"

    def digest(self):
        return content_digest(self.paths)


def open(paths, *, most=2**30):
    """Open the files."""
    return Records(paths)
'''
PARTS = FILES | {
    "corruptions/pairing/longest": ("longest", PLAN),
    "manifest/readers/records": ("records", READER),
}
MANIFEST = {
    "source": {"path": "data.records", "id": "id", "split": "split"},
    "modality": {"text": {"kind": "text", "column": "text"}},
    "target": {"column": "label", "kind": "class"},
}
ASK = """
import json, sys
from pathlib import Path
import mmaudit.testing as testing

def write(folder, samples):
    rows = [[s["id"], s["label"], s["split"], s["caption"]] for s in samples]
    (folder / "data.records").write_text("\\n".join(json.dumps(row) for row in rows))
    return json.loads(sys.argv[2])

testing.check_corruption("vector/offset")
testing.check_plan("missing/outage")
testing.check_plan("pairing/longest", skip=[
    "the_seed_matters",  # there is no chance in a length
    "a_milder_severity_is_contained_in_a_worse_one",
])
testing.check_reader("lines", write, skip=[q.__name__ for q in testing.readers.QUESTIONS[1:]])
testing.check_reader("records", write)
testing.check_adapter("majority:cat,dog", {"text": ["one", "two", "three", "four"]})
testing.check_audit("blanks", sys.argv[1])
testing.check_measure("errors")
testing.check_check("text/shouting")
assert "pytest" not in sys.modules
print("all asked")
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stranger")
    install(folder, "stranger_parts", PARTS)
    rows = [[f"r{i}", ["cat", "dog"][i % 2], "test", f"a text of {'very ' * i}"] for i in range(30)]
    (folder / "data.records").write_text("\n".join(json.dumps(row) for row in rows))
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "records"\n[source]\npath = "data.records"\nid = "id"\n'
        'split = "split"\n[modality.text]\nkind = "text"\ncolumn = "text"\n'
        '[modality.again]\nkind = "text"\ncolumn = "text"\n'
        '[target]\ncolumn = "label"\nkind = "class"\n'
    )
    return folder


@pytest.fixture(scope="module")
def run(root):
    paths = [str(root), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def call(*arguments, code=0):
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            capture_output=True, text=True, env=env, cwd=root, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout

    return call


@pytest.fixture(scope="module")
def worse(run, root):
    """A copy that a plan and a corruption of the stranger's made."""
    run(
        "-m", "mmaudit", "corrupt", "dataset.toml", "worse",
        "--apply", "pairing/longest:5@text", "--apply", "missing/outage:5",
    )  # fmt: skip
    return root / "worse"


def test_they_are_listed_with_what_they_are(run):
    listed = run("-m", "mmaudit", "list")
    for place, (_, text) in PARTS.items():
        name = place.removeprefix("corruptions/").rpartition("/")[2]
        assert name in listed, place
        first = text.partition("\n")[0].strip('"')
        assert " ".join(first.split()[:4]) in " ".join(listed.split()), place
    shown = run("-m", "mmaudit", "list", "corruptions", "pairing/longest")
    assert "share of the rows" in shown


def test_they_keep_the_contracts_of_their_kinds(run, root):
    assert run("-c", ASK, root / "dataset.toml", json.dumps(MANIFEST)) == "all asked\n"


def test_a_plan_that_reads_texts_and_a_corruption_make_a_dataset_worse(run, root, worse):
    card = json.loads((worse / "card.json").read_text())
    assert "pairing/longest" in json.dumps(card)
    vectors = two_vectors.make(root / "vectors", 20)
    run("-m", "mmaudit", "corrupt", vectors, "moved", "--apply", "vector/offset:3@left")
    assert (root / "moved" / "ledger.parquet").exists()


def test_an_audit_is_a_command_and_its_metrics_are_judged_and_shown(run, root, worse):
    run("-m", "mmaudit", "blanks", worse / "dataset.toml", "--out", "blanks", "--level", "0.9")
    gate = run("-m", "mmaudit", "gate", "blanks", "--suggest")
    assert 'metric = "blanks.absent_rate{modality=again}"' in gate
    assert "max = " in gate  # lower is better, which the table says
    (root / "gate.toml").write_text(gate)
    run("-m", "mmaudit", "gate", "blanks", "--config", "gate.toml")
    run("-m", "mmaudit", "report", "blanks", "--form", "markdown", "-o", "report.md")
    assert "absent" in (root / "report.md").read_text()
    same = run("-m", "mmaudit", "diff", "blanks", "blanks")
    assert "2 of 2 shared rows compared" in same


def test_an_adapter_and_a_measure_take_part_in_a_sweep(run):
    run(
        "-m", "mmaudit", "robustness", "dataset.toml", "--model", "majority:cat,dog",
        "--corruptions", "text/keyboard", "--severities", "1", "--measures", "errors",
        "--replicates", "20", "--out", "sweep",
    )  # fmt: skip
    gate = run("-m", "mmaudit", "gate", "sweep", "--suggest")
    assert 'metric = "robustness.error_rate{condition=clean}"' in gate


def test_a_measure_of_another_task_is_refused(run):
    run(
        "-m", "mmaudit", "robustness", "dataset.toml", "--model", "majority:cat,dog",
        "--measures", "regression", "--out", "refused", code=2,
    )  # fmt: skip
