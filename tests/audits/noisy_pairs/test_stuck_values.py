"""A value that is stuck cannot look clean, and copies are no further evidence: the whole command."""

import numpy as np
import pytest

from clip_like import clip_like, unit
from mmaudit.errors import IncompleteError
from mmaudit.runs.filter import filtered
from mmaudit.tables.provenance import provenance
from pair_files import audited, summary, written

N = 1000


def told(run):
    return provenance(run["noisy_pairs/summary"].arrow().schema.metadata).headline


@pytest.mark.parametrize("near", [False, True])
def test_one_wrong_caption_in_a_tenth_of_the_rows_is_named_flagged_and_counted(tmp_path, near):
    left, right, _ = clip_like(N)
    rng = np.random.default_rng(0)
    rows = rng.permutation(N)[:100]
    stuck = right[rows[0]] + (0.015 * rng.normal(size=(100, 160)) if near else 0.0)
    right[rows] = unit(np.broadcast_to(stuck, (100, 160)))
    run = audited(written(tmp_path, left, right))
    wrong = np.isin(np.arange(N), rows[1:])
    flagged = np.array(run["noisy_pairs/samples"].arrow()["flagged"])
    assert flagged[wrong].mean() > 0.95
    assert flagged[~wrong].mean() < 0.01
    numbers = summary(run)
    assert abs(numbers["noise_rate"]["value"] - 0.1) < 0.02
    assert numbers["noise_rate"]["low"] > 0.09
    assert numbers["noise_rate_upper"]["value"] >= 0.1
    assert told(run).startswith("Verdict: noisy")
    assert "one value on the right stands in 100 rows" in told(run)
    score = np.array(run["noisy_pairs/samples"].arrow()["score"])
    assert score[wrong].min() > np.median(score[~wrong])


def test_copies_of_one_side_are_no_further_evidence(tmp_path):
    """200 photos with five identical vectors each were called clean by 1,000 pairs."""
    rng = np.random.default_rng(1)
    item = rng.normal(size=(200, 96))
    left = np.repeat(unit(item + rng.normal(size=item.shape)), 5, axis=0)
    right = unit(np.repeat(item, 5, axis=0) + rng.normal(size=(N, 96)))
    numbers = summary(audited(written(tmp_path, left, right)))
    assert numbers["noise_rate"]["n"] == 200
    none_of_200 = 2 * (1 - (0.7 * 0.025) ** (1 / 200))
    assert numbers["noise_rate_upper"]["value"] == pytest.approx(none_of_200, rel=0.01)


def test_weak_sides_that_match_are_not_called_noisy_and_are_not_filtered(tmp_path):
    """Two sides of six shared dimensions in noise: what is not recognised is not mismatched."""
    rng = np.random.default_rng(0)
    item = rng.normal(size=(600, 6))
    sides = [
        np.c_[item + 1.3 * rng.normal(size=(600, 6)), rng.normal(size=(600, 20))] for _ in "ab"
    ]
    dataset = written(tmp_path, *(side.astype(np.float32) for side in sides))
    run = audited(dataset, out=tmp_path / "run", space="separate")
    assert told(run).startswith("Verdict: not identifiable")
    assert summary(run)["flagged_rate"]["value"] == 0
    assert summary(run)["noise_rate"]["low"] == 0
    assert not len(run["noisy_pairs/drop"].arrow())
    with pytest.raises(IncompleteError, match="nothing can be told"):
        filtered(run.path, dataset, tmp_path / "out", quiet=True)
    forced = audited(dataset, space="separate", force=True)
    assert summary(forced)["flagged_rate"]["value"] > 0


def test_zeros_are_no_values_and_are_counted(tmp_path):
    left, right, _ = clip_like(300, 96)
    left[:7], right[5:12] = 0, 0
    run = audited(written(tmp_path, left, right))
    assert len(run["noisy_pairs/samples"].arrow()) == 288
    notes = provenance(run["noisy_pairs/summary"].arrow().schema.metadata).notes
    assert any("12 samples have a vector of zeros" in note for note in notes)
    table = run["noisy_pairs/thresholds"].arrow().to_pydict()
    assert (np.diff(table["kept"]) <= 0).all()
    assert summary(run)["cosine_threshold"]["value"] in table["cosine"]
