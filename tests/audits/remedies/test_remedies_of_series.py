"""Series have plain features: methods are trained on them, and what is trained takes series."""

import numpy as np
import pytest

import mmaudit as mm
import series_rows
from command import mmaudit
from mmaudit.remedies.saved import from_bytes

HOW = ("--methods", "generic/mta_analogue", "--seeds", "3", "--steps", "40", "--width", "8")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    dataset = series_rows.write(folder / "data", 200, 80)
    done = mmaudit("remedies", dataset, *HOW, "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return dataset, folder


def test_methods_learn_from_series_of_any_lengths(run):
    dataset, folder = run
    model = f"remedy:{folder / 'run/remedies/models/control/concat-0.safetensors'}"
    done = mm.contributions(dataset, model, out=folder / "shares", quiet=True)
    shares = {
        row["modality"]: row["estimate"]["value"]
        for row in done["contributions/summary"].arrow().to_pylist()
        if row["metric"] == "share"
    }
    assert shares["wave"] > 0.6


def test_attention_over_time_is_a_model_of_every_audit(run):
    """What is trained says in its file of how many steps features are, and takes series again."""
    dataset, folder = run
    path = folder / "run/remedies/models/generic/mta_analogue-0.safetensors"
    assert from_bytes(path.read_bytes(), "a file").context.steps == {"wave": 16, "other": 1}
    done = mmaudit(
        "robustness", dataset, "--model", f"remedy:{path}", "--missing", "--out", folder / "sweep"
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "run/remedies/recipe.py").exists()


def test_attention_over_time_is_refused_where_nothing_has_steps(tmp_path):
    dataset = series_rows.write(tmp_path, 60, 20)
    text = dataset.read_text()
    dataset.write_text(text.replace('[modality.wave]\nkind = "series"\ncolumn = "wave"\n', ""))
    done = mmaudit("remedies", dataset, *HOW, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "no modality has features of several steps" in done.stderr


def test_an_audit_says_how_right_they_are(run):
    _, folder = run
    rows = mm.Run(folder / "run")["remedies/summary"].arrow().to_pylist()
    right = [
        row["estimate"]["value"]
        for row in rows
        if (row["metric"], row["family"], row["method"]) == ("accuracy", "clean", "control/concat")
    ]
    assert np.mean(right) > 0.85


def test_a_check_of_labels_reads_series(run):
    """The class is in the series alone: without its features every label was a guess."""
    dataset, folder = run
    table = mm.inspect(dataset, out=folder / "inspect", quiet=True, split="all")
    rows = table["inspect/summary"].arrow().to_pylist()
    right = [row["estimate"]["value"] for row in rows if row["metric"] == "probe_accuracy"]
    assert right[0] > 0.85
