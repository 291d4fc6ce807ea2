"""Texts are decoded from whatever a column holds."""

import pytest

from mmaudit.kinds import text
from mmaudit.kinds.base import Shape, Undecodable

ANY = Shape()


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("ü", "ü"),
        ("", ""),
        (None, None),
        ({"bytes": "ü".encode(), "path": "a.txt", "error": None}, "ü"),
        (["a", "b"], "a"),
        ([None, "b"], "b"),
        ([], None),
    ],
)
def test_texts(cell, found):
    assert text.decode(cell, ANY) == found


def test_all_texts_of_a_list_may_be_joined():
    assert text.decode(["a", None, "b"], Shape(many="join")) == "a b"


@pytest.mark.parametrize("cell", [3, 0.5, b"\xff", [1], {"bytes": b"\xff", "error": None}])
def test_what_is_no_text_is_refused(cell):
    with pytest.raises(Undecodable):
        text.decode(cell, ANY)
