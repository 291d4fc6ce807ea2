"""The keypad model: a small late-fusion network, and an example of the ``python:`` adapter.

``mmaudit robustness dataset.toml --model python:model.py:factory`` calls `factory` and audits what
it returns: any object with ``modalities``, ``classes`` and ``scores``. This one also has ``encode``
and ``fuse``, so a sweep encodes each modality once.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

SIDE = 16  # pixels that the network sees
TONES = 64  # spectral bands
BUCKETS = 256  # hashed character n-grams
WIDTH = 48
WEIGHTS = "keypad.safetensors"
INPUTS = {"image": SIDE * SIDE, "audio": TONES, "text": BUCKETS}


def pixels(images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Grey pictures of one size, ``(n, SIDE * SIDE)`` in 0 … 1."""
    rows = []
    for image in images:
        grey = np.asarray(image, np.float32)[..., :3].mean(2) / 255
        small = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(grey)[None], SIDE)
        rows.append(small.numpy().ravel())
    return np.stack(rows)


def bands(clips: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Share of each clip's power in bands up to 2 kHz, ``(n, TONES)``."""
    rows = []
    for clip in clips:
        mono = np.asarray(clip, np.float64).reshape(len(clip), -1).mean(1)
        power = np.abs(np.fft.rfft(mono, 1600)[: 400 // TONES * TONES]) ** 2
        share = power.reshape(TONES, -1).sum(1) / max(power.sum(), 1e-12)
        rows.append(np.sqrt(share))
    return np.stack(rows).astype(np.float32)


def grams(texts: Sequence[str]) -> NDArray[np.float32]:
    """Hashed characters, pairs and triples of each text, ``(n, BUCKETS)``, length 1."""
    rows = np.zeros((len(texts), BUCKETS), np.float32)
    for row, text in zip(rows, texts, strict=True):
        padded = f" {text} "
        for size in (1, 2, 3):
            for start in range(len(padded) - size + 1):
                row[crc32(padded[start : start + size].encode("utf-8", "replace")) % BUCKETS] += 1
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)
    return rows


Features = Callable[[Sequence[Any]], NDArray[np.float32]]
FEATURES: Mapping[str, Features] = {"image": pixels, "audio": bands, "text": grams}


class Network(torch.nn.Module):
    """One encoder a modality, a learned token for an absent one, and a head on the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.encoders = torch.nn.ModuleDict(
            {
                m: torch.nn.Sequential(torch.nn.Linear(d, WIDTH), torch.nn.ReLU())
                for m, d in INPUTS.items()
            }
        )
        self.absent = torch.nn.ParameterDict({m: torch.zeros(WIDTH) for m in INPUTS})
        self.head = torch.nn.Sequential(
            torch.nn.Linear(WIDTH * len(INPUTS), WIDTH), torch.nn.ReLU(), torch.nn.Linear(WIDTH, 10)
        )

    def fused(
        self, features: Mapping[str, torch.Tensor], present: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        """Logits, ``(n, 10)``, from features ``(n, WIDTH)`` of each modality."""
        parts = [torch.where(present[m][:, None], features[m], self.absent[m]) for m in INPUTS]
        return self.head(torch.cat(parts, 1))


class Keypad:
    """The model as mmaudit sees it."""

    modalities = tuple(INPUTS)
    classes = tuple(str(digit) for digit in range(10))
    output = "logits"
    accepts_missing = True

    def __init__(self, network: Network) -> None:
        self.network = network.eval()

    def encode(self, modality: str, values: Sequence[Any]) -> NDArray[np.float32]:
        """Encode one modality, ``(n, WIDTH)``."""
        inputs = torch.from_numpy(FEATURES[modality](values))
        with torch.inference_mode():
            return self.network.encoders[modality](inputs).numpy()

    def fuse(
        self,
        features: Mapping[str, NDArray[np.float32]],
        present: Mapping[str, NDArray[np.bool_]],
    ) -> NDArray[np.float32]:
        """Logits, ``(n, 10)``."""
        with torch.inference_mode():
            return self.network.fused(
                {m: torch.from_numpy(f) for m, f in features.items()},
                {m: torch.from_numpy(p) for m, p in present.items()},
            ).numpy()

    def scores(
        self, batch: Mapping[str, Sequence[Any]], present: Mapping[str, NDArray[np.bool_]]
    ) -> NDArray[np.float32]:
        """Logits, ``(n, 10)``."""
        return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)


def factory() -> Keypad:
    """The trained model, from the weights beside this file."""
    network = Network()
    network.load_state_dict(load_file(Path(__file__).with_name(WEIGHTS)))
    return Keypad(network)
