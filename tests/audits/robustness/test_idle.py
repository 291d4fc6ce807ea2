"""What a pattern chose and changes nothing is left out, aloud; what was named was not tested."""

import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
from mmaudit.audits.robustness.conditions import Condition, Treatment
from mmaudit.audits.robustness.idle import idle, moved
from mmaudit.errors import IncompleteError
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.rows import Estimate

IDLE, ACTIVE = (
    "text/keyboard",
    "text/char_delete",
)  # on texts of letters that no keyboard of ours has
PATTERN = "text/[ck]*d*"  # both
CLASSES = ("even", "odd")


class Length:
    """Answers with the parity that a text's length had, and says how often it was asked."""

    modalities = ("caption",)
    classes = CLASSES
    accepts_missing = True

    def __init__(self):
        self.asked = 0

    def scores(self, batch, present):
        self.asked += 1
        odd = np.array([len(text or "") % 2 for text in batch["caption"]])
        return np.eye(2, dtype=np.float32)[odd] * 0.8 + 0.1


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tamil")
    texts = [f"{'சிவப்புப் பறவை' * (1 + i % 3)}{'அ' * (i % 2)}" for i in range(60)]
    labels = [CLASSES[len(text) % 2] for text in texts]
    table = {"id": [f"r{i}" for i in range(60)], "caption": texts, "label": labels}
    parquet.write_table(pa.table(table), folder / "rows.parquet")
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "tamil"\n[source]\npath = "rows.parquet"\nid = "id"\n'
        '[modality.caption]\nkind = "text"\ncolumn = "caption"\n'
        '[target]\ncolumn = "label"\nkind = "class"\n'
    )
    return folder / "dataset.toml"


def sweep(data, *patterns, **options):
    given = {"severities": (1, 5), "replicates": 20, "quiet": True, "workers": 1} | options
    return mm.robustness(data, Length(), corruptions=patterns, **given)


def verdict(run, metric, **limit):
    gate = config.build({"check": [{"metric": f"robustness.{metric}", **limit}]}, "gate.toml")
    made = judge(getattr(run, "path", run), gate)
    return made, made.results[0]


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return sweep(data, PATTERN, out=tmp_path_factory.mktemp("run") / "run")


def test_the_rest_is_what_it_would_be_without_it(data, run):
    table = run["robustness/summary"].to_pandas()
    there = table[table.corruption == IDLE]
    assert set(there.metric) == {"touched_rate", "mean_dose"}
    assert (there[there.metric == "touched_rate"]["estimate.value"] == 0).all()
    alone = sweep(data, ACTIVE)["robustness/summary"].to_pandas()
    kept = table[table.corruption != IDLE]
    assert kept.reset_index(drop=True).equals(alone[kept.columns].reset_index(drop=True))


def test_it_is_told_and_kept_with_the_run(run):
    says = f"Left out, because no sample is changed by it: {IDLE}@caption (of {PATTERN})."
    source = run["robustness/summary"].arrow().schema.metadata[b"mmaudit"]
    assert says in json.loads(source)["notes"]
    log = json.loads((run.path / "run.json").read_text())
    assert log["audits"]["robustness"]["left_out"] == [says]
    assert says in mm.report(run).read_text("utf-8")


def test_a_model_is_not_asked_again_about_the_same_samples(data):
    model = Length()
    given = {"severities": (1,), "replicates": 20, "quiet": True, "workers": 1}
    mm.robustness(data, model, corruptions=(PATTERN,), **given)
    asked, other = model.asked, Length()
    mm.robustness(data, other, corruptions=(ACTIVE,), **given)
    assert asked == other.asked


def test_a_named_corruption_that_changes_nothing_is_no_answer(data, tmp_path):
    with pytest.raises(IncompleteError, match=f"not tested: {IDLE}:1@caption") as refusal:
        sweep(data, IDLE, "text/char_*", out=tmp_path / "run")
    assert refusal.value.exit_code == 5
    made, one = verdict(tmp_path / "run", "accuracy{corruption=text/*,severity=1}", min=0.01)
    assert (made.exit_code, one.passed_over) == (5, 0)  # the sweep named it
    assert "changed none of 60 samples" in one.cells[0].reason


def test_a_pattern_of_which_nothing_changes_anything_is_no_answer(data):
    with pytest.raises(IncompleteError, match="stands for changed a sample"):
        sweep(data, "text/[kc][ea][ys]*", ACTIVE)


def test_a_gate_by_a_pattern_passes_it_over_and_counts_it(run):
    made, one = verdict(run, "accuracy{corruption=text/*,severity=*}", min=0.01)
    assert (made.exit_code, one.passed_over, one.family) == (0, 2, 2)
    assert one.aside == "2 conditions passed over, which changed no sample"


@pytest.mark.parametrize(
    "filters", [f"corruption={IDLE},severity=1", f"condition={IDLE}:5@caption", "corruption=*/key*"]
)
def test_a_gate_that_means_it_alone_is_not_tested(run, filters):
    made, one = verdict(run, f"accuracy{{{filters}}}", min=0.01)
    assert made.exit_code == 5
    assert one.cells[0].reason.startswith(f"not tested: {IDLE}:")


def doing(rates):
    """Conditions that changed these shares of the samples, and what the sweep says of that."""
    cells = [Condition(name="clean", present=("a",))]
    for (corruption, severity), _ in rates.items():
        cells.append(
            Condition(
                name=f"{corruption}:{severity}@a",
                modality="a",
                corruption=corruption,
                severity=severity,
                present=("a",),
                changes=(Treatment("a", corruption, severity),),
            )
        )
    done = {
        c.name: {"all": {"touched_rate": Estimate(rate, rate, rate, 10)} if rate >= 0 else {}}
        for c, rate in zip(cells[1:], rates.values(), strict=True)
    }
    return cells, done


def test_one_mild_severity_alone_leaves_nothing_out():
    cells, done = doing({(IDLE, 1): 0.0, (IDLE, 5): 0.1})
    assert idle(cells, done, ["text/*"]) == idle(cells, {}, ["text/*"])
    assert idle(cells, done, [IDLE]).untested.startswith(f"{IDLE}:1@a")


def test_what_was_not_looked_at_is_not_left_out():
    cells, done = doing({(IDLE, 1): -1})
    assert not idle(cells, done, ["*/*"]).aside
    assert moved(None)
    assert moved(done[cells[1].name])
