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
    flips = {}
    if task.kind == "class":
        flips[FLIP_RATE] = np.asarray(clean["prediction"] != answers["prediction"], np.bool_)
    return {**flips, DESTROYED: before & ~after, REPAIRED: ~before & after}


def correct(task: Task, answers: Arrays) -> Bools | None:
    """Which answers are right, ``(n,)``: the class, or all labels; None of numbers and pairs."""
    if task.kind == "class":
        return np.asarray(answers["prediction"] == answers["label"], np.bool_)
    if task.kind == "multilabel":
        same = (answers["probabilities"] > 0.5) == answers[TRUTH].astype(np.bool_)
        return np.asarray(same.all(axis=1), np.bool_)
    return None
