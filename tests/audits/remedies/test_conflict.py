"""What is drawn of the conflict: who shows a modality of the next class, and who has noise."""

import numpy as np

from mmaudit.audits.remedies.conflict import NOISY, SHARE, SPREAD, conflict_of
from mmaudit.audits.remedies.features import FeatureRows, FeatureView

N, CLASSES = 4000, 4


def rows():
    rng = np.random.default_rng(0)
    views = {
        m: FeatureView(rng.random((N, 5)).astype(np.float32) * k, rng.random(N) > 0.1)
        for k, m in enumerate("abc", 1)
    }
    return FeatureRows(
        ids=[f"r{i}" for i in range(N)],
        labels=rng.integers(0, CLASSES, N),
        groups=None,
        clean=views,
        damaged={},
        skipped=(),
    )


def test_a_share_of_the_samples_shows_one_modality_of_the_next_class():
    of = rows()
    swap = conflict_of(of, of.clean, CLASSES, 0).swap
    hit = swap.modality >= 0
    assert hit.sum() == round(SHARE * N)
    assert (of.labels[swap.donor[hit]] == (of.labels[hit] + 1) % CLASSES).all()
    assert (swap.donor[~hit] == np.flatnonzero(~hit)).all()


def test_a_tenth_has_noise_of_half_the_range_in_none_to_all_but_one_of_its_modalities():
    of = rows()
    noise = conflict_of(of, of.clean, CLASSES, 0).noise
    several = np.zeros(N)
    for k, (m, at) in enumerate(noise.rows.items(), 1):
        several[at] += 1
        assert of.clean[m].present[at].all()
        added = (noise.values[m] - of.clean[m].values[at]) / k
        assert abs(added.std() / SPREAD - 1) < 0.1
        assert abs(added.mean()) < 0.05
    assert several.max() == 2
    # of a tenth each number of modalities from 0 to 2 is as likely, and a tenth of them is absent
    assert abs(several.mean() - NOISY * 0.9) < 0.01


def test_it_is_drawn_once_a_seed():
    of = rows()
    one, same, other = (conflict_of(of, of.clean, CLASSES, seed) for seed in (0, 0, 1))
    assert (one.swap.modality == same.swap.modality).all()
    assert all(np.array_equal(one.noise.values[m], same.noise.values[m]) for m in "abc")
    assert not (one.swap.modality == other.swap.modality).all()
