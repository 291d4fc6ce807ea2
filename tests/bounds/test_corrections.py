"""P-values of a family are corrected once, for the gate and for the audits."""

from mmaudit.bounds.corrections import holm


def rejected(p_values, alpha):
    return [p < alpha for p in holm(p_values)]


def test_holm_by_hand():
    assert rejected([0.01, 0.04, 0.03], 0.05) == [True, False, False]
    assert rejected([0.01, 0.02, 0.03], 0.05) == [True, True, True]
    assert rejected([], 0.05) == []
    assert holm([0.5, 0.9]) == [1.0, 1.0]
