"""Samples made worse on the fly, and the contact sheet."""

import pickle

import numpy as np
import pytest
from PIL import Image

from mmaudit.errors import UsageError
from mmaudit.injection import preview
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import prepare
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.torch_dataset import Corrupted
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode

APPLY = (
    "text/keyboard:3",
    "vector/dropout:2",
    "missing/mcar:2",
    "pairing/shuffle:2@caption",
    "label/symmetric:2",
)


def same(a, b):
    if a is None or b is None:
        return a is b
    return a.tolist() == b.tolist() if isinstance(a, np.ndarray) else a == b


def text_of(sample):
    return f"{sample['id']} {sample['caption']}"


def test_it_gives_what_the_command_writes(everything, tmp_path):
    corrupt_dataset(everything, tmp_path / "out", CorruptOptions(apply=APPLY, seed=3), quiet=True)
    written = open_dataset(tmp_path / "out")
    samples = decode(written, written.read(range(60)))
    lazy = Corrupted(everything, APPLY, seed=3)
    assert len(lazy) == 60
    for i in (0, 7, 59):
        sample = lazy[i]
        assert sample["id"] == samples.ids[i]
        assert sample["label"] == written.column("label")[i].as_py()
        for modality in written.modalities:
            if written.kinds[modality] not in {"image", "audio"}:
                assert same(sample[modality], samples.values[modality][i]), modality
            else:
                assert (sample[modality] is None) == (samples.values[modality][i] is None)


def test_any_number_of_loader_workers_gives_the_same(everything):
    torch_data = pytest.importorskip("torch.utils.data")
    lazy = Corrupted(everything, APPLY, transform=text_of)
    told = [
        [
            t
            for batch in torch_data.DataLoader(
                lazy, batch_size=size, num_workers=workers, collate_fn=list
            )
            for t in batch
        ]
        for workers, size in ((0, 60), (2, 7))
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 60


def test_it_travels_to_other_processes_and_ends_like_a_list(everything):
    lazy = Corrupted(everything, ("image/frost:3",))
    again = pickle.loads(pickle.dumps(lazy))
    assert (again[4]["camera"] == lazy[4]["camera"]).all()
    assert same(lazy[-1]["caption"], lazy[59]["caption"])
    with pytest.raises(IndexError):
        lazy[60]


def test_the_sheet_has_a_line_for_each_sample_and_step(everything, tmp_path):
    apply = (
        "image/fog",
        "text/keyboard",
        "audio/white_noise",
        "series/spike",
        "table/drop_entry",
        "vector/sign_flip",
    )
    prepared = prepare(open_dataset(everything), CorruptOptions(apply=apply), None)
    path = preview.save(preview.sheet(prepared), tmp_path / "deep" / "sheet.png")
    with Image.open(path) as sheet:
        assert sheet.format == "PNG"
        pixels = np.asarray(sheet.convert("L")).astype(float)
    assert pixels.shape[1] == 6 * 226 + 6
    lines = (pixels.shape[0] - 26) // 168
    assert 16 <= lines <= 18  # three samples of six steps, but absent values
    first = pixels[26:176, :].reshape(150, -1)
    clean, worst = first[:150, 6:156], first[:150, 6 + 5 * 226 : 156 + 5 * 226]
    assert np.abs(clean - worst).mean() > 10
    before = path.read_bytes()
    assert preview.save(preview.sheet(prepared), path).read_bytes() == before


def test_the_sheet_follows_the_size_as_the_copy_does(everything):
    apply = ("image/gaussian_blur:5",)
    sheets = [
        np.asarray(preview.sheet(prepare(open_dataset(everything), options, None)))
        for options in (CorruptOptions(apply=apply, scale_with_size=s) for s in (False, True))
    ]
    clean, large, small = (
        s[26:176, at : at + 150].astype(int)
        for s, at in ((sheets[0], 6), (sheets[0], 1136), (sheets[1], 1136))
    )
    assert np.abs(small - clean).mean() < np.abs(large - clean).mean() / 2  # 24 pixels, not 224


def test_plans_have_nothing_to_draw(everything, tmp_path):
    prepared = prepare(open_dataset(everything), CorruptOptions(apply=("missing/mcar",)), None)
    with pytest.raises(UsageError, match="nothing to draw"):
        preview.save(preview.sheet(prepared), tmp_path / "sheet.png")
