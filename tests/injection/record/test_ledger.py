"""Pictures are measured twice, whatever their corruption names as its dose."""

import numpy as np
import pytest

from mmaudit.doses.image import psnr_db, ssim
from mmaudit.errors import UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.values import corrupt_value
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store

MEASURES = {"ssim": ssim, "psnr_db": psnr_db}


def run(dataset, out, apply, **more):
    return corrupt_dataset(dataset, out, CorruptOptions(apply=apply, **more), quiet=True)


def ledger(out):
    return store.read(out / "ledger.parquet").to_pandas()


@pytest.mark.parametrize(
    ("part", "first"), [("image/gaussian_noise", "ssim"), ("image/brightness", "psnr_db")]
)
def test_ssim_and_psnr_are_both_told_the_corruptions_own_first(everything, tmp_path, part, first):
    run(everything, tmp_path / "out", (f"{part}:3",), fraction=0.5)
    told = ledger(tmp_path / "out")
    assert len(told) == 120
    assert (told.id[::2].to_numpy() == told.id[1::2].to_numpy()).all()
    second = ({"ssim", "psnr_db"} - {first}).pop()
    assert told.dose_name.tolist() == [first, second] * 60
    assert (told.applied[::2].to_numpy() == told.applied[1::2].to_numpy()).all()
    assert (told.dose.isna() == ~told.applied).all()
    dataset = open_dataset(everything)
    copy = open_dataset(tmp_path / "out")
    clean, worse = (decode(d, d.read(range(60))).values["camera"] for d in (dataset, copy))
    ids = dataset.column("id").to_pylist()
    for id_, name, dose in told[told.applied][["id", "dose_name", "dose"]].to_numpy():
        at = ids.index(id_)
        assert dose == MEASURES[name](clean[at], worse[at])  # what the file holds, JPEGs too
        if clean[at].shape[2] == 3 and worse[at].dtype == np.uint8:
            pure = corrupt_value(clean[at], part, id=id_, modality="camera")
            assert dose == pytest.approx(MEASURES[name](clean[at], pure), rel=0.02)
    assert verify(tmp_path / "out" / "card.json")[0]


def test_pictures_are_calibrated_by_either_dose(everything, tmp_path):
    done = run(
        everything,
        tmp_path / "out",
        ("image/gaussian_noise:3", "image/brightness:3"),
        calibrate="psnr_db=20",
    )
    told = ledger(tmp_path / "out")
    for step in done.card["steps"]:
        (level,) = step["calibrated"]["levels"]
        mine = told[(told.corruption == step["part"]) & (told.dose_name == "psnr_db")]
        assert level["ok"], step["part"]
        assert np.isclose(mine.dose.mean(), 20, atol=1)
    with pytest.raises(UsageError) as refusal:
        run(everything, tmp_path / "no", ("image/fog",), calibrate="snr_db=3")
    assert "psnr_db, ssim" in refusal.value.fix
