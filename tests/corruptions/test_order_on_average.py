"""Corruptions whose severities are in order on average, though not for each sample.

Those of the reference that are not in order at all are in ``docs/corruptions/image.md``.
"""

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.doses.base import Context
from mmaudit.seeds import words

UNORDERED = {"image/fog", "image/glass_blur", "image/saturate", "image/snow"}
RATE = 8000.0


def load(name):
    return parts.load("corruptions", name).CORRUPTION


LOOSE = [
    name
    for name in parts.names("corruptions")
    if name.partition("/")[0] not in {"missing", "pairing", "label"} and not load(name).nested
]


def walks():
    rng = np.random.default_rng(0)
    return [np.cumsum(rng.normal(size=(200, 3)), 0).astype(np.float32) for _ in range(60)]


def voices():
    """Half a second of harmonics with vibrato, and of breath, that come and go."""
    rng = np.random.default_rng(1)
    t = np.arange(4000) / RATE
    made = []
    for _ in range(12):
        phase = 2 * np.pi * np.cumsum(rng.uniform(90, 220) * (1 + 0.05 * np.sin(30 * t))) / RATE
        tones = sum(rng.uniform(0.2, 1) / k * np.sin(k * phase) for k in range(1, 16))
        loud = 0.1 * (1 + np.sin(2 * np.pi * rng.uniform(2, 5) * t))
        made.append((loud * (tones + 0.3 * rng.normal(size=t.size)))[:, None].astype(np.float32))
    return made


def test_each_of_them_is_looked_at():
    assert {n.partition("/")[0] for n in set(LOOSE) - UNORDERED} == {"series", "audio"}


@pytest.mark.parametrize("name", [n for n in LOOSE if n not in UNORDERED])
def test_the_mean_over_many_samples_is_in_order(name):
    part = load(name)
    cleans = walks() if name.startswith("series/") else voices()
    doses = []
    for severity in range(1, 6):
        made = [
            part.dose.measure(
                clean, part.damage(clean, severity, words(0, name, str(i)), Context(rate=RATE))
            )
            for i, clean in enumerate(cleans)
        ]
        doses.append(np.mean(made))
    assert (np.diff(doses) * (1 if part.dose.rises else -1) > 0).all(), doses
