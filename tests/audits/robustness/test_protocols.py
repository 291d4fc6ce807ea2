"""Protocols of absence: the papers' names and rates, on data of which some is absent already."""

import numpy as np
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.audits.robustness.patterns import own
from mmaudit.audits.robustness.protocols import names, protocols
from mmaudit.errors import UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.samples import dataset as data
from mmaudit.tables.run import read

SIDES = ("left", "right")
N = 400
MODEL = """
import numpy as np
class Mean:
    modalities, classes, accepts_missing = ("left", "right"), ("a", "b"), True
    def scores(self, batch, present):
        total = sum(np.nan_to_num(batch[m]).mean(1) * present[m] for m in self.modalities)
        p = 1 / (1 + np.exp(-2 * total))
        return np.stack([1 - p, p], 1).astype(np.float32)
def factory():
    return Mean()
"""


def written(folder, natural=0.0, n=N):
    """A dataset of two vectors; a share of `right` is absent to begin with."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    x = {m: rng.normal(2.0 * labels[:, None] - 1, 1.5, (n, 4)).tolist() for m in SIDES}
    gone = int(natural * n)
    x["right"][:gone] = [None] * gone
    table = {"id": [f"r{i:03d}" for i in range(n)], "label": [("a", "b")[k] for k in labels], **x}
    (folder / "model.py").write_text(MODEL)
    return vector_files.write(folder, table, *SIDES, target=vector_files.CLASS_OF_LABEL)


def sweep(folder, **options):
    asked = {"corruptions": ("vector/gaussian_noise",), "severities": (3,), "replicates": 50}
    return mm.robustness(
        folder / "dataset.toml",
        f"python:{folder / 'model.py'}:factory",
        quiet=True,
        **asked | options,
    )


def notes(run):
    return read(run.path, "robustness").origin.notes


def rates(run):
    rows = run["robustness/absent_rates"].to_pandas().to_dict("records")
    return {(r["condition"], r["rate"], r["modality"]): r for r in rows}


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    folder = tmp_path_factory.mktemp("complete")
    written(folder)
    return folder


@pytest.fixture(scope="module")
def natural(tmp_path_factory):
    folder = tmp_path_factory.mktemp("natural")
    written(folder, 0.25)
    return folder


def specs(*texts, modalities=("image", "text")):
    return [p.spec for p in protocols(texts, modalities)]


def test_the_literature_s_names_mean_its_parameters():
    assert specs("mmp:text", "mmp:both", "psp", "severe:text", "brats15") == [
        "missing/mmp:row_rate=0.7@text",
        "missing/mmp:row_rate=0.7",
        "missing/psp:complete_prop=0.5",
        "missing/severe:available=0.1@text",
        "missing/brats15:row_rate=1",
    ]


def test_numbers_and_parameters_that_a_comma_cut_go_together():
    assert specs("random-rate:0.3", "rates:image=0.5", "text=0.1") == [
        "missing/random_rate:missing_rate=0.3",
        "missing/rates:image=0.5,text=0.1",
    ]
    assert specs("patterns:row_rate=0.5,probabilities=[0.8", "0.2]") == [
        "missing/patterns:row_rate=0.5,probabilities=[0.8,0.2]"
    ]
    assert specs("mmp:0.3:text") == specs("mmp:text:0.3") == ["missing/mmp:row_rate=0.3@text"]
    assert specs("rates:text=0.25", modalities=("left camera", "text")) == [
        "missing/rates:text=0.25"
    ]


def test_every_protocol_has_a_form_without_parameters():
    for name in names():
        (one,) = protocols((name,), ("image", "text"))
        assert one.plan.makes == "mask"
        assert specs(one.spec.removeprefix("missing/")) == [one.spec]


@pytest.mark.parametrize(
    ("text", "says", "fix"),
    [
        ("mpp:text", "no protocol 'mpp'", "mmp"),
        ("mmp:txet", "names neither a modality", "text"),
        ("rates:imag=0.3", "neither a modality nor a parameter 'imag'", "image"),
        ("mmp:rate=0.1", "no parameter 'rate'", "row_rate"),
        ("random-rate:1.5", "cannot be 1.5", "0 to 1"),
        ("subset:text", "absent from all samples", "--missing"),
    ],
)
def test_what_is_not_known_is_answered_with_what_is(text, says, fix):
    with pytest.raises(UsageError, match=says) as refused:
        specs(text)
    assert fix in str(refused.value)


def test_rates_are_exact_on_complete_data(complete):
    run = sweep(
        complete, protocol=("mmp:right", "psp:0.5", "rates:left=0.5,right=0.1", "random-rate:0.3")
    )
    found = rates(run)
    for row in found.values():
        assert row["realised"] == pytest.approx(row["requested"]), row
        assert row["before"] == 0
    assert found["missing/mmp:row_rate=0.7@right", "absent", "right"]["realised"] == 0.7
    assert found["missing/mmp:row_rate=0.7@right", "absent", "left"]["realised"] == 0
    assert found["missing/psp:complete_prop=0.5", "incomplete", ""]["realised"] == 0.5
    assert found["missing/psp:complete_prop=0.5", "empty", ""]["realised"] == 0
    unequal = "missing/rates:left=0.5,right=0.1"
    assert [found[unequal, "absent", m]["taken"] for m in SIDES] == [200, 40]
    assert found["missing/random_rate:missing_rate=0.3", "cells", ""]["taken"] == 240
    assert not [note for note in notes(run) if "asks for" in note]


def test_what_is_absent_stays_absent_and_what_cannot_be_is_said(natural):
    run = sweep(natural, protocol=("mmp:right", "random-rate:0.7"))
    found, mmp = rates(run), "missing/mmp:row_rate=0.7@right"
    row = found[mmp, "absent", "right"]
    assert row["before"] == 0.25
    assert row["realised"] == pytest.approx(0.25 + row["taken"] / N)
    assert 0.7 < row["realised"] < 0.85  # seven tenths of all, whether it was there or not
    most = found["missing/random_rate:missing_rate=0.7", "cells", ""]
    assert most["requested"] == 0.7
    assert most["realised"] == 0.5  # one of two stays in each
    said = " ".join(notes(run))
    assert f"{mmp} asks for 70.0% of samples without some modality, and there are" in said
    assert "missing_rate=0.7 asks for 70.0% of all values absent, and there are 50.0%" in said


def test_samples_that_are_left_with_nothing_are_counted(natural):
    run = sweep(natural, protocol=("mmp:left:1",))
    row = rates(run)["missing/mmp:row_rate=1@left", "empty", ""]
    assert (row["requested"], row["realised"], row["taken"]) == (0, 0.25, 100)


def test_the_same_absence_as_corrupt_makes(natural, tmp_path):
    """A condition's name is what ``corrupt --apply`` takes, with the same samples hit."""
    spec = "missing/rates:left=0.5,right=0.2"
    run = sweep(natural, protocol=(spec.removeprefix("missing/"),))
    samples = run["robustness/samples"].to_pandas()
    touched = samples[(samples.condition == spec) & samples.touched].id
    options = CorruptOptions(apply=(spec,))
    corrupt_dataset(natural / "dataset.toml", tmp_path / "out", options, quiet=True)
    table = parquet.read_table(tmp_path / "out" / "ledger.parquet").to_pandas()
    assert set(touched) == set(table[table.applied].id)


