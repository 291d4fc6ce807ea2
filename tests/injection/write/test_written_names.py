"""Called: whatever modalities are named, no form of output mixes, loses or misplaces them."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.write.names import clashes, escaped, named
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


def plainly(own, suffix=".png", *, changed=True, at=(False, False)):
    return named(own, "image", "s 1", suffix, changed=changed, at=at)


def test_a_file_keeps_its_name_unless_that_would_clash():
    assert plainly("a/x.png") == "a/x.png"
    assert plainly("./a/x.PNG") == "a/x.PNG"
    assert plainly("a/x.gif") == "a/x.png"  # what it holds is another form now
    assert plainly("a/x.gif", at=(False, True)) == "a/x~s%201.png"
    assert plainly("a/x.png", at=(True, True)) == "a/x~s%201.png"
    assert plainly("a/x.png", changed=False, at=(True, True)) == "a/x.png"  # the same bytes
    for outside in (None, "", "../x.png", "/x.png", "http://x/y.png", "C:/x.png", "x\0.png"):
        assert plainly(outside) == "image/s%201.png"


def test_two_ids_are_two_names():
    ids = ["a b", "a_b", "a%20b", "a/b", "a\\b", "ä", "ae", "x" * 90, "x" * 91]
    assert len({escaped(i) for i in ids}) == len(ids)
    assert all("/" not in escaped(i) and len(escaped(i)) < 100 for i in ids)


def test_clashes_are_counted_over_all_columns():
    a, b = (
        pa.chunked_array([names]) for names in (["x.png", "Y.png", None], ["y.PNG", "x.gif", None])
    )
    twice = clashes({"a": a, "b": b})
    assert twice["a"].whole.tolist() == [False, True, False]
    assert twice["b"].whole.tolist() == [True, False, False]
    assert twice["b"].stem.tolist() == [True, True, False]


def test_names_that_are_ids_stay_and_those_that_are_wrong_now_are_counted(tmp_path):
    for i in range(4):
        place = tmp_path / "pictures" / "ab"[i % 2] / f"{i}.gif"
        place.parent.mkdir(parents=True, exist_ok=True)
        ramp = np.add.outer(np.arange(16), np.arange(16) * 5).astype(np.uint8)
        Image.fromarray(ramp + i).save(place)
    asked = CorruptOptions(apply=("image/gaussian_noise:3",), fraction=0.5)
    result = corrupt_dataset(tmp_path / "pictures", tmp_path / "out", asked, quiet=True)
    data = tmp_path / "out" / "data"
    assert sorted(p.relative_to(data).as_posix() for p in data.rglob("*.*")) == [
        "a/0.gif",
        "a/2.gif",
        "b/1.gif",
        "b/3.gif",
    ]
    assert result.card["endings"] == {"file_name": 2}
