"""Frost: ice on the lens or on the pane in front of it.

The picture and a piece of a texture of ice are added with weights. The textures are drawn, because
those of the reference have no clear licence; `with_textures` takes others, such as the originals.
A texture smaller than the picture is mirrored on; a grey picture gets its green channel.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import AnyCorruption, Corruption, UserFolder
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.crystals import PANES, pane
from mmaudit.corruptions.image._kernels.mixing import add
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is left of the picture, and how much ice there is."""

    picture: float
    ice: float


def frosted(
    clean: Pixels, severity: Severity, texture: NDArray[np.uint8], corner: tuple[float, float]
) -> Pixels:
    """Lay a piece of a texture over a picture.

    Args:
        clean: A picture.
        severity: Weights of the two.
        texture: ``(h, w, 3)`` uint8.
        corner: Where the piece begins, as shares in [0, 1) of what the texture has to spare.
    """
    full = full_scale(clean)
    rows, columns = (
        _mirrored(share, need, have)
        for share, need, have in zip(corner, clean.shape[:2], texture.shape[:2], strict=True)
    )

    def change(image: Pixels) -> Pixels:
        channels = texture if image.shape[2] == 3 else texture[:, :, 1:2]
        weights = {"keep": severity.picture, "gain": severity.ice * full / 255}
        return add(image, channels, rows, columns, **weights, guard=full * GUARD, full=full)

    return on_colour(clean, change)


def _mirrored(share: float, need: int, have: int) -> NDArray[np.int64]:
    start = int(share * (max(0, have - need) + 1)) if have >= need else int(share * have)
    places = (start + np.arange(need)) % (2 * have)
    return np.minimum(places, 2 * have - 1 - places)


def with_textures(
    count: int, texture: Callable[[int], NDArray[np.uint8]]
) -> Corruption[Any, Severity]:
    """Frost of given textures.

    Args:
        count: How many there are.
        texture: Gives the texture of a number below ``count``, ``(h, w, 3)`` uint8; it is asked
            for every sample, so it remembers.
    """
    return Corruption(
        apply=partial(_under_one, count, texture),
        severities=(
            Severity(1.0, 0.4),
            Severity(0.8, 0.6),
            Severity(0.7, 0.7),
            Severity(0.65, 0.7),
            Severity(0.6, 0.75),
        ),
        units={"picture": "weight", "ice": "weight"},
        keeps=frozenset({"shape", "dtype", "range"}),
        dose=SSIM,
        source="Hendrycks & Dietterich 2019, arXiv:1903.12261; weights of ImageNet-C, textures of"
        " our own with the mean and the spread of its own",
        version=2,
        folder=UserFolder(option="frost_dir", kind="image", holds="pictures of ice", use=_textured),
    )


def _textured(frost: AnyCorruption, textures: tuple[NDArray[np.uint8], ...]) -> AnyCorruption:
    """The same frost, of the textures that a user brought along."""
    return replace(frost, apply=with_textures(len(textures), textures.__getitem__).apply)


def _under_one(
    count: int,
    texture: Callable[[int], NDArray[np.uint8]],
    clean: Pixels,
    severity: Severity,
    words: Words,
) -> Pixels:
    which, down, right = words.uniforms(3)
    ice = texture(int(which * count))
    return frosted(clean, severity, ice, (float(down), float(right)))


CORRUPTION = with_textures(PANES, pane)
