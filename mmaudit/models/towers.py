"""The two towers of an open_clip model: from a config, with weights from a file, or from the hub.

Pictures are resized as the model's preprocessing says and stay 8-bit until they are on the device;
there they become the numbers that the tower takes. So preparing them uses no torch operation, whose
threads would take the processor from the tower's own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import CRITICAL, getLogger
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file

from mmaudit import extras, files
from mmaudit.errors import InputError, MissingError, UsageError
from mmaudit.models import torchvision
from mmaudit.models.base import Values
from mmaudit.parsing.base import refusing

SECONDS = 10  # how long the hub may take to say that it is there
CONFIG = "open_clip_config.json"  # names of a model's files on the hub
WEIGHTS = "open_clip_model.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Towers:
    """Both towers and what belongs before them.

    Attributes:
        module: The towers, ``encode_image`` and ``encode_text``.
        resize: A picture in RGB as the image tower sees it, still 8-bit.
        mean: What is subtracted from the channels of pictures in 0 … 1.
        std: What they are then divided by.
        tokenise: Texts to tokens, ``(n, context)``.
    """

    module: torch.nn.Module
    resize: Callable[[Image.Image], Image.Image]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    tokenise: Callable[[list[str]], torch.Tensor]

    def pixels(self, images: Values) -> torch.Tensor:
        """Pictures of any size as the tower's, ``(n, h, w, 3)`` uint8; needs no GPU."""
        return torch.from_numpy(np.stack([np.asarray(self.resize(_rgb(i))) for i in images]))

    def numbers(self, pixels: torch.Tensor) -> torch.Tensor:
        """What the image tower takes of `pixels`, ``(n, 3, h, w)`` float32, on their device."""
        first = torch.empty(0, dtype=torch.float32, device=pixels.device)
        mean, std = (first.new_tensor(values)[:, None, None] for values in (self.mean, self.std))
        plain = pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)
        return plain.div_(255).sub_(mean).div_(std)


def package() -> Any:
    """open_clip itself.

    Raises:
        MissingError: It is not installed.
    """
    torchvision.ensure()
    try:
        import open_clip  # noqa: PLC0415  after torchvision.ensure
    except ModuleNotFoundError as error:
        raise MissingError(
            f"open_clip cannot be imported: there is no package {error.name!r}",
            fix=extras.line(error.name or "open_clip"),
        ) from error
    return open_clip


def from_config(path: str) -> Towers:
    """Untrained towers of a config: open_clip's own JSON, or that of a model on the hub.

    Their weights follow from torch's seed, which is left as it was.

    Raises:
        MissingError: A package that the config needs is not installed.
        InputError: It is no such file.
    """
    open_clip = package()
    document = _json(path)
    config = dict(document.get("model_cfg", document))
    text = dict(config.get("text_cfg", {}))
    if "hf_model_name" in text:
        text["hf_model_pretrained"] = False  # the weights are in the checkpoint
    custom = config.pop("custom_text", False) or "hf_model_name" in text
    make = open_clip.CustomTextCLIP if custom else open_clip.CLIP
    make = open_clip.CoCa if custom and "multimodal_cfg" in config else make
    try:
        with torch.random.fork_rng():
            module = make(**{**config, "text_cfg": text})
        tokenise = _tokeniser(open_clip, text)
        preprocessing = {**document.get("preprocess_cfg", {}), "size": module.visual.image_size}
        return _towers(open_clip, module, preprocessing, tokenise)
    except ImportError as error:
        raise MissingError(
            f"the model needs more than open_clip: {error}", where=path, fix="pip install it"
        ) from error
    except (TypeError, KeyError, RuntimeError, AssertionError, OSError) as error:
        raise InputError(
            f"no model can be made of the config: {_line(error)}",
            where=path,
            fix="the config that the weights were trained with",
        ) from error


def from_files(config: str, checkpoint: str) -> Towers:
    """Towers of a config with weights from a file: safetensors, or nothing but weights.

    Raises:
        MissingError: A package that the config needs is not installed.
        InputError: The files cannot be read, or do not fit together.
    """
    towers = from_config(config)
    try:
        towers.module.load_state_dict(_weights(checkpoint))
    except RuntimeError as error:
        raise InputError(
            f"the weights and the config do not fit: {_line(error)}",
            where=f"{config} and {checkpoint}",
            fix="the config that the weights were trained with",
        ) from error
    return towers


