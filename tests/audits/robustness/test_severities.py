"""A sweep at equal doses: the file that corrupt --calibrate writes is what robustness reads."""

import json

import numpy as np
import pytest

import mmaudit as mm
from mmaudit.demo import keypad
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset


class Grey:
    modalities, accepts_missing = ("image",), True
    classes = tuple(str(d) for d in range(10))

    def scores(self, batch, present):
        level = np.array([np.asarray(v, float).mean() for v in batch["image"]])
        p = 1 + np.abs(np.sin(level[:, None] + np.arange(10)))
        return (p / p.sum(1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrated")
    manifest = keypad.make(folder / "data")
    asked = CorruptOptions(
        apply=("image/gaussian_noise", "image/gaussian_blur", "image/fog"),
        calibrate="ssim=0.5",
        limit=40,
    )
    corrupt_dataset(manifest, folder / "out", asked, workers=1, quiet=True)
    return manifest, folder / "out" / "severities.json"


def sweep(manifest, severities, **kwargs):
    asked = {"corruptions": ("image/*",), "replicates": 20, "limit": 40, "split": "all"}
    return mm.robustness(manifest, Grey(), severities=severities, quiet=True, **asked | kwargs)


def test_doses_are_equal_and_what_cannot_be_reached_is_left_out(made):
    manifest, file = made
    told = json.loads(file.read_text())
    reached = [key.split("@")[0] for key, e in told.items() if e["levels"][0]["ok"]]
    assert 2 <= len(reached) <= 3
    samples = sweep(manifest, (str(file),))["robustness/samples"].to_pandas()
    doses = samples.groupby("condition")["dose"].mean()
    assert set(doses.index) == {"clean", *(f"{name}:ssim=0.5@image" for name in reached)}
    assert np.all(np.abs(doses.drop("clean") - 0.5) < 0.1)


def test_other_parameters_are_another_run(made, tmp_path):
    manifest, file = made
    copy = tmp_path / "severities.json"
    copy.write_text(file.read_text())
    sweep(manifest, (str(copy),), out=tmp_path / "run")
    told = json.loads(copy.read_text())
    key = next(k for k, e in told.items() if e["levels"][0]["ok"])
    name = next(iter(told[key]["levels"][0]["parameters"]))
    told[key]["levels"][0]["parameters"][name] *= 0.5
    copy.write_text(json.dumps(told))
    with pytest.raises(UsageError, match="options: levels changed"):
        sweep(manifest, (str(copy),), out=tmp_path / "run", resume=True)


def test_refusals(made, tmp_path):
    manifest, file = made
    (tmp_path / "broken.json").write_text('{"image/fog@image": {}}')
    with pytest.raises(InputError, match="not a file of calibrated"):
        sweep(manifest, (str(tmp_path / "broken.json"),))
    with pytest.raises(InputError, match="no such file"):
        sweep(manifest, ("absent.json",))
    with pytest.raises(UsageError, match="neither"):
        sweep(manifest, (1, str(file)))
    with pytest.raises(UsageError, match="is calibrated"):
        sweep(manifest, (str(file),), corruptions=("image/snow",))
    with pytest.raises(UsageError, match="joint"):
        sweep(manifest, (str(file),), joint=True)
