"""Rotation: the camera was not level.

The picture is turned about its centre to a random side, and read by linear interpolation. Outside
it is mirrored, so that no black corners give the angle away.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.warps import turn
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How far it is turned."""

    angle: float


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Turn to the left or to the right."""
    full = full_scale(clean)
    angle = severity.angle if words.u32(1)[0] >> 31 else -severity.angle
    return on_colour(clean, lambda image: turn(image, angle, full * GUARD, full))


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (3.0, 7.0, 12.0, 20.0, 30.0))),
    units={"angle": "degrees, to either side"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Rotation of MultiBench (Liang et al. 2021, arXiv:2107.07502), ±20 degrees; grid of "
    "our own around it",
)
