"""A small table shows one sample under each corruption at each severity asked."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
from mmaudit.audits.robustness.audit import Options, make_cells
from mmaudit.audits.robustness.examples import examples
from mmaudit.kinds import image
from mmaudit.samples.dataset import open as open_dataset

ASKED = ("image/gaussian_blur", "text/keyboard", "vector/gaussian_noise")
MANIFEST = """schema = 1
name = "few"
[source]
path = "rows.parquet"
id = "id"
[modality.photo]
kind = "image"
column = "photo"
[modality.caption]
kind = "text"
column = "caption"
[modality.signal]
kind = "vector"
column = "signal"
[target]
column = "label"
kind = "class"
"""


class Constant:
    modalities = ("photo", "caption", "signal")
    classes = ("a", "b")

    def scores(self, batch, present):
        return np.tile(np.float32([0.6, 0.4]), (len(batch["caption"]), 1))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    rng = np.random.default_rng(0)
    photos = [image.encode(rng.integers(0, 256, (200, 300, 3), np.uint8)) for _ in range(6)]
    table = {
        "id": [f"s{i}" for i in range(6)],
        "photo": [None, *photos[1:]],  # the first has none
        "caption": [f"the caption number {i} of a photo" for i in range(6)],
        "signal": rng.normal(size=(6, 8)).tolist(),
        "label": ["a", "b"] * 3,
    }
    parquet.write_table(pa.table(table), folder / "rows.parquet")
    (folder / "dataset.toml").write_text(MANIFEST)
    options = {"severities": (1, 5), "replicates": 20, "absent": ("zeros",), "corruptions": ASKED}
    made = {}
    for name in ("one", "two"):
        made[name] = mm.robustness(
            folder / "dataset.toml", Constant(), **options, out=folder / name, quiet=True
        )
    return made


def test_every_corruption_at_every_severity_and_clean(run):
    rows = run["one"]["robustness/examples"].to_pandas()
    for modality, sample in (("photo", "s1"), ("caption", "s0"), ("signal", "s0")):
        mine = rows[rows.modality == modality]
        assert list(mine.severity) == [0, 1, 5]
        assert set(mine.id) == {sample}  # the first that has it
    texts = list(rows[rows.modality == "caption"].text)
    assert texts[0] == "the caption number 0 of a photo"
    assert texts[2] != texts[0]
    assert all(t.startswith(b"\x89PNG") for t in rows[rows.modality == "photo"].thumbnail)
    assert all(t.startswith(b"\x89PNG") for t in rows[rows.modality == "signal"].thumbnail)


def test_the_same_bytes_each_time(run):
    one, two = (run[k].path / "robustness" / "examples.parquet" for k in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_the_table_stops_growing_with_whole_corruptions(run):
    dataset = open_dataset(run["one"].path.parent / "dataset.toml")
    cells = make_cells(Options(corruptions=ASKED, severities=(1, 5)), dataset, dataset, ())
    whole = examples(cells)
    few = examples(cells, most_bytes=100)
    assert (whole.num_rows, few.num_rows) == (9, 3)  # clean alone, of each modality
    bytes_of_photo = sum(len(b) for b in whole["thumbnail"].to_pylist()[1:3])
    assert examples(cells, most_bytes=bytes_of_photo).num_rows == 5


def test_a_pair_that_a_plan_exchanges_is_shown(run, tmp_path):
    """The sample is one that gets another one's caption at the highest severity."""
    options = {"severities": (1, 5), "replicates": 20, "absent": ("zeros",), "quiet": True}
    data = run["one"].path.parent / "dataset.toml"
    made = mm.robustness(data, Constant(), corruptions=("pairing/shuffle",), **options)
    rows = made["robustness/examples"].to_pandas()
    mine = rows[rows.modality == "caption"].set_index("severity")
    assert mine.text[5] != mine.text[0]
    assert mine.text[5].startswith("the caption number")


def test_answers_from_a_file_have_examples_too(run, tmp_path):
    data = run["one"].path.parent / "dataset.toml"
    rows = [
        {"id": f"s{i}", "condition": name, "prob_a": 0.6, "prob_b": 0.4}
        for i in range(6)
        for name in ("clean", "text/keyboard:5@caption")
    ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "answers.parquet")
    made = mm.robustness(
        data,
        f"predictions:{tmp_path / 'answers.parquet'}",
        corruptions=("text/keyboard",),
        severities=(5,),
        replicates=20,
        quiet=True,
    )
    mine = made["robustness/examples"].to_pandas()
    assert list(mine[mine.modality == "caption"].severity) == [0, 5]