def test_each_policy_asks_each_protocol(complete):
    run = sweep(complete, protocol=("psp",), absent=("zeros", "mean"))
    conditions = set(run["robustness/summary"].to_pandas().condition)
    assert {f"missing/psp:complete_prop=0.5 ({p})" for p in ("zeros", "mean")} <= conditions


def test_own_patterns_come_the_most_frequent_first(natural, tmp_path):
    patterns = own(data.open(natural / "dataset.toml"), SIDES)
    assert list(patterns.counts.items()) == [(SIDES, 300), (("left",), 100)]
    assert patterns.incomplete == (("left",),)
    run = sweep(natural, missing=True, patterns="own", split="all")
    conditions = set(run["robustness/summary"].to_pandas().condition)
    assert {c for c in conditions if c.startswith("present:")} == {"present:left"}
    row = rates(run)["present:left", "pattern", ""]
    assert (row["occurs"], row["before"], row["realised"], row["taken"]) == (0.25, 0.25, 1, 300)


def test_complete_data_has_no_patterns_of_its_own(complete):
    with pytest.raises(UsageError, match="no pattern of absence of its own"):
        sweep(complete, missing=True, patterns="own")
    with pytest.raises(UsageError, match="which sets --missing asks"):
        sweep(complete, patterns="own")


def test_other_conditions_do_not_change_by_it(natural, tmp_path):
    """Beside protocols every number of the subsets stays."""
    plain = sweep(natural, missing=True)["robustness/summary"].to_pandas()
    more = sweep(natural, missing=True, protocol=("psp",))["robustness/summary"].to_pandas()
    assert more[more.condition.isin(plain.condition)].reset_index(drop=True).equals(plain)


def test_workers_and_order_make_the_same_tables(natural, tmp_path):
    asked = {"protocol": ("random-rate:0.3", "rates:left=0.5"), "joint_missing": True}
    whole = sweep(natural, out=tmp_path / "one", **asked)
    sweep(natural, out=tmp_path / "two", workers=2, **asked)
    turned = tmp_path / "turned"
    turned.mkdir()
    for name in ("dataset.toml", "model.py"):
        (turned / name).write_text((natural / name).read_text())
    rows = parquet.read_table(natural / "rows.parquet")
    parquet.write_table(rows.take(list(range(len(rows)))[::-1]), turned / "rows.parquet")
    back = sweep(turned, **asked)
    for table in ("summary", "absent_rates"):
        path = f"robustness/{table}.parquet"
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()
        there = whole[f"robustness/{table}"].to_pandas()
        assert back[f"robustness/{table}"].to_pandas().equals(there), table


def test_the_command_says_what_it_asks(natural, tmp_path):
    done = mmaudit(
        *("robustness", natural / "dataset.toml", "--out", tmp_path / "run"),
        *("--model", f"python:{natural / 'model.py'}:factory", "--corruptions"),
        *("vector/gaussian_noise", "--severities", "3", "--replicates", "50", "--missing"),
        *("--patterns", "own", "--protocol", "rates:left=0.5,right=0.1,mmp:right"),
    )
    assert done.returncode == 0, done.stderr
    assert "6 conditions x 400 samples" in done.stderr
    assert "patterns of 400 samples: left+right 75.0%, left 25.0%" in done.stderr
    shown = mmaudit("robustness", "--help").stdout
    assert not [name for name in names() if name not in shown]
