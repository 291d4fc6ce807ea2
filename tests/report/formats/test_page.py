"""The page says what the tables say, the same every time, and shows data as text."""

import json
import re
from dataclasses import replace
from urllib.parse import unquote

import pyarrow as pa
import pytest

import hostile_texts
import run_folders
from mmaudit.errors import InputError
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.outputs import document
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.runs.report import opened
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance

CHECK = {"metric": "robustness.accuracy{corruption=image/*}", "max_drop": 0.05}


def judged(run):
    made = judge(run, config.build({"check": [CHECK]}, "gate.toml"))
    document.write(made, run / "verdict.json")
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "night shift"
    return judged(run_folders.noisy(run_folders.make(folder, samples=300)))


@pytest.fixture(scope="module")
def html(run):
    return page.page(opened(run))


def section(html, key):
    return re.search(rf'<section class="challenge" id="{key}".*?</section>', html, re.DOTALL)[0]


def test_the_verdict_stands_at_the_top(html):
    top = html[: html.index('id="noisy"')]
    assert 'class="chip">fails<' in top
    assert "Of 1 check, 1 failed." in top
    assert "motion blur on image, severity 5" in top
    assert "image/motion_blur:5@image" not in re.sub("<code>.*?</code>", "", top)  # but to be typed


def test_every_challenge_has_its_section_and_its_headline(html):
    assert "Accuracy falls from 0.90 to 0.61" in section(html, "noisy")
    assert "About 10% of the pairs mismatch." in section(html, "noisy")
    assert "Without image, accuracy goes from 0.900" in section(html, "incomplete")
    for key, command in (
        ("imbalanced", "mmaudit contributions"),
        ("varying", "mmaudit corrupt DATASET OUT --apply PART --severity-per-sample"),
    ):
        assert "This was not audited." in section(html, key)
        assert command in section(html, key)
    assert "This was not audited." not in section(html, "noisy")


def test_charts_have_a_text_in_their_place(html):
    svgs = re.findall(r"<svg .*?</svg>", html, re.DOTALL)
    assert len(svgs) == 6  # two modalities, curve and map each, calibration, subsets
    assert "Is the model as right as it is sure?" in html
    for svg in svgs:
        assert 'role="img"' in svg
        assert re.search(r"<desc[^>]*>[^<]{40,}</desc>", svg)
    assert "0.720 [0.700, 0.740]" in svgs[0]
    assert html.count("The numbers</summary>") == len(svgs)


def test_the_same_run_gives_the_same_bytes(run, html, tmp_path):
    assert page.page(opened(run)) == html
    written = page.write(opened(run), run / "report.html")
    assert written.read_text("utf-8") == html


def test_the_page_asks_for_nothing_and_allows_only_itself(html):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(?:src|href)="(?!#|data:|\./[^"]*\.parquet")', html)
    assert " style=" not in html
    assert not re.search(r"\son\w+=", html)


def test_how_it_was_made_is_said(html):
    made = section(html, "made")
    for told in ("absent", "zeros", "seed", "image/motion_blur", "a" * 64, "12.5"):
        assert told in made


def test_the_tables_beside_it_are_linked_from_wherever_it_lies(run, html, tmp_path):
    assert 'href="./robustness/summary.parquet"' in html
    assert 'href="./noisy_pairs/summary.parquet"' in html
    away = page.write(read(run), tmp_path / "r.html").read_text()
    href = re.search(r'href="\./([^"]*summary\.parquet)"', away)[1]
    assert (tmp_path / unquote(href)).resolve().exists()


def test_an_audit_of_no_challenge_is_shown_all_the_same(tmp_path):
    run = run_folders.make(tmp_path / "r")
    made = Provenance(audit="remedies", headline="Dropout helps most.")
    rows = [run_folders.Plain("all", "gain", run_folders.wide(0.1, 0.01))]
    store.write(to_table(rows, run_folders.Plain, made), run / "remedies" / "summary.parquet")
    told = section(page.page(read(run)), "more")
    assert "Dropout helps most." in told
    assert "0.100" in told


def test_a_page_that_would_be_too_large_leaves_its_samples_out(tmp_path):
    run = read(run_folders.make(tmp_path / "r", samples=400))
    told = page.page(run, most_bytes=60_000)
    assert "The samples are not in this page" in told
    assert json.loads(re.search(r'id="samples-data">(.*?)</script>', told)[1])["rows"] == 0


