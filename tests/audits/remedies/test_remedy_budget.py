"""A budget of minutes: what fits is trained, what does not is said, and a resumed run keeps to it."""

import pyarrow.parquet as pq
import pytest

import mmaudit as mm
import two_vectors
from command import mmaudit
from mmaudit.audits.remedies import cost
from mmaudit.errors import UsageError
from mmaudit.tables import log
from mmaudit.tables.provenance import provenance

HOW = {"steps": 10, "width": 4, "seeds": 3, "quiet": True}
METHODS = ("balance/ogm_ge", "balance/mmpareto", "dynamic/tmc")
DEAR = "balance/mmpareto"


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    path = two_vectors.make(tmp_path_factory.mktemp("budget"), 160)
    text = path.read_text().replace('slices = ["half"]', 'split = "half"')
    path.write_text(text)
    table = pq.read_table(path.parent / "rows.parquet")
    half = [{"even": "train", "odd": "test"}[h] for h in table["half"].to_pylist()]
    table = table.set_column(table.column_names.index("half"), "half", [half])
    pq.write_table(table, path.parent / "rows.parquet")
    return path


def seconds(each):
    """Every training takes so long, but for one that takes a hundred times as long."""
    return lambda contest, one, trials: cost.TrainingCost(each * 100 ** (one.name == DEAR), 0.0)


def methods(out):
    names = [row["method"] for row in rows(out) if row["metric"] == "passes"]
    return {n for n in names if not n.startswith("control/")}


def rows(out):
    return pq.read_table(out / "remedies" / "summary.parquet").to_pylist()


def says(out):
    schema = pq.read_schema(out / "remedies" / "summary.parquet")
    return " ".join(provenance(schema.metadata).notes), " ".join(
        log.read(out)["audits"]["remedies"]["says"]
    )


def test_what_does_not_fit_is_left_out_and_corrects_nothing(where, tmp_path, monkeypatch):
    """Its place is taken by what comes after it; verdicts are corrected for what was trained."""
    monkeypatch.setattr(cost, "_cost", seconds(1.0))
    run = mm.remedies(where, methods=METHODS, budget=1.0, out=tmp_path / "run", **HOW)
    assert methods(run.path) == {*METHODS} - {DEAR}
    notes, line = says(run.path)
    assert f"Left out by --budget 1: {DEAR}." in notes
    assert f"left out, for they do not fit: {DEAR} (5 min)" in line.replace("5.0 min", "5 min")
    plain = mm.remedies(
        where, methods=[m for m in METHODS if m != DEAR], out=tmp_path / "plain", **HOW
    )
    for row, other in zip(rows(run.path), rows(plain.path), strict=True):
        assert row == other


def test_a_run_that_is_gone_on_with_keeps_to_what_it_was_begun_with(where, tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "_cost", seconds(1.0))
    ask = {"methods": METHODS, "budget": 1.0, **HOW}
    whole = mm.remedies(where, out=tmp_path / "whole", **ask).path
    begun = mm.remedies(where, out=tmp_path / "begun", **ask).path
    (begun / "remedies" / "summary.parquet").unlink()
    (begun / "remedies" / "samples" / "000002.parquet").unlink()
    monkeypatch.setattr(cost, "_cost", seconds(1e-3))  # now everything would fit
    mm.remedies(where, out=begun, resume=True, **ask)
    for path in sorted(p.relative_to(whole) for p in (whole / "remedies").rglob("*.parquet")):
        assert (whole / path).read_bytes() == (begun / path).read_bytes(), path


def test_a_budget_in_which_no_method_fits_is_refused_with_one_that_is_enough(
    where, tmp_path, monkeypatch
):
    monkeypatch.setattr(cost, "_cost", seconds(10.0))
    with pytest.raises(UsageError) as refusal:
        mm.remedies(where, methods=METHODS, budget=1.0, out=tmp_path / "run", **HOW)
    enough = float(refusal.value.fix.split(",")[0].removeprefix("--budget "))
    run = mm.remedies(where, methods=METHODS, budget=enough, out=tmp_path / "run", **HOW)
    assert len(methods(run.path)) == 1


def test_the_command_tries_what_trainings_take_here(where, tmp_path):
    """Nothing fits into no time, and everything into a day."""
    ask = (
        "remedies",
        where,
        "--methods",
        METHODS[0],
        "--steps",
        "10",
        "--width",
        "4",
        "--seeds",
        "3",
    )
    done = mmaudit(*ask, "--budget", "0.00001", "--out", tmp_path / "none")
    assert done.returncode == 2
    assert "try: --budget" in done.stderr
    done = mmaudit(*ask, "--budget", "1440", "--out", tmp_path / "all")
    assert done.returncode == 0, done.stderr
    assert "in 1440 minutes" in done.stderr
    assert methods(tmp_path / "all") == {METHODS[0]}
    assert "Left out" not in done.stdout
    assert mmaudit(*ask, "--budget", "-1", "--out", tmp_path / "less").returncode == 2


def test_a_rehearsal_adds_up_what_each_training_takes(where, tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "_cost", seconds(60.0))
    from mmaudit.runs import config

    path = tmp_path / "audit.toml"
    path.write_text(
        f'schema = 1\ndataset = "{where}"\n[remedies]\nmethods = ["{METHODS[0]}"]\nsteps = 10\n'
    )
    lines = config.dry_run(path)
    (count,) = (line.split()[0] for line in lines if "methods, 5 seeds" in line)
    assert any(f"about {int(count) * 5} min" in line for line in lines)
