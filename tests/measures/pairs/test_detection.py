import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from mmaudit.measures.pairs import detection
from mmaudit.seeds import words

DRAW = words(0, "test/detection")
TRUTH = DRAW.uniforms(500) < 0.3
SCORE = np.round(DRAW.normals(500, 1) + TRUTH, 1)  # with ties


def test_agrees_with_scikit_learn():
    assert detection.auroc(TRUTH, SCORE) == pytest.approx(roc_auc_score(TRUTH, SCORE))
    assert detection.average_precision(TRUTH, SCORE) == pytest.approx(
        average_precision_score(TRUTH, SCORE)
    )
    assert detection.f1(TRUTH, SCORE > 1) == pytest.approx(f1_score(TRUTH, SCORE > 1))


def test_one_kind_has_no_auroc():
    with pytest.raises(ValueError, match="both kinds"):
        detection.auroc(np.ones(3, bool), np.arange(3))
