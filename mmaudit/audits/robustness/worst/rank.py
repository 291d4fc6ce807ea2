"""Rank: which of several answers about one sample is the worst."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools, Floats
from mmaudit.audits.robustness.answers import TRUTH, Columns, Task
from mmaudit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Badness:
    """How bad the answers about some samples are: by how much is wrong, then by the loss.

    So the worst of several answers is right only where all of them are.

    Attributes:
        wrong: 1 where the class is wrong; how many labels are; how far off a number is, ``(n,)``.
        loss: The loss, ``(n,)``.
    """

    wrong: Floats
    loss: Floats

    def beyond(self, other: "Badness") -> Bools:
        """Which answers are worse than the other ones, ``(n,)``."""
        level = self.wrong == other.wrong
        return (self.wrong > other.wrong) | (level & (self.loss > other.loss))

    def level(self, other: "Badness") -> Bools:
        """Which are as bad, ``(n,)``."""
        return (self.wrong == other.wrong) & (self.loss == other.loss)

    def where(self, mask: Bools, other: "Badness") -> "Badness":
        """This where a mask is set, else the other."""
        return Badness(
            np.where(mask, self.wrong, other.wrong), np.where(mask, self.loss, other.loss)
        )


def badness(task: Task, columns: Columns | pa.Table) -> Badness:
    """How bad answers are.

    Args:
        task: What is asked.
        columns: The columns of the answers, as `Task.columns` makes them.
    """
    loss = _floats(columns["loss"])
    if task.kind == "class":
        return Badness(1 - _floats(columns["correct"]), loss)
    if task.kind == "multilabel":
        truth, p = (
            _flat(columns[name]).reshape(len(loss), -1) for name in (TRUTH, "probabilities")
        )
        return Badness(((p > 0.5) != (truth > 0.5)).sum(axis=1).astype(np.float64), loss)
    off = np.abs(_floats(columns["prediction"]) - _floats(columns["label"]))
    return Badness(off, loss)


def check_single(task: Task, flag: str) -> None:
    """Refuse answers of which no single one is right or wrong.

    Raises:
        UsageError: The model answers with embeddings.
    """
    if task.kind == "embedding":
        raise UsageError(
            f"--{flag} looks for the worst answer about each sample, and an embedding is right or "
            "wrong among all pairs",
            fix=f"no --{flag}, or a model that answers about each sample",
        )


def _floats(column: Any) -> Floats:
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def _flat(column: Any) -> Floats:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return _floats(whole.flatten())
