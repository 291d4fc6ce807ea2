"""Pairs of close fingerprints are the same, however few of them are in memory at a time."""

from itertools import combinations

import numpy as np
import pytest

from mmaudit.audits.inspect.close_prints import Close
from mmaudit.fingerprints.text import FINGERPRINT

N, BLOCK = 60, 7


def prints():
    """Of sentences, each third of which is one before it with a typing error."""
    rng, texts = np.random.default_rng(0), list[str]()
    for i in range(N):
        words = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(8)]
        texts.append(texts[i - 2].replace("a", "q", 1) if i % 3 == 2 else " ".join(words))
    return np.stack([np.frombuffer(FINGERPRINT.take(text, 0.0), np.uint8) for text in texts])


@pytest.mark.parametrize(("held", "keys"), [(2**26, 2**25), (1, 2**25), (2**26, 1), (1, 1)])
def test_pairs_do_not_depend_on_the_memory(held, keys):
    packed = prints()

    def blocks():
        return (packed[at : at + BLOCK] for at in range(0, N, BLOCK))

    found = Close(FINGERPRINT, blocks, N, held=held, keys=keys).pairs()
    stored = FINGERPRINT.stored(packed)
    wanted = [
        [i, j]
        for i, j in combinations(range(N), 2)
        if (stored[i] == stored[j]).any()
        and FINGERPRINT.close(packed, np.array([i]), np.array([j]))[0]
    ]
    assert found.tolist() == wanted
    assert len(wanted) >= N // 3 - 2


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_have_no_pairs(count):
    packed = prints()[:count]
    assert Close(FINGERPRINT, lambda: iter([packed] * count), count).pairs().shape == (0, 2)
