"""Runs of every kind of task, and of audits without a sweep, make whole pages."""

import re

import pyarrow as pa
import pytest

import run_folders
from mmaudit.audits.contributions.options import VIEWS
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.report.sections.sweeps import primary
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table
from mmaudit.tables.meanings import views_metadata
from mmaudit.tables.provenance import Provenance


def sweep(metric, worse, better, tail):
    """One corruption that makes a metric worse by 0.1 a severity."""
    sign = 1 if better == "lower" else -1
    yield run_folders.row(metric, run_folders.wide(0.5, 0.02))
    for s in (1, 3, 5):
        at = (f"image/motion_blur:{s}@image", "image/motion_blur", s)
        yield run_folders.row(metric, run_folders.wide(0.5 + sign * s / 10, 0.02), *at)
        yield run_folders.row(worse, run_folders.wide(s / 10, 0.02), *at)
    name = "image/motion_blur@image"
    yield run_folders.row(
        f"{metric}_{tail}", run_folders.wide(0.3, 0.02), name, "image/motion_blur"
    )


@pytest.mark.parametrize(
    ("metric", "worse", "better", "verb"),
    [
        ("mae", "mae_rise", "lower", "gained"),
        ("recall@1:image->text", "recall@1:image->text_drop", "higher", "lost"),
        ("accuracy", "accuracy_drop", "higher", "lost"),
    ],
)
def test_every_task_has_its_curves_and_its_map(tmp_path, metric, worse, better, verb):
    rows = list(sweep(metric, worse, better, "area_under_curve"))
    run = read(run_folders.make(tmp_path / "r", rows=rows))
    assert primary(run.audits["robustness"]) == metric
    told = page.page(run)
    shown = metric.replace(">", "&gt;")
    assert f"{shown} by severity: image" in told
    assert f"{shown} {verb} against clean: image" in told
    darkest = re.findall(r'class="heat h(\d) middle">([^<]+)<', told)
    assert darkest == [("2", "0.100"), ("4", "0.300"), ("6", "0.500")]
    assert "area under curve" in told


def test_joint_corruptions_keep_both_names(tmp_path):
    name = "image/motion_blur+text/keyboard"
    rows = [run_folders.row("accuracy", run_folders.wide(0.9, 0.02))]
    rows += [
        run_folders.Row(
            f"{name}:3@image,text",
            "image,text",
            name,
            3,
            "image,text",
            "all",
            m,
            run_folders.wide(v, 0.02),
        )
        for m, v in (("accuracy", 0.5), ("accuracy_drop", 0.4))
    ]
    told = page.page(read(run_folders.make(tmp_path / "r", rows=rows)))
    assert "motion blur + keyboard" in told
    assert "accuracy by severity: image,text" in told


def test_absence_policies_stand_side_by_side(tmp_path):
    rows = [run_folders.row("accuracy", run_folders.wide(0.9, 0.02))]
    rows += [
        run_folders.Row(
            f"present:{k} ({p})",
            "x",
            "missing/subset",
            None,
            k,
            "all",
            "accuracy",
            run_folders.wide(v, 0.02),
        )
        for p, v in (("zeros", 0.6), ("mean", 0.7))
        for k in ("image", "text")
    ]
    told = page.page(read(run_folders.make(tmp_path / "r", rows=rows)))
    assert "by modalities present (absence policy zeros)" in told
    assert "by modalities present (absence policy mean)" in told
    assert "This was not audited" in told[told.index('id="imbalanced"') :]


