"""The work of a run travels to other processes, whatever it does, and makes the same there."""

import pickle

import numpy as np
import pytest
import soundfile
from PIL import Image

from mmaudit import parts
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import UnitSize, prepare
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.spec import KIND
from mmaudit.samples.dataset import open as open_dataset

ROWS = range(12)


def travels(whole, options):
    work = prepare(whole, options, None).work
    again = pickle.loads(pickle.dumps(work))
    assert again.hashes_of(ROWS).equals(work.hashes_of(ROWS))


@pytest.mark.parametrize("name", parts.names(KIND))
def test_every_part_travels(everything, name):
    part = parts.load(KIND, name)
    held = getattr(part, "CORRUPTION", None) or part.PLAN
    assert type(pickle.loads(pickle.dumps(held))) is type(held)


@pytest.mark.parametrize(
    "how",
    [
        {"apply": ("image/*", "text/*"), "severity_per_sample": True},
        {"apply": ("image/defocus_blur:2",), "scale_with_size": True},
        {"apply": ("image/gaussian_noise:3",), "calibrate": "ssim=0.6"},
        {"apply": ("missing/mcar:cell_rate=0.25", "pairing/shuffle:2", "label/pairflip:3")},
    ],
)
def test_runs_travel(everything, how):
    travels(open_dataset(everything), CorruptOptions(**how))


def test_folders_of_a_user_travel(everything, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("ice", "rooms", "noises"):
        (tmp_path / name).mkdir()
    Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(tmp_path / "ice/one.png")
    for name in ("rooms", "noises"):
        decaying = rng.normal(size=800) * np.exp(-np.arange(800) / 100) / 4
        soundfile.write(tmp_path / name / "one.wav", decaying, 8000)
    apply = ("image/frost:3", "audio/reverb:2", "audio/noise_file:2")
    folders = {"frost_dir": "ice", "rir_dir": "rooms", "noise_dir": "noises"}
    given = {flag: str(tmp_path / name) for flag, name in folders.items()}
    travels(open_dataset(everything), CorruptOptions(apply=apply, **given))


def test_a_run_in_two_processes_does_what_one_does(everything, tmp_path):
    options = CorruptOptions(apply=("image/frost:3", "text/char_swap:3", "text/misspelling:3"))
    whole = open_dataset(everything)
    size = UnitSize(most=16, many=2)
    told = [
        corrupt_dataset(whole, tmp_path / str(w), options, workers=w, quiet=True, size=size).card
        for w in (1, 2)
    ]
    assert told[0]["content"] == told[1]["content"]
