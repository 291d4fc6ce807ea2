"""The samples of a table are cut by slice and by class, and each part has one name everywhere."""

import numpy as np
import pyarrow as pa

from mmaudit.names import SLICE, part, slice_value, subset
from mmaudit.samples.parts import EVERYTHING, WHOLE, Part, partitions, units

TABLE = pa.table(
    {
        "id": ["a", "b", "c"],
        "label": ["yes", "no", "yes"],
        "slice:site": ["k", "l", "k"],
        "slice:camera": ["", "x=y", "x=y"],
    }
)


def test_slices_come_by_name_and_class_last():
    cuts = partitions([TABLE.slice(0, 1), TABLE.slice(1)], by_class=True)
    assert cuts[0] is EVERYTHING
    assert [cut.names for cut in cuts[1:]] == [
        ("camera=", "camera=x=y"), ("site=k", "site=l"), ("class=no", "class=yes"),
    ]  # fmt: skip
    assert [cut.of(TABLE).tolist() for cut in cuts] == [[0, 0, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1]]
    assert len(partitions([TABLE])) == 3


def test_parts_hold_the_rows_of_each_value():
    whole, _, site = partitions([TABLE])
    assert tuple(whole.parts(TABLE)) == (WHOLE,)
    rows = np.arange(3)
    assert {p.name: p.of(rows).tolist() for p in site.parts(TABLE)} == {"site=k": [0, 2], "site=l": [1]}  # fmt: skip
    assert Part("all", None).of(rows) is rows


def test_what_is_drawn_together_is_a_group_or_a_sample():
    assert units(TABLE) == ["a", "b", "c"]
    assert units(TABLE.append_column("group", pa.array(["g", "g", "h"]))) == ["g", "g", "h"]


def test_names_of_parts_and_subsets_can_be_read_back():
    assert slice_value(part("site", "a=b")) == (f"{SLICE}site", "a=b")
    assert (subset("ab"), subset(())) == ("present:a,b", "present:none")
