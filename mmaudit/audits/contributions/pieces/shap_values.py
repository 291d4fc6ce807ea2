"""Shapley values: the worth of one sample's answer, shared among pieces by an explainer of shap.

The permutation explainer samples orders of all pieces: Shapley values, every piece a player like
any other. The partition explainer goes down a tree (the modalities, then halves of each, down to
words, patches and stretches) and gives Owen values: exact where the passes suffice, and between
two modalities the sums over pieces are exactly the Shapley values of the modalities.

References:
    Lundberg, Lee 2017, arXiv:1705.07874 (shap); Owen 1977, doi:10.1007/978-3-642-45494-3_7
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 10  # each forwards and backwards
MOST = 2048  # passes of the partition explainer; what is left is shared by the size of the halves
TOGETHER = 64  # masks asked at a time

Value = Callable[[NDArray[np.floating]], NDArray[np.float64]]  # masks (mask, piece) to worths
Sides = tuple[int, ...]  # pieces along each axis of a modality
Linkage = list[list[float]]  # of each group: two members, a distance, how many pieces


def passes(explainer: str, sides: Sequence[Sides]) -> int:
    """How often an explainer asks about a sample, at most.

    Args:
        explainer: Its name.
        sides: Pieces along each axis of each modality that is there.
    """
    count = sum(map(_size, sides))
    if count < 2:
        return 2
    if explainer == "permutation":
        return PERMUTATIONS * (2 * count + 1)
    return min(MOST, _exact(tree(sides), count))


def explained(
    value: Value, sides: Sequence[Sides], explainer: str, seed: int
) -> NDArray[np.float64]:
    """The value of every piece, with NumPy's global generator as it was before.

    Args:
        value: Worth of some pieces, by masks ``(mask, piece)``.
        sides: Pieces along each axis of each modality that is there, in the order of the pieces.
        explainer: ``permutation`` or ``partition``.
        seed: Seed of the orders.
    """
    count = sum(map(_size, sides))
    if count < 2:
        ends = value(np.array([[0.0] * count, [1.0] * count]))
        return np.full(count, ends[1] - ends[0])
    import shap  # noqa: PLC0415  seconds to import, and most runs do not need it

    nothing, everything = np.zeros((1, count)), np.ones((1, count))
    most = passes(explainer, sides)
    before = np.random.get_state()  # noqa: NPY002  shap draws from the global generator
    try:
        np.random.seed(seed & 0xFFFFFFFF)  # noqa: NPY002
        if explainer == "permutation":
            shared = shap.explainers.Permutation(value, nothing, seed=seed & 0xFFFFFFFF)
            explanation = shared(everything, max_evals=most, silent=True)
        else:
            masker = shap.maskers.Partition(nothing, clustering=np.array(tree(sides)))
            shared = shap.explainers.Partition(value, masker)
            explanation = shared(everything, max_evals=most, batch_size=TOGETHER, silent=True)
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return np.asarray(explanation.values[0], np.float64)


def tree(sides: Sequence[Sides]) -> Linkage:
    """Groups of pieces, the smallest first: halves of the longest side, then the modalities.

    Args:
        sides: Pieces along each axis of each modality; all pieces together are at least two.
    """
    links: Linkage = []
    count, first = sum(map(_size, sides)), 0
    tops: list[tuple[int, int]] = []  # number and size of each modality's group
    for side in sides:
        if _size(side):
            pieces = np.arange(first, first + _size(side)).reshape(side)
            tops.append((_halves(pieces, links, count), _size(side)))
            first += _size(side)
    _joined(tops, links, count)
    return links


def _halves(pieces: NDArray[np.int64], links: Linkage, count: int) -> int:
    """The number of the group of these pieces, after those of its halves."""
    if pieces.size == 1:
        return int(pieces.item())
    axis = int(np.argmax(pieces.shape))
    halves = np.array_split(pieces, 2, axis=axis)
    parts = [(_halves(half, links, count), half.size) for half in halves]
    return _joined(parts, links, count)


def _joined(parts: Sequence[tuple[int, int]], links: Linkage, count: int) -> int:
    """The number of a group of groups, made of halves of their list."""
    if len(parts) == 1:
        return parts[0][0]
    middle = (len(parts) + 1) // 2
    first, second = (_joined(half, links, count) for half in (parts[:middle], parts[middle:]))
    links.append([first, second, 1.0, sum(size for _, size in parts)])
    return count + len(links) - 1


def _exact(links: Linkage, count: int) -> int:
    """Passes of the partition explainer down to every piece: two a group and context, two ends."""
    contexts = {count + len(links) - 1: 1}
    for k in reversed(range(len(links))):
        here = contexts[count + k]
        for member in links[k][:2]:
            contexts[int(member)] = 2 * here
    return 2 + 2 * sum(contexts[count + k] for k in range(len(links)))


def _size(side: Sides) -> int:
    return int(np.prod(side))
