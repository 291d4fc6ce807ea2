"""The towers of open_clip: what stands before them, and what is said where they cannot be had."""

import json
import os
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from command import mmaudit
from mmaudit.errors import InputError, MissingError
from mmaudit.models import towers

TEXT = {"context_length": 8, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1}
VISION = {"image_size": 24, "layers": 1, "width": 16, "patch_size": 8, "head_width": 16}
MODEL = {"embed_dim": 8, "vision_cfg": VISION, "text_cfg": TEXT}


@pytest.fixture
def config(tmp_path):
    def made(**told):
        path = tmp_path / "config.json"
        path.write_text(json.dumps({"model_cfg": MODEL, **told}))
        return str(path)

    return made


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
def test_pictures_become_what_open_clip_makes_of_them(config, mode):
    seen = {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.4], "resize_mode": mode}
    made = towers.from_config(config(preprocess_cfg=seen | {"interpolation": "bilinear"}))
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (h, w, 3), np.uint8) for h, w in ((40, 31), (24, 24), (9, 50))]
    own = towers.package().image_transform(24, is_train=False, interpolation="bilinear", **seen)
    wanted = torch.stack([own(Image.fromarray(image)) for image in images])
    pixels = made.pixels(images)
    assert pixels.dtype == torch.uint8
    assert pixels.shape == (3, 24, 24, 3)
    torch.testing.assert_close(made.numbers(pixels), wanted, rtol=0, atol=1e-6)


def test_pictures_of_any_make_are_taken(config):
    made = towers.from_config(config())
    grey = np.full((24, 24, 1), 200, np.uint8)
    same = made.pixels([grey, np.repeat(grey, 3, 2), grey.astype(np.uint16) * 257, grey[..., 0]])
    assert (same == 200).all()
    clear = np.concatenate([grey, np.zeros_like(grey)], 2)
    half = np.concatenate([np.repeat(grey, 3, 2), np.full_like(grey, 128)], 2)
    white, mixed = made.pixels([clear, half])
    assert (white == 255).all()
    assert (mixed == (200 * 128 + 255 * 127) // 255).all()


def test_untrained_towers_follow_from_the_seed_and_leave_it(config):
    path = config()
    states = []
    for _ in range(2):
        with torch.random.fork_rng():
            torch.manual_seed(5)
            states.append(towers.from_config(path).module.state_dict())
            first = torch.rand(3)
            torch.manual_seed(5)
            assert torch.equal(first, torch.rand(3))
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_a_config_that_makes_no_model_is_refused(config, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({**MODEL, "text_cfg": TEXT | {"heads": 3}}))
    with pytest.raises(InputError, match="no model can be made"):
        towers.from_config(str(broken))
    with pytest.raises(InputError, match="no model can be made"):
        towers.from_config(config(preprocess_cfg={"resize_mode": "none"}))


def test_without_open_clip_the_package_to_install_is_named(config, monkeypatch):
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(MissingError, match="open_clip cannot be imported") as told:
        towers.from_config(config())
    assert told.value.fix == "pip install 'mmaudit[openclip]'"


def command(tmp_path, **environment):
    """The real command with weights of the hub, with nothing kept on this machine."""
    (tmp_path / "data.csv").write_text("id,text\na,b\n")
    spec = "openclip:ViT-B-32@laion2b_s34b_b79k"
    words = ("noisy-pairs", "data.csv", "--encoder", spec, "--out", "run")
    return mmaudit(
        *words,
        cwd=tmp_path,
        env=os.environ | {"HF_HOME": str(tmp_path / "hub"), **environment},
    )


def test_a_hub_that_cannot_be_reached_is_said_with_what_to_do(tmp_path):
    done = command(tmp_path, HF_ENDPOINT="http://127.0.0.1:9", no_proxy="127.0.0.1")
    assert done.returncode == 4, done.stderr
    what, where, fix = done.stderr.splitlines()[-3:]
    assert what.startswith("error: the weights are not on this machine, and 127.0.0.1:9 cannot be")
    assert where == "where: openclip:ViT-B-32@laion2b_s34b_b79k"
    assert "openclip:open_clip_config.json@open_clip_model.safetensors" in fix
    assert "laion/CLIP-ViT-B-32-laion2B-s34B-b79K" in fix
    assert "Retrying" not in done.stderr
    assert "Traceback" not in done.stderr


def test_offline_by_wish_is_said_too(tmp_path):
    done = command(tmp_path, HF_HUB_OFFLINE="1")
    assert done.returncode == 4, done.stderr
    assert "not on this machine, and HF_HUB_OFFLINE forbids to fetch them" in done.stderr
    assert "open_clip_model.safetensors" in done.stderr
    assert "Traceback" not in done.stderr
