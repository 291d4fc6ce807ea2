"""What every corruption owes. A new corruption gets all of this by existing."""

import json
import math
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from corruption_digests import digests
from corruption_samples import (
    NAMES,
    context,
    damaged,
    draw,
    frozen,
    hostile,
    load,
    small,
    typical,
)
from mmaudit import parts
from mmaudit.corruptions.base import SEVERITIES
from mmaudit.errors import UsageError
from places import ROOT

SCRIPT = ROOT / "tests" / "kits" / "corruption_digests.py"
DRAWS = 12


def kind_of(name):
    return name.partition("/")[0]


every = pytest.mark.parametrize("name", NAMES)


@every
def test_says_what_it_is_and_where_it_comes_from(name):
    summary = parts.summary("corruptions", name)
    assert summary.endswith(".")
    assert ": " in summary
    assert load(name).source


@every
def test_has_five_different_severities_with_units(name):
    corruption = load(name)
    assert len(corruption.severities) == SEVERITIES
    assert len(set(corruption.severities)) == SEVERITIES
    fields = set(corruption.severities[0]._fields)
    assert set(corruption.units) == fields
    assert corruption.pixels <= fields
    for severity in corruption.severities:
        assert type(severity) is type(corruption.severities[0])
        for value in severity:
            assert not isinstance(value, float) or math.isfinite(value)


@every
def test_severity_0_is_the_identity_and_6_is_refused(name):
    for clean in hostile(kind_of(name)):
        assert damaged(name, clean, 0) is clean
    with pytest.raises(UsageError, match="no severity 6"):
        damaged(name, typical(kind_of(name))[0], 6)


@every
def test_same_key_same_bytes_in_any_order(name):
    cells = [(c, s) for c in small(kind_of(name)) for s in range(1, SEVERITIES + 1)]
    forward = [frozen(damaged(name, c, s)) for c, s in cells]
    backward = [frozen(damaged(name, c, s)) for c, s in reversed(cells)]
    assert forward == backward[::-1]


@every
def test_threads_change_nothing(name):
    clean = typical(kind_of(name))[0]
    cells = [(s, f"id{i}") for i in range(3) for s in (1, 5)]
    alone = [frozen(damaged(name, clean, s, i)) for s, i in cells]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda cell: frozen(damaged(name, clean, *cell)), cells))
    assert alone == together


@every
def test_read_only_input_is_accepted_and_left_alone(name):
    for clean in hostile(kind_of(name)):
        before = frozen(clean)
        if isinstance(clean, np.ndarray):
            clean.flags.writeable = False
        for severity in (1, 5):
            out = damaged(name, clean, severity)
            if isinstance(clean, np.ndarray):
                assert out is clean or not np.shares_memory(out, clean)
        assert frozen(clean) == before


@pytest.mark.parametrize("name", [n for n in NAMES if kind_of(n) not in {"text", "table"}])
def test_the_layout_in_memory_does_not_matter(name):
    for clean in small(kind_of(name)):
        turned = np.asfortranarray(clean)[::-1].copy(order="F")[::-1]
        assert frozen(damaged(name, clean, 3)) == frozen(damaged(name, turned, 3))


@every
def test_global_randomness_is_untouched(name):
    """Position included: the key alone changes only every 624 draws."""

    def state():
        _, key, position, *_ = np.random.get_state()
        return key.tolist(), position, random.getstate()

    before = state()
    for clean in small(kind_of(name)):
        damaged(name, clean, 3)
    assert state() == before


@every
def test_promises_hold_on_hostile_values(name):
    corruption = load(name)
    for clean in hostile(kind_of(name)):
        for severity in range(1, SEVERITIES + 1):
            out = damaged(name, clean, severity)
            assert type(out) is type(clean)
            if "shape" in corruption.keeps:
                assert out.shape == clean.shape
            if "dtype" in corruption.keeps:
                assert out.dtype == clean.dtype
            if "length" in corruption.keeps:
                assert len(out) == len(clean)
            if isinstance(out, np.ndarray) and out.dtype.kind == "f" and np.isfinite(clean).all():
                assert np.isfinite(out).all()
            assert math.isfinite(corruption.dose.measure(clean, out))


@every
def test_every_severity_changes_something_and_worse_is_worse(name):
    """Mean dose over samples and draws rises strictly, where the reference is ordered."""
    corruption = load(name)
    doses = np.zeros(SEVERITIES)
    for severity in range(1, SEVERITIES + 1):
        for clean in typical(kind_of(name)):
            outs = [damaged(name, clean, severity, f"d{i}") for i in range(DRAWS)]
            assert any(frozen(out) != frozen(clean) for out in outs)
            doses[severity - 1] += sum(corruption.dose.measure(clean, out) for out in outs)
    if not corruption.nested:
        assert "order" in corruption.source, "say why the severities are not ordered"
        return
    sign = 1 if corruption.dose.rises else -1
    assert (sign * np.diff(doses) > 0).all(), doses / (DRAWS * len(typical(kind_of(name))))


def test_batches_are_their_samples_one_by_one():
    """Asked of all corruptions that have a form for many samples at once."""
    batched = [name for name in NAMES if load(name).batch is not None]
    assert batched
    for name in batched:
        corruption = load(name)
        cleans = [*small(kind_of(name)), *typical(kind_of(name))]
        keys = np.array([draw(name, str(i)).key for i in range(len(cleans))], np.uint64)
        around = context(kind_of(name), cleans[0], corruption.donors)
        needs = {need: getattr(around, need) for need in corruption.needs}
        for severity in (1, 5):
            at = corruption.at(severity)
            many = corruption.batch(cleans, at, keys, **needs)
            alone = [
                corruption.apply(c, at, draw(name, str(i)), **needs) for i, c in enumerate(cleans)
            ]
            assert [frozen(x) for x in many] == [frozen(x) for x in alone], name


@pytest.fixture(scope="module")
def here():
    return digests(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting", [{"NUMBA_DISABLE_JIT": "1"}, {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "123"}]
)
def test_another_process_gives_the_same_bytes(here, setting):
    """Compiled or interpreted, with one thread or many: there is one implementation."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), *NAMES],
        env={**os.environ, **setting},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert json.loads(ran.stdout) == here
