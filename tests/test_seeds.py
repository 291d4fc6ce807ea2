"""Randomness is a pure function of seed, purpose and sample, the same in every library."""

import os
import subprocess
import sys
from hashlib import blake2b

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mmaudit import seeds

KNOWN = [  # Random123's known answers for Philox4x32-10: counter, key, words
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
SIGNS = "aé日😀\ud800\udc00 \x1f:0"  # one to four bytes in UTF-8, and halves of pairs


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers_in_numpy_and_torch(counter, key, words):
    in_numpy = seeds.philox(tuple(np.array([c], np.int64) for c in counter), key)
    in_torch = seeds.philox(tuple(torch.tensor([c]) for c in counter), key)
    assert tuple(int(w[0]) for w in in_numpy) == words
    assert tuple(int(w[0]) for w in in_torch) == words


@pytest.mark.parametrize("stream", [0, 7])
@pytest.mark.parametrize("n", [1, 3, 4, 255, 256, 257, 1000])
def test_compiled_words_equal_numpy_and_torch(n, stream):
    drawn = seeds.words(3, "purpose", "sample")
    block = np.arange((n + 3) // 4)
    zero = np.zeros_like(block)
    in_numpy = np.stack(seeds.philox((block, zero, zero, zero + stream), drawn.halves), 1).ravel()
    counter = (torch.from_numpy(block), *(torch.zeros(len(block), dtype=torch.int64),) * 2)
    in_torch = torch.stack(
        seeds.philox((*counter, torch.full((len(block),), stream)), drawn.halves), 1
    ).ravel()
    assert drawn.u32(n, stream).tolist() == in_numpy[:n].tolist() == in_torch[:n].tolist()


def test_the_same_words_without_compilation():
    code = "from mmaudit import seeds; print(seeds.words(1, 'a', 'b').u32(300).tolist())"
    printed = {
        subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env=os.environ | {"NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for off in "01"
    }
    assert printed == {f"{seeds.words(1, 'a', 'b').u32(300).tolist()}\n"}


def test_a_prefix_does_not_depend_on_how_many_are_drawn():
    drawn = seeds.words(0, "p", "s")
    assert drawn.u32(10).tolist() == drawn.u32(10_000)[:10].tolist()


def test_permanent_numbers_are_the_samples_own_words():
    ids = [f"s{i}" for i in range(50)]
    numbers = seeds.permanent(seeds.digests(5, "p", ids), n=3)
    for sample, row in zip(ids, numbers, strict=True):
        own = seeds.words(5, "p", sample).u32(6).astype(np.uint64)
        assert row.tolist() == (own[0::2] << np.uint64(32) | own[1::2]).tolist()


def test_parts_of_a_key_never_join_alike():
    assert seeds.digest("ab", "c") != seeds.digest("a", "bc")
    assert seeds.digest("a\x1fb") != seeds.digest("a", "b")
    assert seeds.digest(1, "\ud800") != seeds.digest(1, "\ud801")


def one_by_one(seed, purpose, ids):
    """The keys as they are defined: BLAKE2b with 8 bytes, each part with its length before it."""
    texts = ["\x1f".join(f"{len(p)}:{p}" for p in (str(seed), purpose, i)) for i in ids]
    hashes = [blake2b(t.encode("utf-8", "surrogatepass"), digest_size=8).digest() for t in texts]
    return [int.from_bytes(h, "little") for h in hashes]


@pytest.mark.parametrize("purpose", ["", "abc", "x" * 117, "x" * 118, "x" * 400])
def test_keys_of_every_length_around_a_block(purpose):
    ids = ["x" * n for n in range(300)]
    assert seeds.digests(0, purpose, ids).tolist() == one_by_one(0, purpose, ids)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.integers(), st.text(SIGNS, max_size=300), st.lists(st.text(SIGNS, max_size=200)))
def test_keys_of_any_ids(seed, purpose, ids):
    assert seeds.digests(seed, purpose, ids).tolist() == one_by_one(seed, purpose, ids)


def test_a_long_id_leaves_nothing_behind():
    ids = [("long" * 200 if i % 64 == 0 else "") + str(i) for i in range(192)]
    assert seeds.digests(1, "a", ids).tolist() == one_by_one(1, "a", ids)


@pytest.mark.parametrize("n", [0, 1, 1023, 1024, 1025])
def test_keys_of_many_are_the_keys_of_each(n):
    ids = [f"é{i}" for i in range(n)]
    keys = seeds.digests(-5, "image/fog@left camera", ids)
    assert keys.dtype == np.uint64
    assert keys.tolist() == [seeds.words(-5, "image/fog@left camera", i).key for i in ids]


def test_distributions():
    """Kolmogorov-Smirnov and chi-square at a false-alarm rate of 1e-6 each, fixed seed."""
    drawn = seeds.words(11, "distributions")
    n = 200_000
    assert stats.kstest(drawn.uniforms(n), "uniform").pvalue > 1e-6
    assert stats.kstest(drawn.normals(n, stream=1), "norm").pvalue > 1e-6
    counts = np.bincount(drawn.integers(n, 7, stream=2), minlength=7)
    assert stats.chisquare(counts).pvalue > 1e-6
    assert sorted(drawn.permutation(1000, stream=3)) == list(range(1000))
    low, high = drawn.uniforms(n).min(), drawn.uniforms(n).max()
    assert 0 < low < high < 1


def test_streams_and_samples_are_uncorrelated():
    n = 100_000
    first, second = seeds.words(0, "p", "a"), seeds.words(0, "p", "b")
    for one, other in [
        (first.uniforms(n), second.uniforms(n)),
        (first.uniforms(n, 0), first.uniforms(n, 1)),
    ]:
        assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(n)
