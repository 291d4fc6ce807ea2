"""Output as folders and archives, plans from files, calibrated doses, folders of noise."""

import json
import tarfile

import numpy as np
import pytest

import keypad_like
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.calibrate import targets
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.kinds import audio, image
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store

MIXED = ("image/gaussian_noise:2", "missing/mcar:2", "vector/dropout:2", "label/pairflip:3")


def run(dataset, out, apply, **more):
    return corrupt_dataset(dataset, out, CorruptOptions(apply=apply, **more), quiet=True)


def samples(path):
    dataset = open_dataset(path)
    return dataset, decode(dataset, dataset.read(range(len(dataset))))


def same(a, b):
    if a is None or b is None:
        return a is b
    return a.tolist() == b.tolist() if isinstance(a, np.ndarray) else a == b


@pytest.mark.parametrize("form", ["folder", "webdataset"])
def test_every_form_holds_the_same_samples(everything, tmp_path, form):
    plain = run(everything, tmp_path / "parquet", MIXED)
    other = run(everything, tmp_path / form, MIXED, format=form)
    assert other.card["content"] == plain.card["content"]
    first, a = samples(tmp_path / "parquet")
    second, b = samples(tmp_path / form)
    assert second.kinds == first.kinds
    assert second.classes == first.classes
    assert a.ids == b.ids
    assert (a.labels == b.labels).all()
    for modality in first.modalities:
        pairs = zip(a.values[modality], b.values[modality], strict=True)
        assert all(same(x, y) for x, y in pairs), modality
    assert verify(tmp_path / form / "card.json")[0]
    assert not (tmp_path / form / ".parts").exists()


def test_the_same_form_is_kept(everything, tmp_path):
    run(everything, tmp_path / "folder", MIXED, format="folder")
    run(tmp_path / "folder", tmp_path / "again", ("text/case:3",))
    assert (tmp_path / "again" / "data" / "metadata.jsonl").is_file()
    run(everything, tmp_path / "tar", MIXED, format="webdataset")
    run(tmp_path / "tar", tmp_path / "more", ("text/case:3",))
    assert list((tmp_path / "more" / "data").glob("*.tar"))


def test_archives_are_the_same_bytes_and_name_nobody(everything, tmp_path):
    for name in ("a", "b"):
        run(everything, tmp_path / name, MIXED, format="webdataset")
    (path,) = (tmp_path / "a" / "data").iterdir()
    assert path.read_bytes() == (tmp_path / "b" / "data" / path.name).read_bytes()
    with tarfile.open(path) as archive:
        assert {(m.mtime, m.uid, m.uname) for m in archive} == {(0, 0, "")}


@pytest.mark.parametrize(
    "apply",
    ["missing/mcar:3", "missing/mmp:4@caption", "pairing/shuffle:3@caption", "label/symmetric:4"],
)
@pytest.mark.parametrize("suffix", [".npy", ".parquet"])
def test_a_plan_can_be_taken_from_a_file(everything, tmp_path, apply, suffix):
    first = run(everything, tmp_path / "a", (apply,))
    (index,) = (tmp_path / "a" / "plans").glob(f"*{suffix}")
    second = run(everything, tmp_path / "b", (apply,), seed=99, index=str(index))
    if suffix == ".npy" and apply.startswith("pairing"):
        # NCR's form knows the image, not the row: the text is of the same image
        told = [store.read(tmp_path / k / "ledger.parquet").to_pandas() for k in "ab"]
        assert (told[0].applied == told[1].applied).all()
        assert (told[0].dose.fillna(0) == told[1].dose.fillna(0)).all()
    else:
        assert second.card["content"] == first.card["content"]
    assert verify(tmp_path / "b" / "card.json")[0]


