"""An open_clip model: embeddings of images and texts, or zero-shot classes of images.

``openclip:ARCH@PRETRAINED`` takes weights from the hub, ``openclip:CONFIG.json@CHECKPOINT`` from a
local file (safetensors, or a state dict that holds nothing but weights).
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file

from mmaudit.errors import InputError, MissingError, UsageError
from mmaudit.models import torchvision
from mmaudit.models.base import Batch, Output, Present, Request, Values
from mmaudit.models.device import torch_device
from mmaudit.models.options import listed, only

OPTIONS = {"image", "text", "classes", "template"}
TEMPLATE = "a photo of a {}."


def danger(request: Request) -> str:
    """Never: weights are read as weights."""
    del request
    return ""


def file(request: Request) -> Path | None:
    """The local checkpoint; weights from the hub have none."""
    config, checkpoint = _split(request)
    return Path(checkpoint) if config.endswith(".json") else None


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
    only(request, OPTIONS)
    torchvision.ensure()
    device = torch_device(request.device)
    config, checkpoint = _split(request)
    local = config.endswith(".json")
    found = _local(config, checkpoint) if local else _hub(config, checkpoint, request)
    module, transform, tokenise = found
    names = (request.options.get("image", "image"), request.options.get("text", "text"))
    classes = listed(request.options["classes"]) if "classes" in request.options else None
    template = request.options.get("template", TEMPLATE)
    if "{}" not in template:
        raise UsageError("a template holds {} for the class", where=template, fix=TEMPLATE)
    return OpenClip(module.eval().to(device), transform, tokenise, names, device, classes, template)


class OpenClip:
    """Both towers of an open_clip model."""

    accepts_missing = True

    def __init__(
        self,
        module: torch.nn.Module,
        transform: Callable[[Any], torch.Tensor],
        tokenise: Callable[[list[str]], torch.Tensor],
        names: tuple[str, str],
        device: str,
        classes: tuple[str, ...] | None,
        template: str,
    ) -> None:
        self.module, self.transform, self.tokenise = module, transform, tokenise
        self.device, self.classes = device, classes
        self.image, self.text = names
        self.modalities: tuple[str, ...] = names if classes is None else names[:1]
        self.output: Output = "embeddings" if classes is None else "probabilities"
        self.prompts: NDArray[np.float32] | None = None
        if classes is not None:
            named = [template.replace("{}", name) for name in classes]
            self.prompts = self._embed(self.text, self.prepare(self.text, named))

    def prepare(self, modality: str, values: Values) -> torch.Tensor:
        """What the tower takes, ``(n, …)``: pictures resized, texts tokenised; needs no GPU."""
        if modality == self.text:
            return self.tokenise([str(text) for text in values])
        return torch.stack([self.transform(_picture(image)) for image in values])

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
        tower: Any = getattr(
            self.module, "encode_text" if modality == self.text else "encode_image"
        )
        with torch.inference_mode():
            rows = tower(ready.to(self.device, non_blocking=True), normalize=True)
        return rows.float().cpu().numpy()


def _split(request: Request) -> tuple[str, str]:
    config, at, checkpoint = request.where.rpartition("@")
    if not at or not config or not checkpoint:
        raise UsageError(
            f"{request.where!r} does not say which model and which weights",
            where=request.spec,
            fix="openclip:ViT-B-32@laion2b_s34b_b79k, or openclip:config.json@weights.safetensors",
        )
    return config, checkpoint


Parts = tuple[torch.nn.Module, Callable[[Any], torch.Tensor], Callable[[list[str]], torch.Tensor]]


def _hub(arch: str, pretrained: str, request: Request) -> Parts:
    import open_clip  # noqa: PLC0415  after torchvision.ensure

    if arch not in open_clip.list_models():
        raise UsageError(
            f"open_clip knows no model {arch!r}", where=request.spec, fix="open_clip.list_models()"
        )
    tags = open_clip.list_pretrained_tags_by_model(arch)
    if pretrained not in tags:
        raise UsageError(
            f"open_clip has no weights {pretrained!r} for {arch}",
            where=request.spec,
            fix=", ".join(tags) or "another architecture",
        )
    try:
        with torch.random.fork_rng():
            module, _, transform = open_clip.create_model_and_transforms(arch, pretrained)
    except (OSError, RuntimeError) as error:
        raise MissingError(
            f"the weights cannot be had: {str(error).splitlines()[0]}",
            where=request.spec,
            fix="check the network, or give local files: openclip:config.json@weights.safetensors",
        ) from error
    return module, transform, open_clip.get_tokenizer(arch)


def _local(config: str, checkpoint: str) -> Parts:
    import open_clip  # noqa: PLC0415  after torchvision.ensure
    from open_clip.model import CLIP, CustomTextCLIP  # noqa: PLC0415

    told = _json(config)
    model = dict(told.get("model_cfg", told))
    preprocess = told.get("preprocess_cfg", {})
    size = model.get("vision_cfg", {}).get("image_size", 224)
    context = model.get("text_cfg", {}).get("context_length", 77)
    make = CustomTextCLIP if model.pop("custom_text", False) else CLIP
    try:
        with torch.random.fork_rng():
            module = make(**model)
        module.load_state_dict(_weights(checkpoint))
        transform = open_clip.image_transform(
            size, is_train=False, mean=preprocess.get("mean"), std=preprocess.get("std")
        )
    except (TypeError, KeyError, RuntimeError) as error:
        raise InputError(
            f"the weights and the config do not fit: {str(error).splitlines()[0]}",
            where=f"{config} and {checkpoint}",
            fix="the config that the weights were trained with",
        ) from error
    return module, transform, open_clip.SimpleTokenizer(context_length=context)


def _json(path: str) -> dict[str, Any]:
    try:
        told = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"the config cannot be read: {error}", where=path, fix="a JSON file of open_clip"
        ) from error
    if not isinstance(told, dict) or "vision_cfg" not in told.get("model_cfg", told):
        raise InputError(
            "this is not a config of open_clip", where=path, fix="vision_cfg, text_cfg"
        )
    return told


def _weights(path: str) -> dict[str, torch.Tensor]:
    try:
        if path.endswith(".safetensors"):
            return load_file(path)
        held = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, UnpicklingError, RuntimeError, EOFError) as error:
        raise InputError(
            f"the weights cannot be read: {str(error).splitlines()[0]}",
            where=path,
            fix="a safetensors file, or torch.save(model.state_dict())",
        ) from error
    state: dict[str, torch.Tensor] = held.get("state_dict", held)
    return {name.removeprefix("module."): value for name, value in state.items()}


def _picture(image: NDArray[np.uint8]) -> Image.Image:
    """A picture in RGB; transparency becomes white."""
    if image.ndim == 2 or image.shape[2] == 1:
        return Image.fromarray(image.reshape(image.shape[:2])).convert("RGB")
    if image.shape[2] == 4:
        colour, alpha = image[..., :3].astype(np.uint16), image[..., 3:].astype(np.uint16)
        return Image.fromarray(((colour * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8))
    return Image.fromarray(image[..., :3])
