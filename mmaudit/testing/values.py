"""Values on which parts are tried, for each kind of modality that mmaudit knows."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.doses.base import Column, Context
from mmaudit.testing.questions import frozen

RATE = 8000.0
OBJECTS = {"text", "table"}  # kinds whose values have no layout in memory
TEXTS = [
    "A brown dog runs across the green grass while two children watch from the old fence.",
    "The quick photographer did not see 12 birds and 3 boats near the small wooden house.",
    "Two women in red jackets are walking slowly down a busy street in the early morning.",
]


@dataclass(frozen=True, slots=True)
class SampleValues:
    """Values of one kind.

    Attributes:
        hostile: At the edges of what a dataset may hold: empty, tiny, flat, not finite.
        typical: On which damage is to be seen; two at the least.
        small: Few and small, for what is asked many times.
        column: What is known of the numbers of a value's column; None where it has none.
    """

    hostile: Sequence[Any]
    typical: Sequence[Any]
    small: Sequence[Any]
    column: Callable[[Any], Column | None] = lambda _: None

    def context(self, clean: Any, donors: int) -> Context:
        """What there is around a sample: neighbours, statistics of its columns, a rate."""
        others = [t for t in self.typical if frozen(t) != frozen(clean)]
        return Context(
            rate=RATE,
            column=self.column(clean),
            donors=tuple(others[i % len(others)] for i in range(donors)),
        )


def values(kind: str) -> SampleValues:
    """The values of a kind of modality that comes with mmaudit, made anew.

    Raises:
        KeyError: The kind is not one of these; make `SampleValues` of it yourself.
    """
    hostile, typical, small, column = _KINDS[kind]
    return SampleValues(hostile(), typical(), small(), column)


def _no_column(clean: Any) -> Column | None:  # noqa: ARG001
    return None


def _width_column(clean: Any) -> Column | None:
    ramp = np.linspace(0.5, 2.0, np.asarray(clean).shape[-1])
    return Column(sd=ramp, low=-3 * ramp, high=3 * ramp)


def _image_hostile() -> list[Any]:
    rng = np.random.default_rng(0)

    def noise(shape: tuple[int, ...], dtype: type = np.uint8) -> Any:
        return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)

    shapes = [(1, 1, 1), (1, 1, 3), (1, 1, 4), (1, 40, 3), (40, 1, 3), (2, 2, 3), (3, 5, 4)]
    shapes += [(17, 33, 1), (31, 18, 4), (20, 20, 3), (9, 70, 3)]
    wide = [noise(s, np.uint16) for s in [(1, 1, 3), (13, 21, 1), (12, 19, 3), (8, 9, 4)]]
    flat = [np.full((24, 23, 3), v, np.uint8) for v in (0, 255, 1)]
    flat += [np.full((11, 12, 1), 65535, np.uint16), np.zeros((11, 12, 3), np.uint16)]
    return [noise(s) for s in shapes] + wide + flat


def _image_typical() -> list[Any]:
    """Pictures with smooth parts, edges and texture."""
    y, x = np.mgrid[0:96, 0:128]
    rng = np.random.default_rng(3)
    scenes = []
    for shift in (0.0, 1.7):
        smooth = np.stack([np.sin(x / 17 + c + shift) + np.cos(y / 23 - c) for c in range(3)], -1)
        disk = ((x - 60) ** 2 + (y - 40) ** 2 < 700)[..., None] * np.array([0.9, -0.4, 0.3])
        texture = rng.normal(0, 0.15, (96, 128, 1))
        scene = 128 + 45 * (smooth + disk + texture)
        scenes.append(np.clip(scene, 0, 255).astype(np.uint8))
    return scenes


def _image_small() -> list[Any]:
    rng = np.random.default_rng(1)
    return [
        rng.integers(0, 256, (14, 11, 3), dtype=np.uint8),
        rng.integers(0, 256, (6, 9, 1), dtype=np.uint8),
        rng.integers(0, 65536, (7, 8, 4), dtype=np.uint16),
    ]


def _text_hostile() -> list[Any]:
    return [
        "",
        " ",
        "a",
        "\n\t ",
        "word",
        "naïve café — 東京タワー",
        "👩‍👩‍👧‍👦 🇩🇪 👍🏽 e\u0301",
        "مرحبا بالعالم 123",
        "שלום עולם",
        "नमस्ते दुनिया",
        "  two   spaces ",
        "x" * 300,
        "\ud800 lone surrogate",
        "\x00\x1f\u200b\u202e",
        "!!! ??? ...",
    ]


def _tone(seconds: float, channels: int = 1, pitch: float = 440.0) -> NDArray[np.float32]:
    t = np.arange(round(RATE * seconds)) / RATE
    loud = 0.3 * np.sin(2 * np.pi * pitch * t) + 0.1 * np.sin(2 * np.pi * 3.1 * pitch * t)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * t)
    return np.repeat((loud * swell)[:, None], channels, 1).astype(np.float32)


def _audio_hostile() -> list[Any]:
    broken = _tone(0.02)
    broken[3:6] = [[np.nan], [np.inf], [-np.inf]]
    return [
        np.zeros((1, 1), np.float32),
        np.zeros((0, 1), np.float32),
        np.zeros((160, 2), np.float32),
        np.ones((7, 1), np.float32),
        np.full((50, 1), 1e-30, np.float32),
        np.full((50, 2), 3.0, np.float32),
        _tone(0.05, 3),
        broken,
    ]


def _series_typical() -> list[Any]:
    t = np.arange(200)[:, None]
    phases = np.arange(3)[None, :]
    wave = np.sin(t / 9 + phases) + 0.3 * np.sin(t / 2.3 - phases)
    return [wave.astype(np.float32), (2 * wave[::-1]).astype(np.float32)]


def _series_hostile() -> list[Any]:
    return [
        np.zeros((1, 1), np.float32),
        np.zeros((0, 3), np.float32),
        np.ones((5, 2), np.float32),
        np.arange(14, dtype=np.float32).reshape(2, 7),
        _series_typical()[0][:33],
    ]


def _vector_typical() -> list[Any]:
    rng = np.random.default_rng(2)
    return [rng.normal(0, 1, 64).astype(np.float32), rng.normal(1, 2, 64).astype(np.float32)]


def _vector_hostile() -> list[Any]:
    return [
        np.zeros(1, np.float32),
        np.ones(3, np.float32),
        np.full(5, -1e30, np.float32),
        np.zeros(17, np.float32),
        _vector_typical()[0],
    ]


def _table_column() -> Column:
    nan = np.nan
    return Column(
        sd=np.array([2.0, nan, 5.0, nan, 1.0, 0.5]),
        low=np.array([0.0, nan, -10.0, nan, 1.0, -1.0]),
        high=np.array([9.0, nan, 20.0, nan, 4.0, 1.0]),
        categories=((), ("blue", "green", "red"), (), ("no", "yes"), (), ()),
    )


def _row(*cells: Any) -> NDArray[Any]:
    return np.array(cells, object)


def _table_typical() -> list[Any]:
    return [_row(3.0, "red", -4.5, "yes", 2.0, 0.25), _row(7.5, "blue", 11.0, "no", 1.5, -0.75)]


def _table_hostile() -> list[Any]:
    return [
        _row(0.0, "green", 0.0, "no", 0.0, 0.0),
        _row(None, None, None, None, None, None),
        _row(math.nan, "", math.inf, "maybe", -1e308, None),
    ]


_Make = Callable[[], list[Any]]
_KINDS: dict[str, tuple[_Make, _Make, _Make, Callable[[Any], Column | None]]] = {
    "image": (_image_hostile, _image_typical, _image_small, _no_column),
    "text": (
        _text_hostile,
        lambda: list(TEXTS),
        lambda: ["a small dog", "naïve 東京", ""],
        _no_column,
    ),
    "audio": (
        _audio_hostile,
        lambda: [_tone(0.5), _tone(0.5, 1, 700.0)],
        lambda: [_tone(0.01), _tone(0.008, 2)],
        _no_column,
    ),
    "series": (
        _series_hostile,
        _series_typical,
        lambda: [_series_typical()[0][:12]],
        _width_column,
    ),
    "table": (_table_hostile, _table_typical, _table_typical, lambda _: _table_column()),
    "vector": (
        _vector_hostile,
        _vector_typical,
        lambda: [_vector_typical()[0][:9]],
        _width_column,
    ),
}
