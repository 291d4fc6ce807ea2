"""The combined score: never falls in a column, and is fitted out of fold."""

import numpy as np

from clip_like import sides
from mmaudit.measures.pairs.detectors import combined


def test_the_combined_score_never_falls_in_any_column():
    rng = np.random.default_rng(0)
    null, observed = rng.normal(size=(500, 3)), rng.normal(0.8, 1.5, size=(400, 3))
    classifier = combined.fit(observed, null)
    for column in range(3):
        rows = np.zeros((50, 3))
        rows[:, column] = np.linspace(-6, 8, 50)
        assert (np.diff(classifier(rows)) >= 0).all()


def test_the_combined_score_of_a_pair_does_not_depend_on_it():
    made, _ = sides(200)
    rng = np.random.default_rng(1)
    observed = combined.Columns(rng.normal(1, 1, (200, 2)), made.fold)
    null = combined.Columns(rng.normal(0, 1, (200, 2)), made.fold)
    before, _ = combined.combine(observed, null)
    changed = observed.values.copy()
    fold = made.fold == 2
    changed[fold] = changed[fold][::-1]
    after, _ = combined.combine(combined.Columns(changed, made.fold), null)
    np.testing.assert_array_equal(before[fold][::-1], after[fold])