def contributions(run):
    made = Provenance(audit="contributions", headline="image brings most.")
    fields = {
        "value": pa.string(),
        "absent": pa.string(),
        "modality": pa.string(),
        "slice": pa.string(),
    }
    numbers = pa.struct(
        [("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("n", pa.int64())]
    )
    schema = pa.schema(
        [*fields.items(), ("metric", pa.string()), ("estimate", numbers)],
        made.metadata() | views_metadata(VIEWS),
    )

    def row(metric, modality, value, part="all"):
        e = {"value": value, "low": value - 0.05, "high": value + 0.05, "n": 50}
        keys = {"value": "p_true", "absent": "zeros", "modality": modality, "slice": part}
        return keys | {"metric": metric, "estimate": e}

    rows = [
        row("phi", "image", 0.4),
        row("phi", "text", 0.1),
        row("interaction", "image,text", -0.2),
    ]
    rows += [
        row("phi", m, v, f"class={c}") for m, v in (("image", 0.3), ("text", 0.2)) for c in "ab"
    ]
    rows += [row("accuracy_alone", "image", 0.8), row("accuracy_alone", "text", 0.6)]
    rows += [row("share_loss_spearman", "image", -0.4), row("share_loss_spearman", "text", 0.1)]
    store.write(pa.Table.from_pylist(rows, schema), run / "contributions" / "summary.parquet")
    columns = {
        n: [f"s{i}" for i in range(9)] if n == "id" else ["p_true" if n == "value" else "zeros"] * 9
        for n in ("id", "value", "absent")
    }
    columns |= {"phi_image": [i / 10 for i in range(8)] + [None], "phi_text": [0.35] * 9}
    table = pa.table(columns).replace_schema_metadata(made.metadata())
    store.write(table, run / "contributions" / "samples" / "000000.parquet")
    return run


def test_contributions_without_a_sweep(tmp_path):
    told = page.page(read(contributions(tmp_path / "r")))
    part = told[told.index('id="imbalanced"') : told.index('id="varying"')]
    for title in (
        "What each modality contributes: probability of the right answer (absent values: zeros)",
        "Interactions: positive where a pair needs each other",
        "How often each modality alone is right",
        "What each modality contributes to each class: probability of the right answer",
        "What each sample takes from its two main modalities: probability of the right answer",
    ):
        assert title in part, title
    assert "8 of 9 samples; image brings more than text to 4 of them." in part
    assert part.count("heat h6 calm") > 0
    assert 'id="samples-data"' in told
    assert "This was not audited" in told[told.index('id="noisy"') : told.index('id="incomplete"')]


def test_contributions_speak_to_the_fourth_challenge_too(tmp_path):
    told = page.page(read(contributions(tmp_path / "r")))
    part = told[told.index('id="varying"') :]
    assert "Not shown to count less where it alone is wrong: text (0.100 [0.050, 0.150])." in part
    assert "Share of the answer against the loss of the modality alone" in part


def test_mismatched_pairs_show_their_score_beside_chance(tmp_path):
    run = run_folders.noisy(tmp_path / "r")
    made = Provenance(audit="noisy_pairs").metadata()
    columns = {"low": [0.0, 1.0], "high": [1.0, 2.0], "observed": [0.8, 0.2], "random": [0.1, 0.9]}
    store.write(
        pa.table(columns).replace_schema_metadata(made), run / "noisy_pairs" / "histogram.parquet"
    )
    told = page.page(read(run))
    assert "How suspicious the pairs are" in told
    assert "randomly re-paired" in told


def test_an_audit_with_no_rows_is_still_a_section(tmp_path):
    run = run_folders.noisy(tmp_path / "r")
    table = to_table(
        [], run_folders.Plain, Provenance(audit="adaptivity", headline="Nothing was measured.")
    )
    store.write(table, run / "adaptivity" / "summary.parquet")
    told = page.page(read(run))
    assert "Nothing was measured." in told[told.index('id="varying"') :]


def test_open_intervals_are_told_and_drawn_without_their_ends(tmp_path):
    inf = float("inf")
    rows = [
        run_folders.row(
            r.metric,
            run_folders.Estimate(r.estimate.value, -inf, inf, 1),
            r.condition,
            r.corruption,
            r.severity,
        )
        for r in sweep("mae", "mae_rise", "lower", "area_under_curve")
    ]
    told = page.page(read(run_folders.make(tmp_path / "r", rows=rows)))
    assert "mae by severity: image" in told
    assert "[0.000, inf]" in told
    drawn = " ".join(re.findall(r"<(?:path|circle|rect|text) [^>]*>", told))
    assert "nan" not in drawn
    assert "inf" not in drawn
