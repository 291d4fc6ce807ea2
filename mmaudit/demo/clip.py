"""Train a tiny open_clip model on the keypad's pictures and texts: deterministic, on one thread."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from mmaudit.models.towers import Towers, from_config, package
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode
from mmaudit.seeds import Words, words

NAME = "keypad-clip"
STEPS = 800
BATCH = 128
LEARNING_RATE = 2e-3
WARM_UP = 0.15  # share of the steps
MOST_SCALE = 100.0  # of the logits, as CLIP bounds it
SMUDGED = 0.5  # share of the pictures that are smudged in training
SMUDGE = 1.2  # most standard deviation of that, of pixels in -1 … 1
SHIFT, TURN, SCALE = 0.12, 0.2, 0.1  # of half the picture, in radians, as a share
DRAWS = 5  # uniform numbers a picture
SIDE = 8  # pixels
CONFIG = {
    "model_cfg": {
        "embed_dim": 32,
        "vision_cfg": {
            "image_size": SIDE,
            "patch_size": 4,
            "width": 128,
            "head_width": 32,
            "layers": 2,
        },
        "text_cfg": {
            "context_length": 8,
            "vocab_size": 49408,
            "width": 32,
            "heads": 2,
            "layers": 1,
        },
    },
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
}


def train(dataset: Dataset, folder: Path, seed: int = 0, steps: int = STEPS) -> str:
    """Train on the training split and write the config and the weights.

    Args:
        dataset: The keypad dataset.
        folder: Where ``keypad-clip.json`` and ``keypad-clip.safetensors`` go.
        seed: Seed of the initial weights, the batches and the smudges.
        steps: How many batches are trained on.

    Returns:
        The model as a spec, ``openclip:CONFIG.json@WEIGHTS.safetensors``.

    Raises:
        MissingError: open_clip is not installed.
    """
    package()  # nothing is written where the model could not be made
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / f"{NAME}.json"
    config.write_text(json.dumps(CONFIG, indent=2) + "\n", "utf-8")
    drawn = words(seed, "keypad clip")
    with _one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(drawn.u32(1)[0]))
        towers = from_config(str(config))
        _fit(towers, dataset, drawn, steps)
    weights = folder / f"{NAME}.safetensors"
    state = towers.module.state_dict()
    save_file({name: value.contiguous() for name, value in state.items()}, weights)
    return f"openclip:{config}@{weights}"


def _fit(towers: Towers, dataset: Dataset, drawn: Words, steps: int) -> None:
    part = dataset.select(split="train")
    samples = decode(part, part.read(range(len(part))))
    pictures = towers.numbers(towers.pixels(samples.values["image"]))
    tokens = towers.tokenise(samples.values["text"])
    module = towers.module.train()
    with _only_used_words(module, tokens) as tokens:
        _steps(module, pictures, tokens, drawn, steps)
    module.eval()


def _steps(
    module: torch.nn.Module, pictures: torch.Tensor, tokens: torch.Tensor, drawn: Words, steps: int
) -> None:
    weights = list(module.parameters())
    optimiser = torch.optim.AdamW(weights, betas=(0.9, 0.98), weight_decay=0.2, fused=True)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=steps, pct_start=WARM_UP
    )
    for step in range(steps):
        rows = torch.from_numpy(drawn.integers(BATCH, len(tokens), stream=3 * step + 1))
        pixels = _varied(pictures[rows], drawn, 3 * step + 2)
        loss = _loss(module, pixels, tokens[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()


@contextmanager
def _only_used_words(module: torch.nn.Module, tokens: torch.Tensor) -> Iterator[torch.Tensor]:
    """Train the embeddings of tokens that occur: the others have no gradient, only work.

    Args:
        module: The towers; what was learnt stands in its table of all tokens in the end.
        tokens: Of the texts, ``(text, position)``.

    Yields:
        The tokens as numbers of the smaller table, in the same order.
    """
    whole = module.token_embedding
    used, numbers = tokens.unique(return_inverse=True)  # sorted: the last one stays the largest
    module.token_embedding = torch.nn.Embedding.from_pretrained(whole.weight[used], freeze=False)
    try:
        yield numbers
    finally:
        with torch.no_grad():
            whole.weight[used] = module.token_embedding.weight
        module.token_embedding = whole


def _loss(module: torch.nn.Module, pictures: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of finding each picture's text in the batch, and each text's picture.

    References:
        Radford et al. 2021, arXiv:2103.00020
    """
    a, b, scale = module(pictures, tokens)
    logits = scale.clamp(max=MOST_SCALE) * a @ b.T
    own = torch.arange(len(a))
    entropy = torch.nn.functional.cross_entropy
    return (entropy(logits, own) + entropy(logits.T, own)) / 2


def _varied(pictures: torch.Tensor, drawn: Words, stream: int) -> torch.Tensor:
    """The pictures moved, turned and scaled a little, and some of them smudged, ``(n, 3, h, w)``.

    Args:
        pictures: Pixels in -1 … 1.
        drawn: Where randomness comes from.
        stream: Of the uniform numbers; the noise takes the next.
    """
    n = len(pictures)
    uniform = torch.from_numpy(drawn.uniforms(n * DRAWS, stream=stream).astype(np.float32))
    right, down, turn, scale, smudge = (uniform.reshape(DRAWS, n) * 2 - 1).unbind()
    size = 1 + SCALE * scale
    cosine, sine = size * torch.cos(TURN * turn), size * torch.sin(TURN * turn)
    rows = [cosine, -sine, SHIFT * right, sine, cosine, SHIFT * down]
    grid = torch.nn.functional.affine_grid(
        torch.stack(rows, 1).reshape(n, 2, 3), list(pictures.shape), align_corners=False
    )
    moved = torch.nn.functional.grid_sample(
        pictures, grid, padding_mode="border", align_corners=False
    )
    noise = drawn.normals(n * SIDE * SIDE, stream=stream + 1).astype(np.float32)
    depth = SMUDGE * (smudge.clamp(min=1 - 2 * SMUDGED) - 1 + 2 * SMUDGED) / (2 * SMUDGED)
    smudged = moved + depth[:, None, None, None] * torch.from_numpy(noise).reshape(n, 1, SIDE, SIDE)
    return smudged.clamp(-1, 1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one order, whatever the machine has; and so small a model is no quicker on two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
