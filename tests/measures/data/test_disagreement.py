"""Who is sure of another class is told from who is not, by the margins of right answers."""

import numpy as np

from mmaudit.measures.data.disagreement import disagreement

LABELS = np.tile([0, 1], 20)


def answers(margins, tops=LABELS):
    """Probabilities of two classes by their margin, ``(n,)``, and which is likelier."""
    high = (1 + np.asarray(margins)) / 2
    return np.where(np.arange(2) == tops[:, None], high[:, None], 1 - high[:, None])


def test_a_contradiction_counts_where_both_are_as_sure_as_half_of_the_right_answers():
    tops = LABELS.copy()
    tops[[0, 1]] = 1 - tops[[0, 1]]
    margins = np.full(40, 0.5)
    margins[0], margins[1] = 0.8, 0.2
    pair = disagreement(answers(np.full(40, 0.6)), answers(margins, tops), LABELS)
    assert np.flatnonzero(pair.sure).tolist() == [0]
    assert np.flatnonzero(pair.score).tolist() == [0, 1]
    assert np.allclose(pair.score[:2], [0.6, 0.2])
    assert pair.classes[0].tolist() == [0, 1]
    assert pair.accurate  # 38 of 40


def test_what_is_wrong_often_accuses_nobody():
    tops = LABELS.copy()
    tops[:3] = 1 - tops[:3]
    margins = np.where(np.arange(40) < 3, 0.2, 0.5)
    one = answers(np.full(40, 0.5))
    assert not disagreement(one, answers(margins, tops), LABELS).accurate
    assert disagreement(one, answers(np.full(40, 0.5), tops), LABELS).accurate  # all three are sure


def test_an_absent_value_contradicts_nothing():
    absent = answers(np.full(40, 0.5), 1 - LABELS)
    absent[:39] = np.nan
    pair = disagreement(answers(np.full(40, 0.5)), absent, LABELS)
    assert pair.score[:39].tolist() == [0] * 39
    assert not pair.sure.any()  # no right answer says how sure is sure
    assert pair.classes[0].tolist() == [0, -1]
    none = disagreement(absent * np.nan, absent, LABELS)
    assert not none.accurate
