"""Documents: comparisons and histories as pages, Markdown and lines, whatever data say."""

import re
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console
from test_page import hostile_run

import chromium
import hostile_texts
import mmaudit as mm
import run_folders
from command import mmaudit
from mmaudit.report.documents.history import document as past
from mmaudit.report.formats import documents
from mmaudit.runs.diff_page import document


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two runs in which every text is hostile, and whose answers differ."""
    folder = tmp_path_factory.mktemp("hostile")
    before, after = hostile_run(folder / "a"), folder / "b"
    hostile_run(after)
    texts = [*hostile_texts.texts(), hostile_texts.MEGABYTE]
    worse = [
        replace(r, estimate=run_folders.wide(r.estimate.value / 2, 0.01))
        for r in run_folders.robustness_rows()
    ]
    made = replace(run_folders.MADE, options={text[:50]: text for text in texts[:60]})
    run_folders.write_samples(after, len(texts), worse, made, names=texts)
    return before, after


def shown(document):
    out = StringIO()
    documents.show(document, Console(file=out, width=120, color_system=None))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["diff", "history"])
def test_a_hostile_document_is_text_in_every_form(pair, kind):
    followed = ["robustness.accuracy{slice=*}", "robustness.*{condition=clean}"]
    if kind == "diff":
        made = document(mm.diff(*pair), 0.0)
    else:
        made = past(mm.history(pair, metrics=followed))
    html, markdown = documents.html(made), documents.markdown(made)
    body = html[html.index("<body>") :]
    assert body.count("<script") == 1  # our own
    assert not re.search(r"<(?:img|iframe|object|embed|base|meta|link)\b", body)
    assert not re.search(r"\son\w+=", re.sub(r'"[^"]*"|>[^<]*<', "", body))
    assert "<" not in markdown.replace("&lt;", "")
    assert not re.search(r"https?://|(?<!\\)\]\(", markdown)
    for text in (body, markdown, shown(made)):
        assert not set(text) & set("\x1b\u202e\x07\x00")
    assert "PWNED" in html  # what was flipped or changed is shown, as text


@pytest.mark.browser
@pytest.mark.skipif(chromium.found() is None, reason="no Chromium on PATH: apt install chromium")
def test_hostile_documents_run_nothing(pair, tmp_path):
    mm.diff(*pair, out=tmp_path / "diff.html")
    mm.history(pair, out=tmp_path / "history.html")
    with chromium.chromium(tmp_path / "profile") as tab:
        for kind in ("diff", "history"):
            tab.open(tmp_path / f"{kind}.html")
            tab.run("document.querySelectorAll('details').forEach(d => d.open = true)")
            tab.run("document.querySelectorAll('.sorter').forEach(b => b.click())")
            assert tab.run("document.title") == f"mmaudit {kind}"
            assert tab.run("window.PWNED === undefined")
            assert tab.run("document.querySelectorAll('script').length") == 1
            assert tab.run("document.querySelectorAll('svg').length") >= 1
            assert tab.complaints() == []
        followed = ["robustness.accuracy{condition=clean}", "robustness.nll{condition=clean}"]
        mm.history(pair, metrics=followed, out=tmp_path / "history.html")
        wide = {"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        tab.call("Emulation.setDeviceMetricsOverride", **wide)
        tab.open(tmp_path / "history.html")
        tops = "[...document.querySelectorAll('.charts figure')].map(f => f.offsetTop)"
        assert len(set(tab.run(tops))) == 1 < tab.run(f"{tops}.length")  # two abreast


def test_the_diff_command_has_three_forms(tmp_path):
    a = run_folders.make(tmp_path / "a", samples=60)
    b = run_folders.make(tmp_path / "b", samples=60)
    assert mmaudit("diff", a, b).stdout.startswith("6")
    done = mmaudit("diff", a, b, "--form", "html")
    assert (done.returncode, done.stdout.strip()) == (0, str(b / "diff.html"))
    assert (b / "diff.html").read_text().startswith("<!DOCTYPE html>")
    done = mmaudit("diff", a, b, "--form", "markdown", "-o", tmp_path / "d.md")
    assert (tmp_path / "d.md").read_text().startswith("# mmaudit diff")
    done = mmaudit("diff", a, b, "-o", tmp_path / "x")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 3)
    for least in (-1.0, float("nan"), float("inf")):
        with pytest.raises(mm.UsageError, match="no smallest difference"):
            mm.diff(a, b, min_difference=least)
    (tmp_path / "folder").mkdir()
    with pytest.raises(mm.UsageError, match="cannot write"):
        mm.diff(a, b, out=tmp_path / "folder")
    assert not list(tmp_path.glob(".*"))  # nothing half-written is left behind
