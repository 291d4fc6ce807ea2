"""What a verdict says beside its checks: that of drops alone, and of nothing else."""

import pytest

import run_folders
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.outputs import document, terminal
from mmaudit.gate.outputs.markdown import escape, markdown
from mmaudit.gate.verdict import DROPS_ONLY

BLUR = {"metric": "robustness.accuracy{corruption=image/*}", "max_drop": 0.5}
SHARE = {"metric": "robustness.accuracy{corruption=text/*}", "max_drop_rel": 0.5}
FLIPS = {"metric": "robustness.flip_rate{severity=*}", "max": 0.9}
WRITTEN = {"metric": "robustness.accuracy_drop{severity=3}", "max": 0.9}
CURVE = {"metric": "robustness.accuracy_relative_drop{corruption=*}", "max": 0.9}
MEAN = BLUR | {"aggregate": "mean", "id": "mean"}
CLEAN = {"metric": "robustness.accuracy{condition=clean}", "min": 0.5}
UNDER = {"metric": "robustness.accuracy{corruption=image/*}", "min": 0.1}
GONE = {"metric": "contributions.phi", "min": 0.1}
AGAINST = {"metric": "robustness.accuracy{condition=*}", "max_drop": 0.1, "against": "baseline"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_folders.make(tmp_path_factory.mktemp("run"))


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ([BLUR], True),
        ([BLUR, SHARE, FLIPS, WRITTEN, CURVE, MEAN], True),
        ([BLUR, CLEAN], False),
        ([FLIPS, UNDER], False),
        ([BLUR, GONE], False),
        ([BLUR, AGAINST], False),
        ([AGAINST], False),
    ],
)
def test_drops_alone_are_said_to_be_blind(run, checks, says):
    baseline = run if AGAINST in checks else None
    verdict = judge(run, config.build({"check": checks}, "gate.toml"), baseline=baseline)
    assert (verdict.notes == (DROPS_ONLY,)) is says
    assert document.document(verdict)["notes"] == list(verdict.notes)
    *_, before, last = terminal.lines(verdict)
    assert (before == f"note  {DROPS_ONLY}") is says
    assert last.startswith(verdict.outcome.upper())
    assert (escape(DROPS_ONLY) in markdown(verdict)) is says
