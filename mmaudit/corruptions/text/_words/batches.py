"""Many texts at once: laid out flat, rewritten by compiled code into a buffer, cut out again."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.text._words.flat import Flat, flatten, unflatten
from mmaudit.seeds import Words

TOGETHER = 512  # texts in a buffer: few enough to stay in the cache
Rewrite = Callable[
    [Flat, NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64]], Any
]

S = TypeVar("S", bound=NamedTuple)


class Edit(ABC, Generic[S]):
    """One way to hit texts: many at once, of which one alone is a case."""

    __slots__ = ()

    @abstractmethod
    def rewrite(self, severity: S) -> Rewrite:
        """What `rewritten` asks for, at one severity."""

    def one(self, clean: str, severity: S, words: Words) -> str:
        """Hit one text."""
        return self.many([clean], severity, np.array([words.key], np.uint64))[0]

    def many(self, clean: list[str], severity: S, keys: NDArray[np.uint64]) -> list[str]:
        """Hit many texts, the same as one by one.

        Args:
            clean: The texts.
            severity: How much is hit.
            keys: One key a text, ``(texts,)``.
        """
        return rewritten(clean, keys, self.rewrite(severity))


def rewritten(texts: list[str], keys: NDArray[np.uint64], rewrite: Rewrite) -> list[str]:
    """Rewrite texts, each with its key.

    Args:
        texts: The texts.
        keys: One key a text, ``(texts,)``.
        rewrite: Takes the texts, their keys, three rows to work in, each one longer than the code
            points, a buffer to fill with code points and an array to fill with where each text
            begins and the last one ends; returns how many code points there are, whether or not
            the buffer had room for them.
    """
    results: list[str] = []
    # memory that is used again: asking the system for it costs as much as a stage of the work
    rows, out = np.empty((3, 0), np.int64), np.empty(0, np.uint32)
    for start in range(0, len(texts), TOGETHER):
        flat = flatten(texts[start : start + TOGETHER])
        offsets = np.empty_like(flat.offsets)
        need = 2 * flat.codes.size + 64
        if rows.shape[1] <= flat.codes.size:
            rows = np.empty((3, need), np.int64)
        while True:
            if out.size < need:
                out = np.empty(need, np.uint32)
            need = int(rewrite(flat, keys[start : start + TOGETHER], rows, out, offsets))
            if need <= out.size:
                break
        results += unflatten(out[:need], offsets)
    return results
