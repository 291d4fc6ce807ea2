import subprocess
import sys

import pytest

from mmaudit.models.torchvision import MEANING, ensure, load_first


class Fake:
    """Libraries that load or do not, and whether operators were declared."""

    def __init__(self, *broken):
        self.broken, self.loaded, self.declared = broken, [], 0

    def load(self, path):
        name = path.rpartition("/")[2]
        if name in self.broken:
            raise OSError(name)
        self.loaded.append(name)

    def declare(self):
        self.declared += 1


@pytest.mark.parametrize(
    ("there", "broken", "state", "loaded"),
    [
        (["_C.so"], [], "native", ["_C.so"]),
        (["_C.so", "_C_stable.so"], ["_C.so"], "native", ["_C_stable.so"]),
        (["_C.cp311-win_amd64.pyd"], [], "native", ["_C.cp311-win_amd64.pyd"]),
        (["_C.so", "_C_stable.so"], ["_C.so", "_C_stable.so"], "stub", []),
        (["image.so"], [], "stub", []),
    ],
)
def test_the_native_library_goes_first(tmp_path, there, broken, state, loaded):
    for name in there:
        (tmp_path / name).touch()
    fake = Fake(*broken)
    assert load_first(tmp_path, fake.load, fake.declare) == state
    assert fake.loaded == loaded
    assert fake.declared == (state == "stub")


SCRIPT = """
import sys
from mmaudit.models.torchvision import ensure
state = ensure()
assert ensure() == state
assert "torchvision" not in sys.modules
import open_clip
from torchvision.transforms import v2
import torch
assert v2.GaussianBlur(3)(torch.ones(1, 3, 8, 8)).shape == (1, 3, 8, 8)
assert callable(open_clip.create_model)
print(state)
"""


def test_open_clip_imports_after_it():
    told = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] in {"native", "stub"}


def test_every_state_has_a_meaning():
    assert ensure() in MEANING
