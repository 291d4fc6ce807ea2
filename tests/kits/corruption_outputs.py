"""Print what every corruption and plan makes of a few samples, as hashes beside its version.

Run after a version was raised: ``python tests/kits/corruption_outputs.py > fixtures/outputs.json``.
"""

import hashlib
import json

import cv2
import numba
import numpy as np

from corruption_digests import digests
from corruption_samples import NAMES
from mmaudit import parts
from mmaudit.corruptions.base import Plan
from mmaudit.injection.assignment import make_plan
from mmaudit.injection.spec import load_part
from mmaudit.testing.plans import make_rows

LIBRARIES = {"numpy": np, "numba": numba, "cv2": cv2}
OTHERS = {"image/jpeg_compression", "image/webp_compression", "audio/codec_mp3", "audio/codec_opus"}


def versions():
    """Versions of what outputs may depend on in their last bit."""
    has = {name: module.__version__ for name, module in LIBRARIES.items()}
    found = np.show_config("dicts")["SIMD Extensions"].get("found", [])
    return has | {"instructions": " ".join(found)}  # sines differ in their last bit


def outputs():
    """Version and hash of each part, but for those that other programs' codecs make."""
    found = digests([name for name in NAMES if name not in OTHERS])
    rows = make_rows(60)
    for name in parts.names("corruptions"):
        if isinstance(load_part(name), Plan):
            whole = hashlib.sha256()
            for severity in (1, 3, 5):
                made = make_plan(rows, plan=name, severity=severity, seed=4)
                whole.update(np.ascontiguousarray(made).tobytes())
            found[name] = whole.hexdigest()
    return {name: [load_part(name).version, hash_[:16]] for name, hash_ in found.items()}


if __name__ == "__main__":
    print(json.dumps({"libraries": versions(), "outputs": outputs()}, indent=1, sort_keys=True))
