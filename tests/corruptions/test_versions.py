"""A corruption whose output changes has a higher version: tables and cards rely on it."""

import json

import pytest

import corruption_outputs
from places import FIXTURES

FILE = FIXTURES / "outputs.json"


def test_outputs_change_with_their_version_alone():
    """``python tests/kits/corruption_outputs.py > fixtures/outputs.json`` after a version was raised."""
    then = json.loads(FILE.read_text())
    now = corruption_outputs.versions()
    if then["libraries"] != now:
        pytest.skip(f"the outputs were written with {then['libraries']}, and here are {now}")
    made = corruption_outputs.outputs()
    known = then["outputs"]  # a new part is held from the day on which it is written there
    assert known.keys() <= made.keys(), "a part is gone"
    changed = {name for name, told in known.items() if told != made[name]}
    silent = {name for name in changed if made[name][0] == known[name][0]}
    assert not silent, "their output changed, and their version did not"
    assert not changed, "their version was raised: write the file again"
