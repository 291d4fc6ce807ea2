"""What to try first where a check fails: what the run measured to help, or what would measure it."""

import pytest

import run_folders
from contests import contest
from mmaudit.audits.remedies.options import VIEWS
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.outputs import document
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.report.sections.checks import unmet
from mmaudit.report.sections.contests.steps import FAMILIES, family_of

BLUR = {"metric": "robustness.accuracy{corruption=image/motion_blur}", "max_drop": 0.05}
ALONE = {"metric": "robustness.accuracy{condition=present:text}", "min": 0.8}
CLEAN = {"metric": "robustness.accuracy{condition=clean}", "min": 0.99}
NOISE = {"metric": "noisy_pairs.noise_rate", "max": 0.01}
GAINS = {"dynamic/tmc": 0.05, "dynamic/qmf": 0.08, "balance/opm": 0.0}
INSTALLED = {"remedies": VIEWS}
BLURRED = "image/motion_blur:5@image"


def step(folder, check):
    """What is said for one check that fails."""
    known = config.build({"check": [{"id": "one", **check}]}, "gate.toml")
    document.write(judge(folder, known), folder / "verdict.json")
    run = read(folder, INSTALLED)
    (one,) = unmet(run)
    return one.step, run


@pytest.fixture
def folder(tmp_path):
    return run_folders.noisy(run_folders.make(tmp_path / "my run", samples=400))


@pytest.mark.parametrize(
    ("check", "command"),
    [
        (BLUR, f"mmaudit remedies DATASET --against {BLURRED} --out 'my run'"),
        (ALONE, "mmaudit remedies DATASET --out 'my run'"),
        (CLEAN, "mmaudit remedies DATASET --out 'my run'"),
        (NOISE, "mmaudit remedies DATASET --out 'my run'"),
    ],
    ids=["damage", "absence", "clean", "pairs"],
)
def test_where_nothing_was_measured_the_command_is_said(folder, check, command):
    said, run = step(folder, check)
    assert said.says.startswith("No remedy was measured")
    assert said.command == command
    assert "What to try first." in page.page(run)


@pytest.mark.parametrize(
    ("check", "under"),
    [
        (BLUR, "under the damage"),
        (ALONE, "with modalities absent"),
        (CLEAN, "on clean samples"),
        (NOISE, "where modalities conflict"),
    ],
    ids=["damage", "absence", "clean", "pairs"],
)
def test_what_was_measured_to_help_there_is_said(folder, check, under):
    contest(folder, GAINS, against=("image/motion_blur:3@image",))
    said, _ = step(folder, check)
    assert said.says == (
        f"dynamic/qmf helps most {under}, by 0.080 [0.050, 0.110] beside control/concat; "
        "2 of 3 measured methods help."
    )
    assert not said.command


def test_other_damage_is_said_to_be_other(folder):
    contest(folder, GAINS, against=("text/keyboard:3@text",))
    said, _ = step(folder, BLUR)
    assert said.says.endswith("under keyboard on text, severity 3, and not under this.")
    assert said.command == f"mmaudit remedies DATASET --against {BLURRED} --out NEW"


def test_what_is_not_shown_to_help_is_no_advice(folder):
    contest(folder, {"dynamic/tmc": 0.0, "balance/opm": -0.2}, against=(BLURRED,))
    said, _ = step(folder, BLUR)
    assert said.says == (
        "None of 2 measured methods is shown to help under the damage; of 1 it cannot be told."
    )


def test_checks_that_pass_and_checks_of_remedies_have_no_step(folder):
    contest(folder, GAINS, against=(BLURRED,))
    said, _ = step(folder, {"metric": "remedies.gain{method=balance/opm}", "min": 0.5})
    assert said is None
    known = config.build({"check": [{"id": "one", **CLEAN, "min": 0.1}]}, "gate.toml")
    document.write(judge(folder, known), folder / "verdict.json")
    assert unmet(read(folder)) == ()


def test_what_nothing_installed_could_measure_is_not_advised(folder):
    step(folder, BLUR)
    (one,) = unmet(read(folder))
    assert one.step is None


def test_conditions_are_of_the_family_of_what_was_done(folder):
    audit = read(folder).audits["robustness"]
    for label, family in {
        "": "clean",
        "image/fog:3@image": "damaged",
        "absent:1": "incomplete",
        "missing/mcar:3": "incomplete",
        "pairing/shuffle:3@text": "conflict",
    }.items():
        assert family_of(audit, "accuracy", label) == family


def test_every_form_of_an_audit_has_a_family():
    """But that of every number, and of methods themselves."""
    from mmaudit.report.sections.layouts import LAYOUTS

    assert set(FAMILIES) == set(LAYOUTS) - {"leaderboard", "table"}
