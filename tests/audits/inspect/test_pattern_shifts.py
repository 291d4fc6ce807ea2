"""Patterns of absence of each split are held against those of train."""

import csv

import numpy as np
import pytest

import mmaudit as mm
from command import mmaudit
from inspected import drawn
from mmaudit.audits.inspect.comparisons import pattern_shifts
from mmaudit.audits.inspect.learning.absences import patterns


def compared(contents):
    return pattern_shifts.pattern_shifts(contents, patterns(contents), None)


def test_splits_that_are_drawn_alike_seldom_differ():
    """By Holm's method .05 over both splits; of 40 sets more than 7 are in 1 of 600."""
    every = [compared(drawn(seed, 400)) for seed in range(40)]
    assert sum(any(one.differs for one in some) for some in every) <= 7
    assert {one.split for some in every for one in some} == {"test", "validation"}


def test_modalities_that_are_absent_together_are_seen_where_each_is_absent_as_often():
    """In train one or the other lacks, in test both or none: by modality nothing differs."""
    contents = drawn(0, 800)
    rng = np.random.default_rng(2)
    first, other = rng.random((2, 800)) < 0.2
    test = contents.splits == "test"
    contents.absent = {"image": first, "text": np.where(test, first, other)}
    some = {one.split: one for one in compared(contents)}
    assert some["test"].differs
    assert not some["validation"].differs
    (note,) = pattern_shifts.notes([*some.values()])
    assert note.startswith(
        "what is absent together differs between test and train (p = 0.002): exactly "
    )
    rows = [r for r in pattern_shifts.table([*some.values()]).to_pylist() if r["split"] == "test"]
    assert {r["present"] for r in rows} == {"image,text", "image", "text", "none"}
    assert sum(r["rate"] for r in rows) == pytest.approx(1)
    assert sum(r["rate_of_base"] for r in rows) == pytest.approx(1)


def test_two_patterns_are_one_modality_that_is_absent():
    contents = drawn(0, 400)
    contents.absent["image"][:] = False
    assert compared(contents) == ()


def test_the_command_its_page_and_a_gate_say_so(tmp_path):
    rng = np.random.default_rng(0)
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "head", "tail", "split"])
        for i in range(400):
            test, (one, other) = i % 3 == 0, rng.random(2) < 0.3
            other = one if test else other
            out.writerow(
                [
                    i,
                    *("" if gone else f"some words {i}" for gone in (one, other)),
                    ["train", "test"][test],
                ]
            )
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\n[source]\npath = "rows.csv"\nid = "id"\nsplit = "split"\n'
        '[modality.head]\nkind = "text"\ncolumn = "head"\n[modality.tail]\nkind = "text"\ncolumn = "tail"\n'
    )
    done = mmaudit(
        "inspect", "dataset.toml", "--checks", "text/length", "--out", "run", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "what is absent together differs between test and train" in done.stdout
    assert "What is there together, split by split" in mm.report(tmp_path / "run").read_text()
    (tmp_path / "gate.toml").write_text(
        '[[check]]\nmetric = "inspect.pattern_shift_p_value{slice=split=test}"\nmin = 0.01\n'
    )
    assert mmaudit("gate", "run", "--config", "gate.toml", cwd=tmp_path).returncode == 1
