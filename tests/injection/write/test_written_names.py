"""Called: whatever modalities are named, no form of output mixes, loses or misplaces them."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.write.names import file_columns, stems
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode

HEAD = '[source]\npath = "data.parquet"\nid = "id"\nslices = ["file_name"]\n'
FORMS = ("folder", "webdataset")


def picture(shade):
    data = io.BytesIO()
    Image.fromarray(np.full((4, 4, 3), shade, np.uint8)).save(data, "PNG")
    return data.getvalue()


def write(folder, images, texts=("t",), n=4):
    """A manifest whose modalities have these names; every one has values of its own."""
    columns = {"id": [f"s{i}" for i in range(n)], "file_name": [f"of {i}" for i in range(n)]}
    told = HEAD
    for kind, names in (("image", images), ("text", texts)):
        for place, name in enumerate(names):
            column = f"{kind}{place}"
            value = picture(50 * place) if kind == "image" else f"the text {place}"
            columns[column] = [value] * n
            told += f'[modality."{name}"]\nkind = "{kind}"\ncolumn = "{column}"\n'
    parquet.write_table(pa.table(columns), folder / "data.parquet")
    (folder / "dataset.toml").write_text(told, "utf-8")
    return folder / "dataset.toml"


def values(path):
    dataset = open_dataset(path)
    found = decode(dataset, dataset.read(range(len(dataset))))
    return {
        m: [None if v is None else v if isinstance(v, str) else v.tolist() for v in listed]
        for m, listed in found.values.items()
    } | {"slices": [listed.tolist() for listed in found.slices.values()]}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("images", "texts"),
    [
        (("bild ä", "bild ö"), ("t",)),
        (("A", "a"), ("t",)),
        (("image",), ("file_name",)),
        (("a", "b"), ("a_file_name",)),
        (("image",), ("image.png",)),
        (("image", "../../escaped"), ("t",)),
        (("json", "画像"), ("t",)),
    ],
)
def test_no_modality_takes_the_place_of_another(tmp_path, form, images, texts):
    (tmp_path / "clean").mkdir()
    clean = write(tmp_path / "clean", images, texts)
    out = tmp_path / "deep" / "out"
    corrupt_dataset(
        clean,
        out,
        CorruptOptions(apply=(f"text/truncation:5@{texts[0]}",), fraction=0.25, format=form),
        quiet=True,
    )
    was, now = values(clean), values(out)
    for name in (*images, "slices"):
        assert now[name] == was[name], name
    assert sum(a != b for a, b in zip(now[texts[0]], was[texts[0]], strict=True)) <= 1
    folders = {p.name for p in tmp_path.iterdir()} | {p.name for p in out.parent.iterdir()}
    assert folders == {"clean", "deep", "out"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lost", ["image", "t"])
def test_a_modality_that_no_sample_has_still_opens(tmp_path, form, lost):
    clean, out = write(tmp_path, ("image",)), tmp_path / "out"
    corrupt_dataset(
        clean, out, CorruptOptions(apply=(f"missing/subset:5@{lost}",), format=form), quiet=True
    )
    now = values(out)
    assert now[lost] == [None] * 4
    assert all(v is not None for m in {"image", "t"} - {lost} for v in now[m])


def test_a_text_that_only_late_samples_have_is_read(tmp_path):
    clean, out = write(tmp_path, ("image",), n=100), tmp_path / "out"
    mask = np.ones((100, 1), np.bool_)
    mask[90:] = False
    np.save(tmp_path / "mask.npy", mask)
    options = CorruptOptions(
        apply=("missing/subset:5@t",), format="webdataset", index=str(tmp_path / "mask.npy")
    )
    corrupt_dataset(clean, out, options, quiet=True)
    assert values(out)["t"] == [None] * 90 + ["the text 0"] * 10


def test_plain_names_are_kept():
    assert stems(("camera", "left-eye_2")) == {"camera": "camera", "left-eye_2": "left-eye_2"}
    assert file_columns(("image",), {"id", "text"}) == {"image": "file_name"}
    assert file_columns(("a", "b"), ()) == {"a": "a_file_name", "b": "b_file_name"}
