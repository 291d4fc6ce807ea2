"""What a gate writes: JSON by its schema, JUnit, Markdown, annotations, and a suggestion."""

import json
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest

import run_folders
from mmaudit.errors import InputError, UsageError
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.outputs import annotations, document, junit, markdown, terminal
from mmaudit.gate.outputs.publish import publish
from mmaudit.gate.suggestion.suggest import suggest
from mmaudit.gate.verdict import Cell, Result, Verdict
from mmaudit.rows import Estimate

HOSTILE = "::error::x\n::warning::y\r%0A <script>alert(1)</script> | `a` @team https://evil.example \x00\x1b[31m\u202e"


def cell(outcome="fail", label="here", reason=""):
    estimate = None if outcome == "missing" else Estimate(0.5, 0.4, 0.6, 10)
    return Cell(label, "accuracy", "min", 0.7, estimate, outcome, None, reason)


def result(name="a", status="fail", outcome="fail", label="here", reason=""):
    made = (cell(outcome, label, reason),)
    return Result(name, "robustness.accuracy", "error", "", "each", 1, False, outcome, status, made)


def verdict(*results):
    return Verdict("run", "gate.toml", "", False, results)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_folders.noisy(run_folders.make(tmp_path_factory.mktemp("run")))


def test_json_follows_the_published_schema(run, tmp_path):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = json.loads(files("mmaudit.gate").joinpath("schema.json").read_text())
    told = {
        "check": [
            {"metric": "robustness.accuracy{condition=clean}", "min": 0.89},
            {"metric": "robustness.accuracy{corruption=*}", "max_drop": 0.1, "max_drop_rel": 0.1},
            {"metric": "gone.metric", "max": 1},
        ]
    }
    document.write(judge(run, config.build(told, "g")), tmp_path / "v.json")
    written = json.loads((tmp_path / "v.json").read_text())
    jsonschema.validate(written, schema)
    assert written["outcome"] == "fail"
    assert written["results"][0]["cells"][0]["needed"] == 8173
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written | {"exit_code": 3}, schema)


def test_json_has_no_infinity(tmp_path):
    wide = Cell("", "q", "max", 1.0, Estimate(0.5, float("-inf"), float("inf"), 1), "inconclusive")
    one = Result("a", "m.q", "error", "", "each", 1, False, "inconclusive", "inconclusive", (wide,))
    document.write(verdict(one), tmp_path / "v.json")
    estimate = json.loads((tmp_path / "v.json").read_text())["results"][0]["cells"][0]["estimate"]
    assert estimate == {"value": 0.5, "low": None, "high": None, "n": 1}


def test_junit_counts_and_survives_what_xml_cannot_hold(tmp_path):
    made = verdict(
        result(HOSTILE, label=HOSTILE),
        result("b", "inconclusive", "inconclusive"),
        result("c", "warn"),
        result("d", "pass", "pass"),
    )
    junit.write(made, tmp_path / "j.xml")
    suite = ET.parse(tmp_path / "j.xml").getroot()[0]
    assert [suite.get(k) for k in ("tests", "failures", "errors")] == ["4", "1", "1"]
    cases = suite.findall("testcase")
    assert "<script>alert(1)</script>" in cases[0].get("name")
    assert "\x1b" not in ET.tostring(suite, "unicode")
    assert [c[0].tag for c in cases] == ["failure", "error", "system-out", "system-out"]


def test_markdown_shows_data_as_text():
    told = markdown.markdown(verdict(result(HOSTILE, label=HOSTILE)))
    assert "<script>" not in told
    assert "@team" not in told
    assert "https://" not in told
    assert "\u202e" not in told
    assert len(told.splitlines()) == 7


def test_markdown_stays_below_what_a_summary_may_hold():
    many = verdict(*(result(f"{i} " + "x" * 400, label="y" * 400) for i in range(2000)))
    told = markdown.markdown(many)
    assert len(told.encode()) <= 900_000
    assert "more checks are in verdict.json" in told
    assert "more checks" not in markdown.markdown(verdict(result()))


def test_annotations_are_few_the_worst_first_and_escaped():
    many = [result(f"w{i}", "warn") for i in range(8)] + [result(HOSTILE), result("b")]
    told = annotations.annotations(verdict(*many, result("ok", "pass", "pass")))
    assert len(told) == 10
    assert told[0].startswith("::error title=mmaudit%3A ")
    assert [line.split()[0] for line in told] == ["::error"] * 2 + ["::warning"] * 8
    assert not any("\n" in line or "\r" in line for line in told)
    more = annotations.annotations(verdict(*many, result("z", "warn")))
    assert len(more) == 10
    assert more[-1] == "::warning title=mmaudit::2 more in the report"


def test_a_terminal_is_not_steered():
    told = "\n".join(terminal.lines(verdict(result(HOSTILE, label=HOSTILE))))
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_a_build_gets_its_summary_and_its_annotations(tmp_path):
    made = verdict(result())
    environment = {"GITHUB_STEP_SUMMARY": str(tmp_path / "s.md"), "GITHUB_ACTIONS": "true"}
    (tmp_path / "s.md").write_text("before\n")
    lines = publish(made, json=tmp_path / "v.json", environment=environment)
    assert len(lines) == 1
    assert (tmp_path / "s.md").read_text().startswith("before\n## mmaudit gate: fail")
    quiet = publish(
        made,
        json=tmp_path / "v.json",
        junit=tmp_path / "j",
        markdown=tmp_path / "m",
        environment={},
    )
    assert quiet == []
    assert {p.name for p in tmp_path.iterdir()} == {"s.md", "v.json", "j", "m"}
    with pytest.raises(UsageError, match="cannot write"):
        publish(made, json=tmp_path / "no" / "v.json", environment={})


def test_a_suggestion_is_passed_by_its_run_and_failed_by_a_worse_one(run, tmp_path):
    path = tmp_path / "gate.toml"
    path.write_text(suggest(run))
    told = config.read(path)
    assert len(told.checks) == 10
    assert judge(run, told).exit_code == 0
    worse = run_folders.noisy(run_folders.make(tmp_path / "worse", half=0.001), rate=0.3)
    assert judge(worse, told).exit_code == 1
    with pytest.raises(InputError):
        suggest(tmp_path)


def test_the_suggested_file_reads_back_names_with_commas(tmp_path):
    rows = [
        run_folders.row("accuracy", run_folders.wide(0.9, 0.01)),
        run_folders.row(
            "accuracy_area_under_curve",
            run_folders.wide(0.8, 0.01),
            "image/a+text/b@image,text",
            "image/a",
        ),
        run_folders.row(
            "accuracy_drop",
            run_folders.wide(0.1, 0.01),
            "image/a+text/b:3@image,text",
            "image/a+text/b",
            3,
        ),
        run_folders.row(
            "accuracy",
            run_folders.wide(0.8, 0.01),
            "image/a+text/b:3@image,text",
            "image/a+text/b",
            3,
        ),
    ]
    run = run_folders.make(tmp_path, rows=rows)
    (tmp_path / "gate.toml").write_text(suggest(run))
    made = judge(run, config.read(config.beside(run)))
    assert made.exit_code == 0
    assert len(made.results) == 2
