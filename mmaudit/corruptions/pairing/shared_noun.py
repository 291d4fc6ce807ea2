"""Shared noun: some samples get a text that shares a telling word with their own."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing import _derange as derange
from mmaudit.corruptions.pairing import _likeness as likeness


class Severity(NamedTuple):
    """How many pairs are wrong."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Give a share of the samples a value whose text has the rarest word of theirs in common.

    The rarest of a text's words that a text of another group has too, small words left out, is
    nearly always a noun; no tagger is needed and any language works. Samples without such a word
    cannot be mismatched in this way and are not chosen. The donor is the next sample with that
    word in the order of permanent random numbers.

    Raises:
        UsageError: There is no text modality.
    """
    texts = likeness.texts_of(rows, "pairing/shared_noun")
    group = row_selection.group_numbers(rows)
    keys = row_selection.numbers(rows, seed, "pairing/shared_noun")[:, 0]
    there = row_selection.in_order(keys, row_selection.present_rows(rows))
    bags = {int(i): sorted(set(likeness.words_of(texts[i]))) for i in there}
    having: dict[str, list[int]] = {}
    for i, bag in bags.items():
        for word in bag:
            having.setdefault(word, []).append(i)
    wide = {word: len({int(group[i]) for i in rows_}) for word, rows_ in having.items()}
    telling = {
        i: min(words, key=lambda w: (wide[w], w))
        for i, bag in bags.items()
        if (words := [word for word in bag if wide[word] > 1])
    }
    able = np.zeros(len(rows.ids), np.bool_)
    able[list(telling)] = True
    choice = derange.choose(rows, severity.rate, seed, "pairing/shared_noun", able)
    out = np.arange(len(rows.ids))
    for i in choice.rows.tolist():
        out[i] = _next(i, having[telling[i]], group)
    return out


def _next(row: int, having: list[int], group: NDArray[np.int64]) -> int:
    """The first row after this one, round and round, that is of another group."""
    at = having.index(row)
    return next(i for i in having[at + 1 :] + having[:at] if group[i] != group[row])


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="LEMoN (arXiv:2407.18941) noise of type noun, rate 0.4 (severity 4); there nouns by a "
    "tagger and any shared one, here the rarest shared word",
    needs=("texts",),
)
