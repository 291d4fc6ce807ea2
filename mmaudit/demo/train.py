"""Train the keypad model: a minute at most, deterministic, with modality dropout."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from mmaudit.demo.model import FEATURES, INPUTS, WEIGHTS, Network
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode
from mmaudit.seeds import words

STEPS = 400
BATCH = 128
DROPOUT = 0.3  # probability that a modality is left out of a training sample
LEARNING_RATE = 5e-3


def train(dataset: Dataset, folder: Path, seed: int = 0) -> Path:
    """Train on the training split and write the weights beside a copy of the model's file.

    Args:
        dataset: The keypad dataset.
        folder: Where ``model.py`` and its weights go.
        seed: Seed of the initial weights, the batches and the dropout.

    Returns:
        The model's file, for ``python:FILE:factory``.
    """
    part = dataset.select(split="train")
    samples = decode(part, part.read(range(len(part))))
    inputs = {m: torch.from_numpy(FEATURES[m](samples.values[m])) for m in INPUTS}
    labels = torch.from_numpy(np.asarray(samples.labels, np.int64))
    network = _fitted(inputs, labels, seed)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), folder / WEIGHTS)
    file = folder / "model.py"
    file.write_text(Path(__file__).with_name("model.py").read_text("utf-8"), "utf-8")
    return file


def _fitted(inputs: dict[str, torch.Tensor], labels: torch.Tensor, seed: int) -> Network:
    drawn = words(seed, "keypad training")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(drawn.u32(1)[0]))
        network = Network()
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    for step in range(STEPS):
        rows = torch.from_numpy(drawn.integers(BATCH, len(labels), stream=3 * step + 1))
        present = _present(drawn.uniforms(BATCH * len(INPUTS), stream=3 * step + 2))
        features = {m: network.encoders[m](x[rows]) for m, x in inputs.items()}
        logits = network.fused(features, present)
        loss = torch.nn.functional.cross_entropy(logits, labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network


def _present(uniforms: NDArray[np.float64]) -> dict[str, torch.Tensor]:
    """Which modalities of a batch are kept; at least one of each sample."""
    draws = uniforms.reshape(len(INPUTS), BATCH)
    present = draws >= DROPOUT
    present[draws.argmax(0), np.arange(BATCH)] = True
    return {m: torch.from_numpy(row) for m, row in zip(INPUTS, present, strict=True)}
