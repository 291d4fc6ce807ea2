"""Flags need evidence that there is any mismatch at all."""

import numpy as np
import pytest

from clip_like import mismatched, unit
from mmaudit.tables.provenance import provenance
from pair_files import audited, summary, written

PHOTOS, TEXTS = 300, 5
SHOWS_NONE = "because the lower bound of 0% does not show that any pair is mismatched"


def captioned(folder, share=0.0):
    """Photos with five captions each, some of which say little of their photo."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(PHOTOS), TEXTS)
    n = len(group)
    item = rng.normal(size=(PHOTOS, 32))
    texts = unit(item[group] * rng.random((n, 1)) + 0.5 * rng.normal(size=(n, 32)))
    partner, _ = mismatched(n, share, 0)
    return written(
        folder,
        unit(item)[group],
        texts[partner],
        source='group = "photo"',
        photo=[f"photo-{i:03d}" for i in group],
        wrong=group[partner] != group,
    )


def flags(run):
    return np.array(run["noisy_pairs/samples"].arrow()["flagged"])


def headline(run):
    return provenance(run["noisy_pairs/summary"].arrow().schema.metadata).headline


def test_nothing_is_flagged_where_no_pair_is_shown_to_be_mismatched(tmp_path):
    """Captions that say little look like strangers, and every one of them is right."""
    found = audited(captioned(tmp_path), method="similarity", out=tmp_path / "run")
    told = summary(found)
    assert told["noise_rate"]["low"] == 0
    assert told["noise_rate_upper"]["value"] > 0.05
    samples = found["noisy_pairs/samples"].arrow()
    assert np.max(samples["lfdr"]) > 0.5
    assert not flags(found).any()
    assert told["flagged_rate"]["value"] == 0
    assert found["noisy_pairs/drop"].arrow().num_rows == 0
    assert headline(found).startswith("Verdict: undecided")
    assert f"0 of {PHOTOS * TEXTS} pairs are flagged {SHOWS_NONE}." in headline(found)


@pytest.mark.parametrize("asked", [{"force": True}, {"fraction": 0.1}, {"threshold": 0.2}])
def test_what_is_asked_for_is_flagged_all_the_same(tmp_path, asked):
    found = audited(captioned(tmp_path), method="similarity", **asked)
    assert summary(found)["noise_rate"]["low"] == 0
    assert flags(found).any()
    assert SHOWS_NONE not in headline(found)


def test_pairs_are_flagged_where_the_lower_bound_shows_mismatches(tmp_path):
    found = audited(captioned(tmp_path, 0.2), method="similarity", truth="wrong")
    told = summary(found)
    assert told["noise_rate"]["low"] > 0
    suspects = np.array(found["noisy_pairs/samples"].arrow()["lfdr_low"]) > 0.5
    np.testing.assert_array_equal(flags(found), suspects)
    assert flags(found).any()
    assert SHOWS_NONE not in headline(found)
