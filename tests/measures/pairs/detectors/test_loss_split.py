"""The split of losses finds mismatches, and none where there are none."""

from clip_like import sides
from mmaudit.measures.pairs import (
    detection,
)
from mmaudit.measures.pairs.detectors import loss_split


def test_the_split_of_losses_finds_mismatches():
    made, wrong = sides(2000, d=160)
    found = loss_split.split(made)
    assert detection.auroc(wrong, found.loss) > 0.85
    assert detection.auroc(wrong, -found.clean) > detection.auroc(wrong, found.loss)
    assert detection.f1(wrong, found.clean < 0.5) > 0.6
    assert found.bimodality.bic_gain > 500
    assert found.curves.shape == (loss_split.WARM + loss_split.DIVIDED, 2000)


def test_the_split_of_losses_names_nothing_on_clean_data():
    made, _ = sides(1000, share=0)
    found = loss_split.split(made)
    assert not found.noisy.any()
