"""Balls around values: what an attack of one severity may make of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ball, Floats

LEVELS = 255  # steps of the span of whole numbers, in which a radius of ``linf`` is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The balls around some values of one shape, at one severity.

    Attributes:
        clean: The values, ``(n, …)``.
        norm: ``l2`` or ``linf``.
        radius: Of each, in the unit of its numbers, ``(n, 1, …)``.
        low, high: Between what the numbers stay, ``(n, …)``.
        unit: What a distance is counted in, of each value, ``(n, 1, …)``.
        type: Number type of the values as models get them.
    """

    clean: Floats
    norm: str
    radius: Floats
    low: Floats
    high: Floats
    unit: Floats
    type: np.dtype[Any]

    @classmethod
    def of(cls, values: NDArray[Any], ball: Ball, severity: int) -> "Around":
        """The balls of a kind around its values ``(n, …)``."""
        clean = values.astype(np.float64)
        whole = values.dtype.kind in "iu"
        limits = ball.limits
        if whole:
            ends = np.iinfo(values.dtype)
            limits = (float(ends.min), float(ends.max))
        unit = length(clean) if ball.norm == "l2" else np.ones_like(length(clean))
        if ball.norm == "linf" and limits is not None:
            unit = unit * ((limits[1] - limits[0]) / LEVELS)
        low, high = limits or (-np.inf, np.inf)
        return cls(
            clean=clean,
            norm=ball.norm,
            radius=ball.radii[severity - 1] * unit,
            low=np.minimum(low, clean),
            high=np.maximum(high, clean),
            unit=unit,
            type=values.dtype,
        )

    def inside(self, values: Floats) -> Floats:
        """The nearest values in the ball, then within their limits, which lie around the clean."""
        change = values - self.clean
        if self.norm == "linf":
            change = np.clip(change, -self.radius, self.radius)
        else:
            size = length(change)
            change = change * np.minimum(1.0, self.radius / np.where(size > 0, size, 1.0))
        return np.clip(self.clean + change, self.low, self.high)

    def step(self, values: Floats, slope: Floats, share: float) -> Floats:
        """One step of a share of the radius along a slope, steepest in the norm, and back inside.

        Args:
            values: Where the step begins, ``(n, …)``.
            slope: How the loss rises, ``(n, …)``; where it is 0 nothing moves.
            share: Of the radius.
        """
        if self.norm == "linf":
            way = np.sign(slope)
        else:
            size = length(slope)
            way = slope / np.where(size > 0, size, 1.0)
        return self.inside(values + share * self.radius * way)

    def start(self, normals: Floats) -> Floats:
        """A place on the edge of the ball, from standard normal numbers ``(n, …)``."""
        return self.step(self.clean, normals, 1.0)

    def stored(self, values: Floats) -> NDArray[Any]:
        """The values as models get them; of whole numbers the nearest, which are inside too."""
        return (np.rint(values) if self.type.kind in "iu" else values).astype(self.type)

    def distance(self, values: NDArray[Any]) -> Floats:
        """How far values are from the clean ones, in the unit of a radius, ``(n,)``."""
        change = values.astype(np.float64) - self.clean
        if self.norm == "linf":
            size = np.abs(change).reshape(len(change), -1).max(axis=1, initial=0.0)
        else:
            size = length(change).ravel()
        unit = self.unit.ravel()
        return size / np.where(unit > 0, unit, 1.0)


def length(values: Floats) -> Floats:
    """Euclidean length of each value, ``(n, 1, …)``, without overflow."""
    flat = values.reshape(len(values), -1)
    most = np.abs(flat).max(axis=1, initial=0.0)
    scale = np.where(most > 0, most, 1.0)
    size = scale * np.sqrt(((flat / scale[:, None]) ** 2).sum(axis=1))
    return size.reshape(-1, *[1] * (values.ndim - 1))