def test_the_ncr_form_numbers_images_as_they_appear(everything, tmp_path):
    run(everything, tmp_path / "a", ("pairing/image_level:3@caption",))
    (index,) = (tmp_path / "a" / "plans").glob("*.npy")
    numbers = np.load(index)
    assert numbers.shape == (60,)
    assert numbers.max() < 30  # photos
    assert (numbers != np.arange(60) // 2).sum() == 24  # 0.4 of 30 photos, two rows each


def test_an_index_that_does_not_fit_is_refused(everything, tmp_path):
    np.save(tmp_path / "short.npy", np.arange(3))
    with pytest.raises(InputError, match="cannot read the index"):
        run(
            everything,
            tmp_path / "a",
            ("pairing/shuffle:1@caption",),
            index=str(tmp_path / "short.npy"),
        )
    with pytest.raises(UsageError, match="one plan"):
        run(everything, tmp_path / "a", ("vector/dropout:1",), index=str(tmp_path / "short.npy"))
    other = keypad_like.write(tmp_path / "other", n=12)
    run(other, tmp_path / "small", ("missing/mcar:1",))
    (index,) = (tmp_path / "small" / "plans").glob("*.parquet")
    with pytest.raises(InputError, match="does not know 'row12'"):
        run(everything, tmp_path / "a", ("missing/mcar:1",), index=str(index))


def test_calibration_reaches_the_dose(everything, tmp_path):
    done = run(
        everything,
        tmp_path / "a",
        ("series/gaussian_noise:1", "vector/gaussian_noise:1"),
        calibrate="sd_units=0.55",
    )
    told = store.read(tmp_path / "a" / "ledger.parquet").to_pandas()
    for name in ("series/gaussian_noise", "vector/gaussian_noise"):
        doses = told[(told.corruption == name) & told.applied].dose
        assert doses.mean() == pytest.approx(0.55, rel=0.05)
        (level,) = done.card["steps"][name.startswith("vector")]["calibrated"]["levels"]
        assert level["ok"]
    saved = json.loads((tmp_path / "a" / "severities.json").read_text())
    assert set(saved) == {"series/gaussian_noise@motion", "vector/gaussian_noise@feature"}
    assert verify(tmp_path / "a" / "card.json")[0]


def test_calibration_says_where_it_cannot(everything, tmp_path):
    done = run(everything, tmp_path / "a", ("vector/gaussian_noise:2",), calibrate="sd_units=9")
    told = done.card["steps"][0]["calibrated"]
    assert not told["levels"][0]["ok"]
    assert told["levels"][0]["parameters"] == {"sd": 0.5}
    assert told["reachable"][1] < 2.5
    with pytest.raises(UsageError, match="no step is measured by 'ssim'"):
        run(everything, tmp_path / "b", ("vector/dropout:2",), calibrate="ssim=0.5")
    with pytest.raises(UsageError, match="not a dose"):
        targets("ssim")


def test_five_doses_are_five_severities(everything, tmp_path):
    apply = ("vector/dropout:4",)
    done = run(everything, tmp_path / "a", apply, calibrate="share_changed=0.15,0.2,0.25,0.3,0.35")
    levels = done.card["steps"][0]["calibrated"]["levels"]
    assert [level["ok"] for level in levels] == [True] * 5
    told = store.read(tmp_path / "a" / "ledger.parquet").to_pandas()
    assert told[told.applied].dose.mean() == pytest.approx(0.3, abs=0.05)


def test_folders_of_noise_and_of_rooms(everything, tmp_path):
    noises = tmp_path / "noises"
    noises.mkdir()
    hum = np.sin(np.arange(400) * 0.3)[:, None].astype(np.float32)
    (noises / "hum.wav").write_bytes(audio.encode(hum, 8000))
    (noises / "readme.txt").write_text("a hum")
    done = run(everything, tmp_path / "a", ("audio/noise_file:3",), noise_dir=str(noises))
    told = store.read(tmp_path / "a" / "ledger.parquet").to_pandas()
    assert told.dose.to_numpy() == pytest.approx(10.0, abs=1e-3)
    assert done.card["dataset"]["digests"].keys() >= {"noise_dir/hum.wav"}
    assert verify(tmp_path / "a" / "card.json")[0]
    room = np.zeros((300, 1), np.float32)
    room[[0, 50, 200], 0] = [1.0, 0.3, 0.1]
    (noises / "hum.wav").write_bytes(audio.encode(room, 8000))
    with pytest.raises(InputError, match="differs"):
        verify(tmp_path / "a" / "card.json")
    run(everything, tmp_path / "b", ("audio/reverb:2",), rir_dir=str(noises))
    _, clean = samples(everything)
    _, worse = samples(tmp_path / "b")
    x, y = clean.values["sound"][0][:, 0], worse.values["sound"][0][:, 0]
    scale = 10 ** (-3 / 20) / np.sqrt(0.3**2 + 0.1**2)  # severity 2: 3 dB
    expected = x.astype(float)
    expected[50:] += scale * 0.3 * x[:-50]
    expected[200:] += scale * 0.1 * x[:-200]
    np.testing.assert_allclose(y, np.clip(expected, -1, 1), atol=2e-3)


def test_frost_of_given_pictures(everything, tmp_path):
    ice = tmp_path / "ice"
    ice.mkdir()
    white = np.full((80, 80, 3), 255, np.uint8)
    (ice / "white.png").write_bytes(image.encode(white, "png"))
    run(everything, tmp_path / "a", ("image/frost:1",), frost_dir=str(ice))
    _, clean = samples(everything)
    _, worse = samples(tmp_path / "a")
    expected = np.minimum(clean.values["camera"][0] + 0.4 * 255, 255)  # a PNG, so no loss
    assert np.abs(worse.values["camera"][0] - expected).max() <= 1


@pytest.mark.parametrize(
    ("apply", "more", "says"),
    [
        ("audio/noise_file:1", {}, "needs recordings"),
        ("vector/dropout:1", {"noise_dir": "/nowhere"}, "nothing uses it"),
    ],
)
def test_folders_and_steps_belong_together(everything, tmp_path, apply, more, says):
    with pytest.raises(UsageError, match=says):
        run(everything, tmp_path / "a", (apply,), **more)
    with pytest.raises(InputError, match="no such folder"):
        run(everything, tmp_path / "a", ("audio/noise_file:1",), noise_dir=str(tmp_path / "x"))


def test_parameters_in_pixels_follow_the_size(everything, tmp_path):
    plain = run(everything, tmp_path / "a", ("image/gaussian_blur:3",))
    scaled = run(everything, tmp_path / "b", ("image/gaussian_blur:3",), scale_with_size=True)
    assert scaled.card["content"] != plain.card["content"]
    doses = [store.read(tmp_path / k / "ledger.parquet").to_pandas().dose.mean() for k in "ab"]
    assert doses[1] > doses[0]  # 24 pixels: a ninth of the blur
    sigma = [
        json.loads(p)["sigma"]
        for p in store.read(tmp_path / "b" / "ledger.parquet")["parameters"].to_pylist()
    ]
    assert sigma == pytest.approx([3 * 24 / 224] * 120)  # SSIM and PSNR