def from_hub(arch: str, pretrained: str, spec: str) -> Towers:
    """Towers of open_clip's own list; weights come from its cache, or else from the hub.

    Args:
        arch: Name of the architecture.
        pretrained: Name of the weights.
        spec: For messages.

    Raises:
        UsageError: open_clip knows no such architecture or weights.
        MissingError: open_clip is not installed, or the weights cannot be had.
    """
    open_clip = package()
    if arch not in open_clip.list_models():
        raise UsageError(
            f"open_clip knows no model {arch!r}", where=spec, fix="open_clip.list_models()"
        )
    tags = open_clip.list_pretrained_tags_by_model(arch)
    if pretrained not in tags:
        raise UsageError(
            f"open_clip has no weights {pretrained!r} for {arch}",
            where=spec,
            fix=", ".join(tags) or "another architecture",
        )
    place, _, name = (
        open_clip.get_pretrained_cfg(arch, pretrained).get("hf_hub", "").rpartition("/")
    )
    if place:
        _reach(place, name or WEIGHTS, spec)
    try:
        with torch.random.fork_rng(), _quiet():
            module = open_clip.create_model(arch, pretrained)
    except (OSError, RuntimeError) as error:
        raise MissingError(
            f"the weights cannot be had: {_line(error)}", where=spec, fix=_instead(place)
        ) from error
    return _towers(open_clip, module, module.visual.preprocess_cfg, open_clip.get_tokenizer(arch))


def _reach(place: str, name: str, spec: str) -> None:
    """Ask the hub once whether it is there: its own client goes on asking for most of a minute."""
    import huggingface_hub as hub  # noqa: PLC0415  which open_clip brings

    names = {name, WEIGHTS, str(Path(name).with_suffix(".safetensors"))}
    if any(isinstance(hub.try_to_load_from_cache(place, file), str) for file in names):
        return
    if hub.constants.HF_HUB_OFFLINE:
        raise _unreachable("HF_HUB_OFFLINE forbids to fetch them", place, spec)
    url = hub.hf_hub_url(place, name)
    try:
        urlopen(Request(url, method="HEAD"), timeout=SECONDS).close()  # noqa: S310  it is the hub's
    except HTTPError:
        return  # it is there; whether it gives the file, its own client finds out
    except OSError as error:
        raise _unreachable(f"{urlsplit(url).netloc} cannot be reached", place, spec) from error


def _unreachable(why: str, place: str, spec: str) -> MissingError:
    return MissingError(
        f"the weights are not on this machine, and {why}", where=spec, fix=_instead(place)
    )


def _instead(place: str) -> str:
    files = f"openclip:{CONFIG}@{WEIGHTS}"
    if not place:
        return f"check the network, or give local files: {files}"
    return f"a network once (weights are kept), or bring these files of {place}: {files}"


@contextmanager
def _quiet() -> Iterator[None]:
    """What open_clip logs of an error, the error says."""
    root = getLogger()
    before = root.level
    root.setLevel(CRITICAL)
    try:
        yield
    finally:
        root.setLevel(before)


def _towers(open_clip: Any, module: torch.nn.Module, preprocessing: Any, tokenise: Any) -> Towers:
    transforms = open_clip.transform
    config = transforms.PreprocessCfg(
        **transforms.merge_preprocess_dict(transforms.PreprocessCfg(), preprocessing)
    )
    whole = transforms.image_transform_v2(config, is_train=False)
    *resize, _, normalise = whole.transforms  # the last two make numbers of a picture
    return Towers(
        module=module,
        resize=type(whole)(resize),
        mean=tuple(normalise.mean),
        std=tuple(normalise.std),
        tokenise=tokenise,
    )


def _tokeniser(open_clip: Any, text: dict[str, Any]) -> Any:
    context = text.get("context_length", open_clip.tokenizer.DEFAULT_CONTEXT_LENGTH)
    more = text.get("tokenizer_kwargs", {})
    if name := text.get("hf_tokenizer_name"):
        mode = text.get("tokenizer_mode")
        return open_clip.tokenizer.HFTokenizer(
            name, context_length=context, tokenizer_mode=mode, **more
        )
    return open_clip.SimpleTokenizer(context_length=context, **more)


def _json(path: str) -> dict[str, Any]:
    document = files.read_json(path, "config", fix="a JSON file of open_clip")
    if "vision_cfg" not in document.get("model_cfg", document):
        raise InputError(
            "this is not a config of open_clip", where=path, fix="vision_cfg, text_cfg"
        )
    return document


def _weights(path: str) -> dict[str, torch.Tensor]:
    fix = "a safetensors file, or torch.save(model.state_dict())"
    with refusing("the weights cannot be read", path, fix):
        if path.endswith(".safetensors"):
            return load_file(path)
        held = torch.load(path, map_location="cpu", weights_only=True)
        state: dict[str, torch.Tensor] = held.get("state_dict", held)
        return {name.removeprefix("module."): value for name, value in state.items()}


def _line(error: BaseException) -> str:
    """The first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _rgb(image: NDArray[np.uint8] | NDArray[np.uint16]) -> Image.Image:
    """A picture in 8-bit RGB; transparency becomes white."""
    plain = (image // 257).astype(np.uint8) if image.dtype == np.uint16 else image
    plain = plain[..., None] if plain.ndim == 2 else plain
    if plain.shape[2] in {2, 4}:
        colour, alpha = (part.astype(np.uint16) for part in np.split(plain, [-1], axis=2))
        plain = ((colour * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    if plain.shape[2] == 1:
        return Image.fromarray(plain[..., 0]).convert("RGB")
    return Image.fromarray(np.ascontiguousarray(plain))
