"""Worst cases: for each sample the worst of its answers under the corruptions, and how often."""

import numpy as np
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files
from mmaudit.errors import UsageError
from places import PLACES  # noqa: F401  a guard that kits are importable

CLASSES = ("a", "b", "c")
CORRUPTIONS = ("vector/gaussian_noise", "vector/dropout")


class Nearest:
    modalities = ("left", "right")
    classes = CLASSES
    accepts_missing = True

    def scores(self, batch, present):
        middle = sum(np.asarray(batch[m], np.float64).mean(1) for m in self.modalities) / 2
        p = np.exp(-2 * (middle[:, None] - np.arange(3)) ** 2) + 1e-6
        return (p / p.sum(1, keepdims=True)).astype(np.float32)
