"""Hostile inputs, in this process: none is a bug, none hangs, each refusal is three lines.

Ten thousand cases with a child each, and what memory they take, are for the hand: `fuzz_run`.
"""

import os
import random

import pytest
from fuzz_run import fault, here, prepare

SEED = os.environ.get("FUZZ_SEED", "0")
CASES = int(os.environ.get("FUZZ_CASES", "112"))


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    return prepare(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.filterwarnings("ignore")  # what libraries say of damaged files
def test_no_hostile_input_is_a_bug(cases, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    targets, faults = cases.targets(), {}
    for number in range(CASES):
        rng, place = random.Random(f"{SEED}-{number}"), tmp_path / str(number)
        argv = cases.make(rng, targets[number % len(targets)], place)
        code, said, _ = here(argv, place)
        if why := fault(code, said):
            faults[number] = (why, argv, said[-2000:])
    assert not faults


def test_the_same_seed_makes_the_same_input(cases, tmp_path):
    for name in ("a", "b"):
        for target in cases.targets():
            cases.make(random.Random(7), target, tmp_path / name / target)
    files = sorted(
        p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file()
    )
    assert files
    assert all(
        (tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files
    )
