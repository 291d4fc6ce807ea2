"""Flips: answers that differ from the clean one, and those that damage destroyed or repaired.

What was destroyed less what was repaired is how far the share of right answers fell: a drop of 0
may be many answers lost and as many won.
"""

import numpy as np

from mmaudit.arrays import Bools
from mmaudit.audits.robustness.answers import TRUTH, Task
from mmaudit.audits.robustness.answers_by_condition import Arrays

FLIP_RATE, DESTROYED, REPAIRED = "flip_rate", "destroyed_rate", "repaired_rate"


def changes(task: Task, clean: Arrays, answers: Arrays) -> dict[str, Bools]:
    """Which answers changed and how, ``(n,)`` by metric; none where no answer is right or wrong.

    Args:
        task: What the columns mean.
        clean: The clean answers.
        answers: Those of the same samples under a condition.
    """
    before, after = correct(task, clean), correct(task, answers)
    if before is None or after is None:
        return {}
    unchanged = same(task, clean, answers)
    flips = {FLIP_RATE: ~unchanged} if task.kind == "class" and unchanged is not None else {}
    return {**flips, DESTROYED: before & ~after, REPAIRED: ~before & after}


def correct(task: Task, answers: Arrays) -> Bools | None:
    """Which answers are right, ``(n,)``: the class, or all labels; None of numbers and pairs."""
    if task.kind == "class":
        return np.asarray(answers["prediction"] == answers["label"], np.bool_)
    if task.kind == "multilabel":
        each = _labels(answers) == answers[TRUTH].astype(np.bool_)
        return np.asarray(each.all(axis=1), np.bool_)
    return None


def same(task: Task, clean: Arrays, answers: Arrays) -> Bools | None:
    """Which answers are the clean ones, ``(n,)``: the class, or all labels; None of the others."""
    if task.kind == "class":
        return np.asarray(clean["prediction"] == answers["prediction"], np.bool_)
    if task.kind == "multilabel":
        return np.asarray((_labels(clean) == _labels(answers)).all(axis=1), np.bool_)
    return None


def _labels(answers: Arrays) -> Bools:
    """Which labels are answered, ``(n, label)``."""
    return np.asarray(answers["probabilities"] > 0.5, np.bool_)
