"""Digests tell values from each other by all that they are, and by nothing else."""

import numpy as np
import pytest

from mmaudit.audits.inspect.digests import BLOCK, BYTES, KEY, WORDS, _compressed, digest

PIXELS = np.random.default_rng(0).integers(0, 256, (61, 67, 3), np.uint8)  # two blocks and a rest


def test_a_digest_is_of_what_a_value_is_and_not_of_where_it_lies():
    padded = np.zeros((61, 68, 3), np.uint8)
    padded[:, :67] = PIXELS
    shifted = np.zeros(PIXELS.size + 1, np.uint8)[1:].reshape(PIXELS.shape)  # at an odd address
    shifted[:] = PIXELS
    assert digest(padded[:, :67]) == digest(shifted) == digest(PIXELS)
    assert len(digest(PIXELS)) == BYTES


@pytest.mark.parametrize("at", [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, -1])
def test_one_bit_anywhere_makes_another_digest(at):
    other = PIXELS.copy()
    other.reshape(-1)[at] ^= 1
    assert digest(other) != digest(PIXELS)


def test_shape_type_and_order_of_blocks_count():
    blocks = PIXELS.reshape(-1)[: 2 * BLOCK].reshape(2, BLOCK)
    every = [blocks, blocks[::-1], blocks.reshape(4, -1), blocks.view(np.int8), blocks[:1]]
    every += [np.zeros(n, np.uint8) for n in (0, 1, BLOCK, 2 * BLOCK)]
    assert len({digest(value) for value in every}) == len(every)


def test_texts_are_composed_and_rows_of_tables_count_cell_by_cell():
    assert digest("caf\u00e9") == digest("cafe\u0301") != digest("cafe")
    row = np.array([1.0, "a", None], object)
    assert digest(row) == digest(row.copy()) != digest(np.array([1.0, "a", ""], object))


def test_the_sums_of_a_block_are_those_of_the_paper():
    words = np.random.default_rng(1).integers(0, 2**32, (2, WORDS), np.uint32)
    half = WORDS // 2
    wanted = [
        [
            sum(
                (int(row[i]) + int(key[i]))
                % 2**32
                * ((int(row[i + half]) + int(key[i + half])) % 2**32)
                for i in range(half)
            )
            % 2**64
            for key in KEY
        ]
        for row in words
    ]
    assert _compressed(words, KEY).tolist() == wanted
