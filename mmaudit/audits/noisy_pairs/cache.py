"""Embeddings kept in a folder, by the content that was embedded and by the encoder."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits.noisy_pairs.encoders import PairEncoder
from mmaudit.audits.noisy_pairs.sides import PairVectors
from mmaudit.files import replacing
from mmaudit.parsing import npy
from mmaudit.parsing.base import refusing
from mmaudit.samples.dataset import Dataset
from mmaudit.seeds import digest


def cached(
    folder: str | None,
    dataset: Dataset,
    encoder: PairEncoder,
    names: tuple[str, str],
    make: Callable[[], PairVectors],
) -> PairVectors:
    """Embeddings from the folder, or made and then kept there.

    They are two ``.npy`` files, one a side, with a row for each pair, and ``positions``. Embeddings
    of a dataset of which some samples could not be read are not kept.

    Args:
        folder: Where they are kept; None keeps none.
        dataset: The selection.
        encoder: What embeds.
        names: Both modalities.
        make: Embeds.
    """
    if folder is None:
        return make()
    digests = dataset.digests
    selection = sha256(dataset.rows.tobytes()).hexdigest()  # of one file all selections are alike
    what = (encoder.digest, digests["manifest"], digests["data"], selection, *names)
    key = f"{digest('embeddings', *what):016x}"
    paths = [Path(folder) / f"{key}-{part}.npy" for part in ("positions", *names)]
    if all(path.exists() for path in paths):
        with refusing("kept embeddings are damaged", folder, f"remove {key}-*.npy there"):
            positions, left, right = (npy.mapped(path) for path in paths)
        return PairVectors(
            names=names,
            positions=np.asarray(positions),
            left=left,
            right=right,
            shared=encoder.shared,
            skipped=(),
            origin={"encoder_digest": encoder.digest},
        )
    vectors = make()
    if not vectors.skipped:
        arrays: list[NDArray[Any]] = [vectors.positions, vectors.left, vectors.right]
        for path, rows in zip(paths, arrays, strict=True):
            with replacing(path) as file:
                np.save(file, rows)
    return replace(vectors, origin={"encoder_digest": encoder.digest})
