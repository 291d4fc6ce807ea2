"""COCO captions: five captions a picture, splits by the names of the files, pictures beside them."""

import json

import numpy as np
import pytest

from mmaudit.errors import InputError
from mmaudit.kinds.image import encode
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode


def laid_out(folder, split, start):
    (folder / f"{split}2017").mkdir(parents=True)
    (folder / "annotations").mkdir(exist_ok=True)
    images, notes = [], []
    for i in range(start, start + 3):
        name = f"{i:012d}.jpg"
        pixels = np.full((8, 8, 3), 20 * i, np.uint8)
        (folder / f"{split}2017" / name).write_bytes(encode(pixels, "jpeg"))
        images.append({"id": i, "file_name": name, "license": 1, "height": 8, "width": 8})
        texts = [f"{k} words about picture {i}" for k in range(5)]
        notes += [{"id": 10 * i + k, "image_id": i, "caption": t} for k, t in enumerate(texts)]
    text = json.dumps({"info": {}, "images": images, "annotations": notes})
    (folder / "annotations" / f"captions_{split}2017.json").write_text(text)
    other = json.dumps(
        {"images": images, "annotations": [{"id": 1, "image_id": start, "bbox": []}]}
    )
    (folder / "annotations" / f"instances_{split}2017.json").write_text(other)


@pytest.mark.parametrize("path", ["coco", "coco/annotations/captions_*2017.json"])
def test_a_folder_as_coco_is_unpacked_is_read(tmp_path, path):
    laid_out(tmp_path / "coco", "train", 0)
    laid_out(tmp_path / "coco", "val", 3)
    dataset = data.open(infer(tmp_path / path))
    assert dataset.splits == ("train", "val")
    assert dataset.kinds == {"image": "image", "text": "text"}
    read = decode(dataset, dataset.read(range(6)))
    assert not read.skipped
    assert [v[0, 0, 0] for v in read.values["image"]] == [20 * i for i in range(6)]
    assert read.values["text"][4] == "0 words about picture 4"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"annotations": [{"id": 1, "image_id": 9, "caption": "a"}]},
            "pictures that it does not list: 1",
        ),
        ({"annotations": []}, "no annotation has a caption"),
        ({"images": [{"id": 1, "file_name": "a"}] * 2}, "pictures have the id of another one: 1"),
        ({"images": 3}, "not a COCO file"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, change, why):
    good = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "annotations": [{"id": 1, "image_id": 1, "caption": "a"}],
    }
    (tmp_path / "c.json").write_text(json.dumps(good | change))
    with pytest.raises(InputError, match=why):
        infer(tmp_path / "c.json")
