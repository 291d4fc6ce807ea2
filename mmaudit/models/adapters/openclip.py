"""An open_clip model: embeddings of images and texts, or zero-shot classes of images.

``openclip:ARCH@PRETRAINED`` takes weights from the hub, ``openclip:CONFIG.json@CHECKPOINT`` from a
local file (safetensors, or a state dict that holds nothing but weights).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mmaudit.errors import UsageError
from mmaudit.models.base import Batch, Output, Present, Request, Values
from mmaudit.models.device import torch_device
from mmaudit.models.options import ModelOptions
from mmaudit.models.pictures import PICTURES
from mmaudit.models.towers import Towers, from_files, from_hub

LIBRARIES = ("open_clip_torch", "timm", "torch")
OPTIONS = {"image", "text", "template"}
LACKS = dict.fromkeys(PICTURES, "pictures are resized and normalised as the model's config says")
LACKS |= {"output_name": "there is one output"}
TEMPLATE = "a photo of a {}."


def danger(request: Request) -> str:
    """Never: weights are read as weights."""
    del request
    return ""


def file(request: Request) -> Path | None:
    """The local checkpoint; weights from the hub have none."""
    config, checkpoint = _split(request)
    return Path(checkpoint) if config.endswith(".json") else None


def further(request: Request) -> Iterator[Path]:
    """The config of a local checkpoint."""
    config, _ = _split(request)
    yield from [Path(config)] if config.endswith(".json") else []


def load(request: Request) -> "OpenClip":
    """Load a model.

    Options: ``image`` and ``text`` are the names of the modalities; with ``classes`` (names) it
    answers with probabilities of classes from the image alone, by prompts made of ``template``,
    in which ``{}`` is the name.

    Raises:
        UsageError: The spec is not ``ARCH@PRETRAINED`` or ``CONFIG.json@CHECKPOINT``.
        InputError: The files do not fit together.
        MissingError: The weights cannot be had.
    """
    said = ModelOptions.of(request, OPTIONS, LACKS)
    said.answers("embeddings" if said.classes is None else "probabilities", request.spec)
    device = torch_device(request.device)
    config, checkpoint = _split(request)
    local = config.endswith(".json")
    towers = from_files(config, checkpoint) if local else from_hub(config, checkpoint, request.spec)
    names = (request.options.get("image", "image"), request.options.get("text", "text"))
    template = request.options.get("template", TEMPLATE)
    if "{}" not in template:
        raise UsageError("a template holds {} for the class", where=template, fix=TEMPLATE)
    return OpenClip(towers, names, device, said.classes, template)


class OpenClip:
    """Both towers of an open_clip model."""

    accepts_missing = True

    def __init__(
        self,
        towers: Towers,
        names: tuple[str, str],
        device: str,
        classes: tuple[str, ...] | None,
        template: str,
    ) -> None:
        self.towers, self.module = towers, towers.module.eval().to(device)
        self.device, self.classes = device, classes
        self.image, self.text = names
        self.modalities: tuple[str, ...] = names if classes is None else names[:1]
        self.output: Output = "embeddings" if classes is None else "probabilities"
        self.prompts: NDArray[np.float32] | None = None
        if classes is not None:
            named = [template.replace("{}", name) for name in classes]
            self.prompts = self._embed(self.text, self.prepare(self.text, named))

    def prepare(self, modality: str, values: Values) -> torch.Tensor:
        """Pictures resized ``(n, h, w, 3)`` uint8, or texts as tokens; needs no GPU."""
        if modality == self.text:
            return self.towers.tokenise([str(text) for text in values])
        return self.towers.pixels(values)

    def encode(self, modality: str, values: Values | torch.Tensor) -> NDArray[np.float32]:
        """Embeddings of length one of values, or of what `prepare` made of them, ``(n, d)``."""
        if modality not in {self.image, self.text}:
            raise ValueError(f"there is no modality {modality!r}")
        ready = values if isinstance(values, torch.Tensor) else self.prepare(modality, values)
        return self._embed(modality, ready)

    def fuse(
        self, features: Mapping[str, NDArray[np.float32]], present: Present
    ) -> NDArray[np.float32]:
        """Embeddings side by side ``(n, modality, d)``, zeros where absent; or probabilities."""
        if self.prompts is None:
            rows = [
                np.where(np.asarray(present[m], bool)[:, None], features[m], np.float32(0))
                for m in self.modalities
            ]
            return np.stack(rows, axis=1)
        there = np.asarray(present[self.image], bool)[:, None]
        logits = features[self.image] @ self.prompts.T * self._scale()
        shifted = np.exp(logits - logits.max(1, keepdims=True))
        uniform = np.float32(1 / len(self.prompts))
        return np.where(there, shifted / shifted.sum(1, keepdims=True), uniform)

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Answers; ``(n, modality, d)`` embeddings or ``(n, class)`` probabilities."""
        return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)

    def _scale(self) -> float:
        scale: torch.Tensor = self.module.logit_scale
        return float(scale.detach().exp().cpu())

    def _embed(self, modality: str, ready: torch.Tensor) -> NDArray[np.float32]:
        with torch.inference_mode():
            there = ready.to(self.device, non_blocking=True)
            rows = self._tower(modality, there)
        return rows.float().cpu().numpy()

    def _tower(self, modality: str, there: torch.Tensor) -> torch.Tensor:
        module: Any = self.module
        if modality == self.text:
            return module.encode_text(there, normalize=True)
        return module.encode_image(self.towers.numbers(there), normalize=True)


def _split(request: Request) -> tuple[str, str]:
    config, at, checkpoint = request.where.rpartition("@")
    if not at or not config or not checkpoint:
        raise UsageError(
            f"{request.where!r} does not say which model and which weights",
            where=request.spec,
            fix="openclip:ViT-B-32@laion2b_s34b_b79k, or openclip:config.json@weights.safetensors",
        )
    return config, checkpoint
