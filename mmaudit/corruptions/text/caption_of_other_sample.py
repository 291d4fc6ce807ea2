"""Caption of other sample: the text goes on, from some word, as that of another sample does."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words import choose
from mmaudit.corruptions.text._words.flat import flatten
from mmaudit.corruptions.text._words.words import Share
from mmaudit.doses.text import EDIT_RATE
from mmaudit.seeds import Words


def go_astray(clean: str, severity: Share, words: Words, donors: tuple[str, ...]) -> str:
    """Replace the last words by as large a share of the last words of another text."""
    other = donors[0]
    own_ends, other_starts = _spans(clean)[1], _spans(other)[0]
    random = np.uint64(words.u32(1, int(choose.ROUND_WORDS))[0])
    lost = int(choose.count(own_ends.size, severity.share, random))
    gained = int(choose.count(other_starts.size, severity.share, random))
    if own_ends.size and not lost:
        return clean
    head = clean[: own_ends[-lost - 1]] if lost < own_ends.size else ""
    tail = other[other_starts[-gained] :] if 0 < gained < other_starts.size else other
    if not gained:
        return head
    return f"{head} {tail}" if head else tail


def _spans(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the words of a text begin and end."""
    flat = flatten([text])
    places, first, last = (np.empty(flat.codes.size + 1, np.int64) for _ in range(3))
    graphemes, words = np.empty_like(flat.offsets), np.empty_like(flat.offsets)
    choose.segment(*flat.arrays, places, first, last, graphemes, words)
    return places[first[: words[-1]]], places[last[: words[-1]]]


CORRUPTION: Corruption[str, Share] = Corruption(
    apply=go_astray,
    severities=tuple(Share(share) for share in (0.2, 0.4, 0.6, 0.8, 1.0)),
    units={"share": "share of the words, from the end, that come from the other sample"},
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="A borrowed caption, as in the noisy correspondence of NCR (Huang et al. 2021), by"
    " degrees: at severity 5 the text is the whole text of the other sample. Constants are our"
    " own.",
    needs=("donors",),
    donors=1,
)
