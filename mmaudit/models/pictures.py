"""Pictures as exported vision models take them: resized, as numbers of another scale, or turned.

| option | what is done, in this order |
|---|---|
| ``size=224``, ``size=224x320`` | resized to so many rows and columns, as Pillow's bilinear does |
| ``mean=`` of three numbers | grey becomes three channels, transparency is left away |
| ``scale=1/255`` | every pixel, 0 … 255 (of 16 bits: their share of it), is multiplied by it |
| ``mean=a,b,c`` | is subtracted, channel by channel, or one number from all |
| ``std=a,b,c`` | divides, likewise |
| ``layout=nchw`` | channels come before rows and columns; ``nhwc`` is as pictures are |
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmaudit.errors import InputError, UsageError
from mmaudit.models.base import Values
from mmaudit.models.batches import stacked

PICTURES = ("layout", "scale", "mean", "std", "size")
LAYOUTS = ("nchw", "nhwc")
EIGHT, SIXTEEN = 255, 65535  # the largest pixel of so many bits
RGB = 3


@dataclass(frozen=True, slots=True)
class Pictures:
    """How pictures are handed over; as they are, where nothing is said.

    Attributes:
        layout: Whether channels come first.
        scale: What pixels are multiplied by.
        mean: What is subtracted from each channel.
        std: What each channel is divided by.
        size: Rows and columns.
    """

    layout: str = ""
    scale: float | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    size: tuple[int, int] | None = None

    @classmethod
    def of(cls, options: Mapping[str, str], spec: str) -> "Pictures":
        """The options of a spec.

        Raises:
            UsageError: One means nothing, or a mean is said and not of which scale.
        """
        layout = options.get("layout", "")
        if layout and layout not in LAYOUTS:
            raise UsageError(f"there is no layout {layout!r}", where=spec, fix=" or ".join(LAYOUTS))
        numbers = {k: _numbers(options[k], k, spec) for k in ("mean", "std") if k in options}
        if numbers and "scale" not in options:
            raise UsageError(
                f"{' and '.join(numbers)} of which scale? pixels are 0 … 255",
                where=spec,
                fix="scale=1/255 beside it for numbers of pixels in 0 … 1, scale=1 for 0 … 255",
            )
        scale = _ratio(options["scale"], spec) if "scale" in options else None
        if any(number <= 0 for number in numbers.get("std", ())):
            raise UsageError("a std is more than 0", where=spec, fix="std=0.229,0.224,0.225")
        size = _size(options["size"], spec) if "size" in options else None
        return cls(layout, scale, numbers.get("mean", ()), numbers.get("std", ()), size)

    def prepared(self, values: Values) -> Values:
        """Values of one modality, pictures among them as they are to be handed over.

        Raises:
            InputError: Pictures have other channels than the mean or std have numbers.
        """
        if not self.concerns(values):
            return values
        if isinstance(values, np.ndarray) and self.size is None:
            return self._picture(values)
        return stacked([self._picture(value) for value in values])

    @property
    def said(self) -> bool:
        """Whether anything is to be done."""
        return self != Pictures()

    def concerns(self, values: Values) -> bool:
        """Whether values are pictures, and anything is to be done with them."""
        return self.said and bool(len(values)) and np.ndim(values[0]) == 3

    def _picture(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """One picture ``(h, w, c)``, or several of one shape ``(n, h, w, c)``."""
        if self.size is not None:
            pixels = _resized(pixels, self.size)
        if RGB in {len(self.mean), len(self.std)}:
            pixels = _rgb(pixels)
        if self.scale is not None:
            scale = self.scale * (EIGHT / SIXTEEN if pixels.dtype == np.uint16 else 1)
            pixels = pixels.astype(np.float32) * np.float32(scale)
        if self.mean or self.std:
            mean, std = self._by_channel(self.mean or (0,)), self._by_channel(self.std or (1,))
            wrong = [len(x) for x in (mean, std) if len(x) not in {1, pixels.shape[-1]}]
            if wrong:
                raise InputError(
                    f"{wrong[0]} numbers of mean or std, and pictures of {pixels.shape[-1]} "
                    "channels",
                    fix="one number, or one a channel",
                )
            pixels = (pixels - mean) / std
        return np.moveaxis(pixels, -1, -3) if self.layout == "nchw" else pixels

    @staticmethod
    def _by_channel(numbers: tuple[float, ...]) -> NDArray[np.float32]:
        return np.array(numbers, np.float32)


def _resized(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """A picture of another size, channel by channel."""
    if pixels.shape[:2] == size:
        return pixels
    channels = [pixels[..., c] for c in range(pixels.shape[-1])]
    if pixels.dtype != np.uint8:
        channels = [channel.astype(np.float32) for channel in channels]
    across = Image.Resampling.BILINEAR
    turned = [
        np.asarray(Image.fromarray(np.ascontiguousarray(c)).resize(size[::-1], across))
        for c in channels
    ]
    out = np.stack(turned, axis=-1)
    return out if out.dtype == pixels.dtype else np.rint(out).astype(pixels.dtype)


def _rgb(pixels: NDArray[Any]) -> NDArray[Any]:
    """Three channels, of grey (with transparency) and of colours with transparency."""
    channels = pixels.shape[-1]
    if channels <= 2:
        return np.repeat(pixels[..., :1], RGB, axis=-1)
    return pixels[..., :RGB]


def _numbers(text: str, name: str, spec: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(one) for one in text.split(","))
    except ValueError as error:
        raise UsageError(f"{name}={text} are no numbers", where=spec, fix=f"{name}=0.5") from error
    if not all(map(math.isfinite, numbers)):
        raise UsageError(f"{name}={text} are not finite", where=spec, fix=f"{name}=0.5")
    return numbers


def _ratio(text: str, spec: str) -> float:
    above, _, below = text.partition("/")
    try:
        number = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError) as error:
        raise UsageError(f"scale={text} is no number", where=spec, fix="scale=1/255") from error
    if not math.isfinite(number) or number == 0:
        raise UsageError(f"scale={text} leaves nothing", where=spec, fix="scale=1/255")
    return number


def _size(text: str, spec: str) -> tuple[int, int]:
    sides = text.split("x")
    if len(sides) > 2 or not all(
        side.isascii() and side.isdigit() and 0 < int(side) < EIGHT**2 for side in sides
    ):
        raise UsageError(f"size={text} is no size", where=spec, fix="size=224, or size=224x320")
    return int(sides[0]), int(sides[-1])
