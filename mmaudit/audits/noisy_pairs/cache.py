"""Embeddings kept in a folder, by the content that was embedded and by the encoder."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits.noisy_pairs.sides import Given
from mmaudit.files import replacing
from mmaudit.samples.dataset import Dataset
from mmaudit.seeds import digest


def kept(
    folder: str | None,
    dataset: Dataset,
    encoder: str,
    names: tuple[str, str],
    make: Callable[[], Given],
) -> Given:
    """Embeddings from the folder, or made and then kept there.

    They are two ``.npy`` files, one a side, with a row for each pair, and ``positions``. Embeddings
    of a dataset of which some samples could not be read are not kept.

    Args:
        folder: Where they are kept; None keeps none.
        dataset: The selection.
        encoder: Digest of the encoder.
        names: Both modalities.
        make: Embeds.
    """
    if folder is None:
        return make()
    told = dataset.digests
    chosen = sha256(dataset.rows.tobytes()).hexdigest()  # of one file all selections are alike
    key = f"{digest('embeddings', encoder, told['manifest'], told['data'], chosen, *names):016x}"
    paths = [Path(folder) / f"{key}-{part}.npy" for part in ("positions", *names)]
    if all(path.exists() for path in paths):
        positions, left, right = (np.load(path, mmap_mode="r") for path in paths)
        made = {"encoder_digest": encoder}
        return Given(
            names=names,
            positions=np.asarray(positions),
            left=left,
            right=right,
            shared=True,
            skipped=(),
            made=made,
        )
    given = make()
    if not given.skipped:
        arrays: list[NDArray[Any]] = [given.positions, given.left, given.right]
        for path, rows in zip(paths, arrays, strict=True):
            with replacing(path) as file:
                np.save(file, rows)
    return replace(given, made={"encoder_digest": encoder})
