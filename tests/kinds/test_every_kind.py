"""The questions that every kind of modality is asked, whoever wrote it."""

import numpy as np
import pyarrow as pa
import pytest

from mmaudit import parts
from mmaudit.kinds.base import Shape, is_media, kind_names, load_kind

RATE, SIZE = 16_000.0, (220, 150)
DRAW = np.random.default_rng(0)
VALUES = {
    "image": DRAW.integers(0, 256, (20, 30, 3)).astype(np.uint8),
    "text": "a dog  runs",
    "audio": DRAW.uniform(-1, 1, (1000, 2)).astype(np.float32),
    "series": DRAW.normal(size=(40, 3)).astype(np.float32),
    "table": np.array([1.5, "red", None], np.object_),
    "vector": DRAW.normal(size=20).astype(np.float32),
}


def same(a, b):
    return a == b if isinstance(a, str) else a.dtype == b.dtype and np.array_equal(a, b)


def written(name):
    """What is written for the value of a kind: media as files."""
    kind, value = load_kind(name), VALUES[name]
    return {"bytes": kind.encode(value, RATE), "path": None} if kind.media else value


def test_every_kind_is_listed_once_and_has_an_example_here():
    assert set(kind_names()) == set(parts.names("kinds")) == set(VALUES)
    assert len({load_kind(name).listed for name in VALUES}) == len(VALUES)


@pytest.mark.parametrize("name", VALUES)
def test_absent_is_absent(name):
    assert load_kind(name).decode(None, Shape()) is None
    nothing = load_kind(name).arrays([None], ("a", "b", "c"), Shape())
    assert all(array.null_count == 1 for array in nothing)


@pytest.mark.parametrize("name", sorted(set(VALUES) - {"table", "series"}))
def test_what_is_encoded_decodes_to_the_same(name):
    kind, value = load_kind(name), VALUES[name]
    cell = {"bytes": kind.encode(value, RATE), "path": None, "error": None}
    assert same(kind.decode(cell, Shape()), value)


@pytest.mark.parametrize("name", sorted(set(VALUES) - {"table"}))
def test_what_is_written_decodes_to_the_same(name):
    kind = load_kind(name)
    (array,) = kind.arrays([written(name), None], ("a",), Shape())
    values, reasons = kind.column(array, Shape())
    assert not reasons
    assert same(values[0], VALUES[name])
    assert values[1] is None


@pytest.mark.parametrize("name", VALUES)
def test_the_digest_follows_what_is_written(name):
    kind = load_kind(name)
    assert kind.digest(written(name)) == kind.digest(written(name))
    other = kind.empty(VALUES[name], ())
    other = {"bytes": kind.encode(other, RATE), "path": None} if kind.media else other
    assert kind.digest(other) != kind.digest(written(name))


@pytest.mark.parametrize("name", sorted(n for n in VALUES if load_kind(n).pieces))
def test_all_pieces_together_are_the_value(name):
    value = VALUES[name]
    pieces = load_kind(name).pieces(value)
    count = len(pieces.names)
    assert int(np.prod(pieces.sides)) == count
    assert same(pieces.without(np.ones(count, bool)), value)
    assert not same(pieces.without(np.zeros(count, bool)), value)


@pytest.mark.parametrize("name", VALUES)
def test_it_is_drawn_and_shown_small(name):
    kind, value = load_kind(name), VALUES[name]
    assert kind.preview(value, value, SIZE).size == SIZE
    if kind.show is not None:
        assert set(kind.show(value, RATE)) <= {"text", "thumbnail", "sound"}


@pytest.mark.parametrize("name", sorted(filter(is_media, VALUES)))
def test_files_are_told_and_written_again_in_their_form(name):
    kind = load_kind(name)
    cell = written(name)
    assert kind.file_format(cell["bytes"])
    again = kind.rewrite(VALUES[name], {**cell, "path": f"a{kind.suffixes[0]}"}, RATE)
    assert kind.file_format(again["bytes"])
    assert again["path"].endswith(kind.suffixes)
    others = [load_kind(other) for other in VALUES if is_media(other) and other != name]
    assert not any(other.file_format(cell["bytes"]) for other in others)
    assert pa.types.is_struct(kind.arrays([cell], ("a",), Shape())[0].type)
