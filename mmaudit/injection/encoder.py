"""Encoder: how alike what a model sees in two values is, as one more dose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.kinds.base import kind_names, load_kind

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
        needs: What its codes depend on beside its file, for the identity of a run.
    """

    spec: str
    digest: str
    encode: Mapping[str, Callable[[list[Any]], NDArray[np.floating[Any]]]]
    needs: Mapping[str, Any] = field(default_factory=dict)

    def codes(self, kind: str, values: Sequence[Any]) -> Floats:
        """What the model sees in values, ``(n, d)``.

        Args:
            kind: Kind of the modality, one that it encodes.
            values: Values, none of them absent.
        """
        parts = [
            np.asarray(self.encode[kind](list(values[i : i + AT_ONCE])), np.float64)
            for i in range(0, len(values), AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty((0, 1))

    def cosines(self, kind: str, clean: Sequence[Any], worse: Sequence[Any]) -> Floats:
        """Cosine of the codes of every two values, ``(n,)`` in [-1, 1]; NaN where one is zero.

        Args:
            kind: Kind of the modality, one that it encodes.
            clean: Values as they were.
            worse: The same values after a step.
        """
        return alike(self.codes(kind, clean), self.codes(kind, worse))


def encoded_kinds() -> tuple[str, ...]:
    """Kinds of modality that encoders know."""
    return tuple(name for name in kind_names() if load_kind(name).encoders)


def alike(a: Floats, b: Floats) -> Floats:
    """Cosine of every two rows, ``(n,)`` in [-1, 1]; NaN where one is zero."""
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines = np.full(lengths.shape, np.nan)
    np.divide(np.einsum("nd,nd->n", a, b), lengths, out=cosines, where=lengths > 0)
    return np.clip(cosines, -1, 1).round(SHOWN)


def without_folders(spec: str) -> str:
    """``openclip:CONFIG.json@CHECKPOINT`` with file names in place of paths."""
    adapter, _, where = spec.partition(":")
    return f"{adapter}:{'@'.join(Path(part).name for part in where.split('@'))}"
