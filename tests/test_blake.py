"""Many ids are hashed by compiled code to the hashes that hashlib gives one by one."""

import os
import subprocess
import sys
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit import seeds
from mmaudit.seeds.blake import LANES, MANY, hashed

SIGNS = "aé日😀\ud800\udc00 \x1f:0"  # one to four bytes in UTF-8, and halves of pairs


def one_by_one(common, ids):
    texts = [common + f"{len(i)}:{i}".encode("utf-8", "surrogatepass") for i in ids]
    return [int.from_bytes(blake2b(t, digest_size=8).digest(), "little") for t in texts]


@pytest.mark.parametrize("common", [b"", b"1:0\x1f3:abc\x1f", b"x" * 127, b"x" * 128, b"x" * 400])
def test_every_length_around_a_block(common):
    ids = ["x" * n for n in range(300)]
    assert hashed(common, ids).tolist() == one_by_one(common, ids)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.lists(st.text(SIGNS, max_size=200), min_size=1))
def test_any_ids(common, ids):
    assert hashed(common, ids).tolist() == one_by_one(common, ids)


@pytest.mark.parametrize("n", [1, LANES - 1, LANES, LANES + 1, 3 * LANES])
def test_a_long_id_leaves_nothing_behind(n):
    ids = [("long" * 200 if i % LANES == 0 else "") + str(i) for i in range(n)]
    assert hashed(b"a", ids).tolist() == one_by_one(b"a", ids)


@pytest.mark.parametrize("n", [0, 1, MANY - 1, MANY, MANY + 1])
def test_keys_of_many_are_the_keys_of_each(n):
    ids = [f"é{i}" for i in range(n)]
    found = seeds.digests(-5, "image/fog@left camera", ids)
    assert found.dtype == np.uint64
    assert found.tolist() == [seeds.words(-5, "image/fog@left camera", i).key for i in ids]


def test_the_same_without_compilation():
    code = "from mmaudit.seeds.blake import hashed; print(hashed(b'a', ['b', 'é' * 99]).tolist())"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"{one_by_one(b'a', ['b', 'é' * 99])}\n"
