"""Facts: how sure answers are, whether they are right, and what policies would have answered."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.audits.adaptivity.answers import SubsetAnswers
from mmaudit.audits.adaptivity.damage.damage import LEVELS, Done
from mmaudit.measures.balance.beliefs import beliefs
from mmaudit.measures.trust.confidence import conflict
from mmaudit.measures.trust.entropy import entropy
from mmaudit.measures.trust.evidence import belief_conflict, vacuity

Columns = dict[str, pa.Array]
DROPS = range(1, LEVELS)  # severities from which on a policy drops a modality


def answer_columns(
    answers: SubsetAnswers, modalities: tuple[str, ...], labels: Ints | None, side: str
) -> Columns:
    """How sure the answers of classes are, with everything and with each modality alone.

    Args:
        answers: What the model said, probabilities of classes.
        modalities: Their names.
        labels: Column of the true class, ``(sample,)``; None without labels.
        side: ``clean`` or ``damaged``.
    """
    present, last = answers.present, (1 << len(modalities)) - 1
    whole = answers.scores[last]
    alone = np.stack([answers.scores[1 << m] for m in range(len(modalities))], axis=1)
    columns: Columns = {
        f"confidence_{side}": pa.array(whole.max(axis=1).astype(np.float64)),
        f"entropy_{side}": _floats(entropy(whole)),
        f"conflict_{side}": _floats(conflict(alone, present)),
    }
    for k, m in enumerate(modalities):
        surest = np.where(present[:, k], alone[:, k].max(axis=1), np.nan)
        columns[f"confidence_{side}_{m}"] = _floats(surest)
        unsure = np.where(present[:, k], entropy(alone[:, k]), np.nan)
        columns[f"entropy_{side}_{m}"] = _floats(unsure)
    if answers.evidence is not None:
        open_mass = vacuity(answers.evidence)
        there: Bools = np.isfinite(open_mass)
        columns[f"belief_conflict_{side}"] = _floats(belief_conflict(answers.evidence, there))
        for k, m in enumerate(modalities):
            columns[f"vacuity_{side}_{m}"] = _floats(open_mass[:, k])
    if labels is None:
        return columns
    columns[f"right_{side}"] = pa.array(whole.argmax(axis=1) == labels)
    for k, m in enumerate(modalities):
        loss = beliefs(alone[:, k], labels, spread=False).loss
        columns[f"loss_alone_{side}_{m}"] = _floats(np.where(present[:, k], loss, np.nan))
    return columns


def policy_columns(
    answers: SubsetAnswers,
    modalities: tuple[str, ...],
    labels: Ints | None,
    what: Mapping[str, Done],
) -> Columns:
    """Whether the answers of other policies to the damaged samples are right.

    ``right_oracle``: with everything, or without the one damaged modality that spoils it.
    ``right_fixed``: the mean of the probabilities of each modality alone. ``right_from_S``: without
    what was damaged at severity S or more; with everything where nothing else is left.

    Args:
        answers: What the model said of them; every coalition's answer is needed.
        modalities: Their names.
        labels: Column of the true class, ``(sample,)``.
        what: What was done.
    """
    right = answers.right
    if right is None or labels is None:
        return {}
    last, rows = (1 << len(modalities)) - 1, np.arange(len(labels))
    severity = _severities(modalities, what, len(labels))
    oracle = right[:, last].copy()
    for k in range(len(modalities)):
        oracle |= (severity[:, k] > 0) & right[:, last ^ (1 << k)]
    columns: Columns = {"right_oracle": pa.array(oracle)}
    columns["right_fixed"] = pa.array(_mean_alone(answers) == labels)
    bits = 1 << np.arange(len(modalities))
    for level in DROPS:
        stay = answers.present & (severity < level)
        number = np.where(stay.any(axis=1), stay @ bits, last)
        columns[f"right_from_{level}"] = pa.array(right[rows, number])
    return columns


def _severities(modalities: tuple[str, ...], what: Mapping[str, Done], n: int) -> NDArray[np.int64]:
    columns = [what[m].severity if m in what else np.zeros(n) for m in modalities]
    return np.stack(columns, axis=1).astype(np.int64)


def _mean_alone(answers: SubsetAnswers) -> Ints:
    """The class that the mean of what each modality says alone is for."""
    count = answers.present.shape[1]
    alone = np.stack([answers.scores[1 << m] for m in range(count)], axis=1)
    there: Bools = answers.present[..., None]
    return np.asarray(np.where(there, alone, 0.0).sum(axis=1).argmax(axis=1))


def _floats(values: Floats) -> pa.Array:
    return pa.array(np.asarray(values, np.float64), pa.float64(), mask=np.isnan(values))
