"""Answers made elsewhere with every subset give the table that the model itself would."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from test_contributions import by_id, dataset, summary

import mmaudit as mm
from command import mmaudit
from mmaudit.audits.robustness.conditions import conditions
from mmaudit.audits.robustness.patterns import subsets
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.inference.recorded import condition
from mmaudit.measures.games.coalitions import members
from planted import Votes


def both(votes):
    return votes.sum(axis=1) + votes[:, 0] * votes[:, 1]


def answers(where, model, leave=()):
    """What a person would write who asked the model elsewhere about every exported condition."""
    opened = mm.load(where)
    batch = opened.read(range(len(opened)))
    ids = batch.column("id").to_pylist()
    values = {m: batch.column(m).to_pylist() for m in model.modalities}
    rows = []
    for row in members(len(model.modalities)):
        there = {
            m: np.array([v is not None for v in values[m]]) & on
            for m, on in zip(model.modalities, row, strict=True)
        }
        filled = {m: np.array([v or [0.0] * 3 for v in values[m]], object) for m in values}
        told = model.scores({m: [list(v) for v in filled[m]] for m in filled}, there)
        name = condition(model.modalities, row)
        if name not in leave:
            rows += [
                {"id": i, "condition": name, "prob_no": float(p), "prob_yes": float(q)}
                for i, (p, q) in zip(ids, told, strict=True)
            ]
    path = where.parent / "answers.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return f"predictions:{path}"


class Short(Votes):
    def encode(self, modality, values):
        return np.array(
            [list(v) for v in values], np.float32
        )  # whole, as a table of answers has it


@pytest.mark.parametrize("absent", [0.0, 0.3])
def test_the_table_is_that_of_the_model(tmp_path, absent):
    where = dataset(tmp_path, absent=absent)
    model = Short("ab", both)
    common = {"quiet": True, "replicates": 30, "training_plan": str(tmp_path / "plan.csv")}
    asked = mm.contributions(where, model, **common)
    found = mm.contributions(where, answers(where, model), **common)
    ours, theirs = by_id(found), by_id(asked)
    same = [name for name in theirs.column_names if not name.startswith("length")]
    assert ours.select(same).equals(theirs.select(same))
    told, expected = summary(found), summary(asked)
    assert {k: v for k, v in expected.items() if k in told} == told
    assert {k[-1] for k in expected.keys() - told.keys()} <= {"length_share", "cka", "cka_p_value", "cca_held_out"}  # fmt: skip
    plan = "contributions/training_plan"
    assert found[plan].arrow().equals(asked[plan].arrow())


def test_conditions_have_the_names_that_a_sweep_gives_them():
    kinds = {"photo": "image", "text": "text", "sound": "audio"}
    named = {c.name for c in conditions(kinds, (), (), subsets=subsets(tuple(kinds)))}
    assert named == {condition(tuple(kinds), row) for row in members(3)}


def test_a_missing_subset_is_named_with_what_to_do(tmp_path):
    where = dataset(tmp_path, 60)
    spec = answers(where, Short("ab", both), leave=("present:a", "present:none"))
    with pytest.raises(IncompleteError) as refusal:
        mm.contributions(where, spec, quiet=True)
    assert "2 of the 4 subsets of a, b: 'present:none', 'present:a'" in str(refusal.value)
    assert "--missing --export" in refusal.value.fix


@pytest.mark.parametrize("asked", [{"absent": ("zeros",)}, {"budget": 64}, {"detail": ("a",)}])
def test_what_only_a_model_that_runs_can_tell_is_refused(tmp_path, asked):
    where = dataset(tmp_path, 60)
    spec = answers(where, Short("ab", both))
    with pytest.raises(UsageError, match=f"cannot be asked with --{next(iter(asked))}"):
        mm.contributions(where, spec, quiet=True, **asked)


def test_what_is_exported_is_what_is_read_back(tmp_path):
    """The whole way of a person: export, ask elsewhere, read back; by the commands."""
    where = dataset(tmp_path, 60)
    done = mmaudit(
        *("robustness", where, "--missing", "--export", tmp_path / "to"),
        *("--corruptions", "missing/mcar", "--severities", "1"),
    )
    assert done.returncode == 0, done.stderr
    named = (tmp_path / "to" / "conditions.csv").read_text()
    assert all(condition("ab", row) in named for row in members(2))
    spec = answers(where, Short("ab", both))
    done = mmaudit("contributions", where, "--model", spec, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "4 answers a sample are looked up, 240 in all" in done.stderr
    assert "a brings most" in done.stdout
