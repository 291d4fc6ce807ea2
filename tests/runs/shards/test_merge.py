"""A job cut into shards and joined ends in the bytes of a run of all units."""

import json

import pytest

import sharded
from mmaudit.audits.declaration import declaration
from mmaudit.models.access import PERSON
from mmaudit.options import make
from mmaudit.runs.run import audit
from mmaudit.runs.shards.merge import merge

ROWS = 16  # of a unit: so that there are several
SHORT = {"replicates": 20, "split": "all"}
ASKED = {
    "inspect": {"split": "all"},
    "robustness": {"corruptions": ["vector/dropout", "missing/mcar"], "absent": ["zeros"]}
    | {"missing": True, **SHORT},
    "contributions": {"absent": ["zeros"], **SHORT},
    "noisy_pairs": {"modalities": ["x", "z"], "method": "neighbours", "split": "all"},
    "adaptivity": {"absent": "zeros", **SHORT},
    "remedies": {
        "methods": ["control/concat", "balance/modality_dropout"],
        "seeds": 3,
        "steps": 20,
    },
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sharded")
    sharded.write(folder)
    return folder


def run(name, place, out, **more):
    says = declaration(name)
    model = f"python:{place}/model.py:make" if says.needs_model else None
    options = make(says.options, {**ASKED[name], **more})
    return audit(
        name,
        place / "dataset.toml",
        model,
        options,
        out=out,
        named_by=PERSON,
        quiet=True,
        unit_rows=ROWS,
    ).path


def without_seconds(log):
    """What a run says of itself, but for when and how fast it was."""
    entries = json.loads(log)
    for entry in entries["audits"].values():
        for key in ("wall_seconds", "finished", "commit", "cpu_seconds"):
            entry.pop(key, None)
        entry["tables"] = {k: v for k, v in entry["tables"].items() if not k.endswith(".json")}
    entries.pop("sha256")
    return entries


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n == "remedies")) for n in ASKED]
)
def test_shards_end_in_the_bytes_of_a_whole_run(name, place, tmp_path):
    whole = run(name, place, tmp_path / "whole")
    parts = [run(name, place, tmp_path / f"part-{i}", shard=f"{i}/3") for i in (1, 2, 3)]
    before = [sharded.contents(part) for part in parts]
    merged = merge(tmp_path / "run", parts[::-1], trust=True, quiet=True).path
    assert before == [sharded.contents(part) for part in parts]
    one, other = (sharded.contents(folder) for folder in (whole, merged))
    for each in (one, other):  # how many seconds trainings took
        for path in [path for path in each if path.endswith(".json") and "/samples/" in path]:
            del each[path]
    logs = [without_seconds(each.pop("run.json")) for each in (one, other)]
    assert one == other
    assert logs[0] == logs[1]
