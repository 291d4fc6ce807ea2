"""Encoders without a model: vectors as the dataset holds them, and plain features of values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit.arrays import Vectors
from mmaudit.models.plain_features import VERSION, features


class _Plain:
    """Each side by itself; all is done of a value when it is made ready."""

    __slots__ = ()

    def parts(self, names: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
        """Each by itself."""
        return names[:1], names[1:]

    def encode(
        self, part: tuple[str, ...], values: tuple[Any, ...], ids: Sequence[str]
    ) -> tuple[Vectors, ...]:
        """What they were made when they were made ready."""
        del part, ids
        return values

    def joined(
        self, names: tuple[str, str], sides: tuple[Vectors, Vectors], ids: Sequence[str]
    ) -> tuple[Vectors, Vectors]:
        """Both as they are."""
        del names, ids
        return sides


@dataclass(frozen=True, slots=True)
class VectorColumns(_Plain):
    """Vectors that the dataset itself holds, every one as it is."""

    shared: bool | None = None
    distinct: bool = False

    @property
    def origin(self) -> dict[str, str]:
        """Nothing but the data."""
        return {}

    def ready(self, name: str, values: Any) -> Vectors:
        """The vectors, ``(n, d)``."""
        del name
        return np.asarray(values, np.float32)


@dataclass(frozen=True, slots=True)
class PlainFeatures(_Plain):
    """Plain features of each side; the towers over them are trained by the audit, cross-fitted.

    Attributes:
        kinds: Kind of each modality, one that has plain features.
    """

    kinds: Mapping[str, str]
    shared: bool | None = False
    distinct: bool = True

    @property
    def origin(self) -> dict[str, str]:
        """Which features they are."""
        return {"encoder": "self", "features": str(VERSION)}

    def ready(self, name: str, values: Any) -> Vectors:
        """Features, ``(n, d)``."""
        return features(self.kinds[name], values)
