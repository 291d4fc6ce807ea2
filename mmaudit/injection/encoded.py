"""Encoded: how alike what a model sees in two values is, as one more dose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 64  # values that are encoded together
COSINE = "cosine"
SHOWN = 6  # decimals; those after it depend on the machine


@dataclass(frozen=True, slots=True)
class Encoder:
    """What encodes values, whatever model it is.

    Attributes:
        spec: How it was asked for, without folders; written into tables and cards.
        digest: sha256 of its file.
        encode: Functions of values to rows ``(n, d)``, by kind of modality.
    """

    spec: str
    digest: str
    encode: Mapping[str, Callable[[list[Any]], NDArray[np.floating[Any]]]]

    def cosines(self, kind: str, clean: Sequence[Any], worse: Sequence[Any]) -> NDArray[np.float64]:
        """Cosine of the codes of every two values, ``(n,)`` in [-1, 1]; NaN where one is zero.

        Args:
            kind: Kind of the modality, one that it encodes.
            clean: Values as they were.
            worse: The same values after a step.
        """
        out = np.empty(len(clean))
        for start in range(0, len(clean), AT_ONCE):
            end = start + AT_ONCE
            a, b = (
                np.asarray(self.encode[kind](list(values[start:end])), np.float64)
                for values in (clean, worse)
            )
            lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
            products = np.einsum("nd,nd->n", a, b)
            known = np.full(products.shape, np.nan)
            np.divide(products, lengths, out=known, where=lengths > 0)
            out[start:end] = np.clip(known, -1, 1).round(SHOWN)
        return out
