"""The verdict card tells someone who was not there what failed, how surely, and what then."""

import json
import re

import pytest

import run_folders
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.outputs import document
from mmaudit.gate.verdict import DROPS_ONLY
from mmaudit.report.formats import page
from mmaudit.report.formats.markdown import markdown
from mmaudit.report.read import read
from mmaudit.report.sections.checks import rows_of
from mmaudit.report.sections.verdict import card

CLEAN = "robustness.accuracy{condition=clean}"
IMAGES = "robustness.accuracy{corruption=image/*}"
PLACES = {"noisy", "incomplete", "imbalanced"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return run_folders.noisy(run_folders.make(tmp_path_factory.mktemp("card") / "run", samples=400))


def read_judged(folder, *checks):
    verdict = judge(folder, config.build({"check": list(checks)}, "gate.toml"))
    document.write(verdict, folder / "verdict.json")
    return read(folder)


def test_a_failure_says_what_by_how_much_how_surely_and_what_then(folder):
    run = read_judged(folder, {"id": "blur", "metric": IMAGES, "max_drop": 0.05})
    shown = card(run, PLACES)
    (miss,) = shown.findings
    assert (shown.look, miss.key, miss.place) == ("fail", "check-1", "noisy")
    assert miss.what.startswith("motion blur on image, severity 5: drop of accuracy")
    assert "at most 0.05 was asked, so it is 0.2" in miss.what
    assert miss.sure.startswith("Sure: its whole interval at 95 %, [")
    assert miss.then
    html = page.page(run)
    assert f'<a href="#{miss.key}">' in html
    assert f'id="{miss.key}"' in html


def test_all_rows_of_a_failing_family_stand_on_the_page_before_the_challenges(folder):
    run = read_judged(folder, {"id": "blur", "metric": IMAGES, "max_drop": 0.05})
    checks = page.page(run).partition('id="checks"')[2].partition('class="cards"')[0]
    for severity in (1, 3, 5):
        assert f"motion blur on image, severity {severity}" in checks
    assert "motion blur on image, severity 1" in markdown(run)


def test_where_rows_may_fail_the_card_is_about_what_leaves_it_open(folder):
    check = {"id": "some", "metric": IMAGES, "max_drop": 0.17, "max_failing_rows": 1}
    run = read_judged(folder, check)
    outcomes = [cell["outcome"] for cell in run.verdict["results"][0]["cells"]]
    assert outcomes == ["fail", "inconclusive", "pass"]
    (miss,) = card(run, PLACES).findings
    assert miss.what.startswith("motion blur on image, severity 3: ")
    assert miss.what.endswith(" 1 of 3 rows is surely past the limit; 1 may be.")
    assert miss.sure.startswith("Not decided: ")
    assert miss.then.startswith("Ask about ")


def test_a_metric_is_said_in_the_words_of_its_table(folder):
    run = read_judged(folder, {"id": "clean", "metric": CLEAN, "min": 0.95})
    (miss,) = card(run, PLACES).findings
    assert miss.what.startswith("clean data: share of right answers (accuracy) is 0.9; ")


def test_an_open_question_says_how_many_samples_would_decide_it(folder):
    run = read_judged(folder, {"id": "clean", "metric": CLEAN, "min": 0.89})
    (miss,) = card(run, PLACES).findings
    assert miss.sure.startswith("Not decided: its interval [")
    needed = run.verdict["results"][0]["cells"][0]["needed"]
    assert f"{needed:,} samples or more" in miss.then
    assert f"about {needed:,}" in page.page(run)


def test_a_check_that_passes_with_rows_that_may_fail_shows_them(folder):
    run = read_judged(
        folder, {"id": "blur", "metric": IMAGES, "max_drop": 0.1, "max_failing_rows": 2}
    )
    assert run.verdict["outcome"] == "pass"
    checks = page.page(run).partition('id="checks"')[2].partition('class="cards"')[0]
    assert "up to 2 rows may be past the limit" in checks
    assert "motion blur on image, severity 5" in checks


def test_what_is_missing_is_no_number(folder):
    run = read_judged(folder, {"id": "gone", "metric": "contributions.phi", "min": 0.1})
    (miss,) = card(run, PLACES).findings
    assert "contributions" in miss.what
    assert miss.sure.startswith("Nothing was measured")


def test_what_no_check_asked_about_is_said_beside_a_green_verdict(folder):
    run = read_judged(folder, {"id": "clean", "metric": CLEAN, "min": 0.5})
    shown = card(run, PLACES)
    assert shown.lead == "The only check passes."
    assert any("No check asked about noisy pairs" in note for note in shown.notes)
    html = page.page(run)
    noisy = re.search(r'<a class="card" href="#noisy">.*?</a>', html, re.DOTALL)[0]
    assert "No check asked about noisy pairs." in noisy


def test_a_gate_of_drops_alone_says_what_it_cannot_see(folder):
    drop = {"id": "blur", "metric": IMAGES, "max_drop": 0.5}
    assert DROPS_ONLY in card(read_judged(folder, drop), PLACES).notes
    clean = {"id": "clean", "metric": CLEAN, "min": 0.5}
    assert DROPS_ONLY not in card(read_judged(folder, drop, clean), PLACES).notes


def test_cards_speak_plainly(folder):
    html = page.page(read(folder))
    cards = re.search(r'<section class="cards".*?</section>', html, re.DOTALL)[0]
    assert "accuracy falls from 90.0 % to 60.0 %: motion blur on image, severity 5." in cards
    for jargon in ("p_true", "@image", "rank correlation", "Verdict:"):
        assert jargon not in cards


def test_the_heading_names_dataset_date_and_commit(folder):
    log = json.loads((folder / "run.json").read_text())
    notes = {
        "dataset": "night shift",
        "finished": "2026-03-01T12:30:59+00:00",
        "commit": "0a1b2c3d",
    }
    (folder / "run.json").write_text(
        json.dumps({"schema": 1, "audits": {"robustness": log["audits"]["robustness"] | notes}})
    )
    html = page.page(read(folder))
    assert "<h1>night shift</h1>" in html
    assert "2026-03-01 12:30 UTC · commit 0a1b2c3d · run run" in html


def test_a_row_says_in_its_title_what_all_have_in_common():
    cell = {"label": "clean", "quantity": "accuracy", "kind": "min", "limit": 0.9, "needed": None}
    cell |= {"estimate": None, "outcome": "missing", "reason": "no row matches"}
    shown = rows_of("1 of 1", [cell])
    assert shown.title == "1 of 1: accuracy, limit ≥\N{NO-BREAK SPACE}0.900"
    assert shown.heads == ("where", "outcome", "note")
