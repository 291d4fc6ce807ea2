"""Recordings of one word by one speaker are no copies; each of them at another rate is one."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from mmaudit.fingerprints.audio import FINGERPRINT
from mmaudit.measures.data.copies import candidates
from mmaudit.samples import dataset
from mmaudit.samples.decode import column
from places import SHARED

PLANTED = 20
MANIFEST = SHARED / "spoken_digits" / "dataset.toml"


@pytest.mark.shared
@pytest.mark.skipif(not MANIFEST.exists(), reason=f"{MANIFEST} is not there")
def test_spoken_digits_have_no_copies_but_those_that_are_planted():
    """Of 500 recordings, 25 by each of 2 speakers of each digit; 19 of 20 copies at least."""
    data = dataset.open(MANIFEST)
    speakers = data.column("group").to_pylist()
    some = [i for i, name in enumerate(speakers) if name in {"george", "nicolas"}]
    rate = data.shape("audio").rate
    sounds, _ = column(data.cells("audio", some), "audio", data.shape("audio"))
    at = np.random.default_rng(0).choice(len(sounds), PLANTED, replace=False).tolist()
    for i in at:  # as one at 6,000 samples a second is decoded
        sounds.append(resample_poly(resample_poly(sounds[i], 3, 4), 4, 3).astype(np.float32))
    packed = np.frombuffer(b"".join(FINGERPRINT.take(s, rate) for s in sounds), np.uint8)
    packed = packed.reshape(len(sounds), -1)
    pairs = set()
    for one, other in candidates(FINGERPRINT.stored(packed), FINGERPRINT.wanted(packed)):
        close = FINGERPRINT.close(packed, one, other)
        pairs |= set(zip(one[close].tolist(), other[close].tolist(), strict=True))
    same = {(a, b) for a, b in pairs if FINGERPRINT.same(sounds[a], rate, sounds[b], rate)}
    planted = {(i, len(some) + k) for k, i in enumerate(at)}
    assert len(same & planted) >= PLANTED - 1
    assert not same - planted