def test_samples_that_could_not_be_read_are_counted(tmp_path):
    run = run_folders.make(tmp_path / "r")
    made = Provenance(audit="robustness")
    fields = [pa.field(n, pa.string()) for n in ("id", "modality", "reason")]
    rows = [{"id": "s1", "modality": "image", "reason": "truncated"}]
    table = pa.Table.from_pylist(rows, pa.schema(fields, made.metadata()))
    store.write(table, run / "skipped.parquet")
    told = page.page(read(run))
    assert "1 values could not be read" in told
    assert "s1 (image): truncated" in told


def test_a_run_without_a_gate_says_so(tmp_path):
    assert "No gate has judged this run." in page.page(read(run_folders.make(tmp_path / "r")))


def test_what_is_not_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such run"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no audit has finished"):
        read(tmp_path)
    run = run_folders.make(tmp_path / "r")
    (run / "verdict.json").write_text("{")
    with pytest.raises(InputError, match="not JSON"):
        read(run)
    (run / "verdict.json").write_text('{"schema": 2}')
    with pytest.raises(InputError, match="not a verdict"):
        read(run)
    (run / "verdict.json").write_text('{"schema": 1, "outcome": "pass"}')
    with pytest.raises(InputError, match="the verdict is damaged"):
        read(run)


def hostile_run(folder):
    """A run in which every text field is hostile."""
    texts = [*hostile_texts.texts(), hostile_texts.MEGABYTE]
    rows = list(run_folders.robustness_rows())
    for text in texts:
        rows.append(
            run_folders.row("accuracy", run_folders.wide(0.9, 0.01), slice=f"caption={text}")
        )
        rows.append(run_folders.row(text, run_folders.wide(0.9, 0.01)))
    for i, text in enumerate(texts[::40]):
        at = {"condition": f"{text}:1@image", "corruption": text, "severity": 1 + i % 5}
        rows.append(
            replace(
                run_folders.row("accuracy", run_folders.wide(0.8, 0.01), **at), modality="image"
            )
        )
        rows.append(
            replace(
                run_folders.row("accuracy_drop", run_folders.wide(0.1, 0.01), **at),
                modality=text[:99],
            )
        )
        gone = replace(
            run_folders.row(
                "accuracy", run_folders.wide(0.8, 0.01), f"present:{text}", "missing/subset"
            ),
            present=text,
        )
        rows.append(gone)
    made = replace(
        run_folders.MADE,
        headline=hostile_texts.MARKUP[0].format(hostile_texts.RAN),
        notes=tuple(texts),
        options={text[:50]: text for text in texts[:60]},
    )
    known = list(run_folders.robustness_rows())
    rows = [run_folders.agreeing(r, len(texts), known) for r in rows]
    run = run_folders.make(folder, rows=rows, made=made, samples=0)
    run_folders.write_samples(run, len(texts), known, made, names=texts)
    gallery(run, texts)
    return judged(run)


def gallery(run, texts):
    fields = [pa.field(n, pa.string()) for n in ("id", "modality", "kind", "text", "note")]
    fields += [pa.field(n, pa.binary()) for n in ("thumbnail", "sound")]
    schema = pa.schema(fields, Provenance(audit="robustness").metadata())
    rows = [
        {
            "id": t,
            "modality": t,
            "kind": t,
            "text": t,
            "note": t,
            "thumbnail": t.encode(),
            "sound": None,
        }
        for t in texts
    ]
    store.write(pa.Table.from_pylist(rows, schema), run / "robustness" / "gallery.parquet")


def test_hostile_texts_are_only_texts(tmp_path):
    told = page.page(read(hostile_run(tmp_path / "<script>alert(1)</script>")))
    scripts = re.findall(r"<script[^>]*>", told)
    assert scripts == ['<script type="application/json" id="samples-data">', "<script>"]
    outside = re.sub(r"<script.*?</script>|<style.*?</style>", "", told, flags=re.DOTALL)
    tags = set(re.findall(r"<([a-zA-Z]\w*)", outside))
    assert not tags & {"img", "iframe", "object", "embed", "video", "base", "template", "math"}
    assert not re.search(r"<[^>]*\son\w+\s*=\s*[\"']?window", outside)
    assert "\u202e" not in told
    assert "⟦U+202E⟧" in told
    assert "\x00" not in told
    assert len(told) < 3_000_000
    data = re.search(r'id="samples-data">(.*?)</script>', told, re.DOTALL)[1]
    assert not set(data) & set("<>&'")
    assert json.loads(data)["rows"] == 201


def test_a_table_of_another_make_is_refused(tmp_path):
    table = to_table([], run_folders.Plain, run_folders.MADE).select(["metric"])
    store.write(table, tmp_path / "r" / "robustness" / "summary.parquet")
    with pytest.raises(InputError, match="columns metric and estimate"):
        read(tmp_path / "r")
