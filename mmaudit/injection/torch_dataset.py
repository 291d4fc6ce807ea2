"""Torch dataset: samples made worse on the fly, for training; torch itself is not needed here.

A map-style dataset is an object with a length and items, so this one goes into a
``torch.utils.data.DataLoader`` as it is. What a sample becomes depends on the seed and its id
alone: the same with any number of loader workers, in any order, in every epoch, and the same as
`mmaudit corrupt` writes (before pictures and sounds are stored in a lossy form).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmaudit.errors import InputError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import Preparation, prepare
from mmaudit.injection.steps import LABEL
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset


class Corrupted:
    """A dataset whose samples are made worse when they are read.

    Args:
        dataset: A manifest, a data path, or an opened dataset.
        apply: What is done, as on the command line: ``["image/fog:3", "missing/mcar:2"]``.
        transform: Function of a sample, applied last; must travel to loader workers.
        **options: Further options, as ``seed=1``, ``fraction=0.5``, ``severity_per_sample=True``.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "pairs.jsonl")
        ...     size = file.write_text('{"caption": "a small brown dog runs", "price": 3}')
        ...     print(Corrupted(file, ["text/word_swap:5"])[0]["text"])
        a brown small dog runs
    """

    def __init__(
        self,
        dataset: str | Path | Dataset,
        apply: Sequence[str],
        transform: Callable[[dict[str, Any]], Any] | None = None,
        **options: Any,
    ) -> None:
        self._whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
        self._options = CorruptOptions(apply=tuple(apply), **options)
        self._transform = transform
        self._prepared: Preparation = prepare(self._whole, self._options, None)

    def __len__(self) -> int:
        return len(self._prepared.work.dataset)

    def __getitem__(self, index: int) -> Any:
        """One sample: ``id``, ``label`` (text) and each modality's value, None where absent.

        Raises:
            IndexError: There is no such sample.
            InputError: A value of it cannot be read.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        return self.__getitems__([index % len(self)])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Several samples at once, which loaders ask for where they can."""
        positions = np.asarray(indices, np.int64)
        work = self._prepared.work
        columns: dict[str, list[Any]] = {
            "id": work.ids(positions),
            LABEL: work.labels(positions),
        }
        for modality in work.dataset.modalities:
            worse = work.values(modality, positions)
            for place, why in worse.reasons.items():
                raise InputError(
                    f"{modality} of {columns['id'][place]} cannot be read: {why}",
                    fix="leave the sample out, or repair the file",
                )
            columns[modality] = worse.values
        samples = [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
        return samples if self._transform is None else [self._transform(s) for s in samples]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as what it was made from."""
        return _restored, (self._whole, self._options, self._transform)


def _restored(
    whole: Dataset, options: CorruptOptions, transform: Callable[[dict[str, Any]], Any] | None
) -> Corrupted:
    again = Corrupted.__new__(Corrupted)
    again._whole, again._options, again._transform = whole, options, transform  # noqa: SLF001
    again._prepared = prepare(whole, options, None)  # noqa: SLF001
    return again
