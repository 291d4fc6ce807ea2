"""Training samples that imputers are fitted on: few enough to hold, never those that are filled.

They come from the training split, the first by permanent random numbers of their ids. Where samples
that are audited are among them, each of these is filled by a fit on the samples of other folds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.arrays import Ints, Words
from mmaudit.errors import InputError
from mmaudit.imputers.base import TrainingSet
from mmaudit.inference.donors import HALF, Donors
from mmaudit.inference.runs_of_donors import words_of
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import size

MOST = 2048  # training samples that are looked at
MOST_BYTES = 2**26  # that their values take decoded, whatever memory there is
AHEAD = 64  # that are decoded together
FOLDS = 5  # of training samples, where those that are audited are among them


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSamples:
    """What imputers are fitted on.

    Attributes:
        training: The samples.
        words: Random number of each, or of its group, ``(n,)``.
        folds: How many folds they are cut into; 1 where none of them is audited.
        held: Bytes that their values take.
        note: How many of how many they are, for a person.
    """

    training: TrainingSet
    words: Words
    folds: int
    held: int
    note: str

    def outside(self, fold: int) -> TrainingSet:
        """The samples that are not of a fold; all where there are no folds."""
        if self.folds == 1:
            return self.training
        return self.training.some(fold_of(self.words, self.folds) != fold)


def fold_of(words: Words, folds: int) -> Ints:
    """The fold of each sample, ``(n,)``."""
    return (words % np.uint64(folds)).astype(np.int64)


def folds_for(donors: Donors, audited: Dataset | None) -> int:
    """How many folds keep a sample that is audited out of what it is filled by.

    Args:
        donors: Where training samples come from.
        audited: The selected samples; None where that is not known, and all may be.
    """
    rows = donors.whole.rows[donors.training_rows]
    apart = audited is not None and not np.isin(rows, audited.rows).any()
    return 1 if apart else FOLDS


def training_samples(
    donors: Donors, kinds: Mapping[str, str], seed: int, folds: int
) -> TrainingSamples:
    """The first training samples by permanent random numbers of their ids.

    Args:
        donors: Where they come from.
        kinds: Kind of each of the model's modalities.
        seed: The run's seed.
        folds: How many folds they are cut into.

    Raises:
        InputError: They take too much of the memory, or none of them can be decoded.
    """
    candidates, places, held, looked = donors.candidates, list[int](), 0, 0
    for place, weights in candidates.walk(range(min(MOST, donors.training)), lambda: AHEAD):
        looked += 1
        if any(weight is not None for weight in weights):
            places.append(place)
            held += sum(weight or 0 for weight in weights)
            if held > MOST_BYTES:
                break
    _check_room(donors, held, len(places))
    having = {m: candidates.having(m, np.array(places, np.int64)) for m in kinds}
    values = {}
    for m, there in having.items():
        some = iter(candidates.values(m, [p for p, has in zip(places, there, strict=True) if has]))
        values[m] = [next(some) if has else None for has in there]
    present = {m: np.array([v is not None for v in column], bool) for m, column in values.items()}
    words = words_of(seed, _units(donors.whole, candidates.order[places]))
    note = _note(donors, len(places), looked, folds)
    return TrainingSamples(TrainingSet(kinds, values, present), words, folds, held, note)


def _check_room(donors: Donors, held: int, count: int) -> None:
    if not count:
        raise InputError(
            f"imputers are fitted on training samples, and 0 of {donors.training:,} can be used",
            where=donors.whole.manifest.at,
            fix="--absent zeros, or a training split that can be decoded",
        )
    if held > donors.memory // HALF:
        raise InputError(
            f"the {count:,} training samples that imputers are fitted on take {size(held)}, and a "
            f"worker has {size(donors.memory // HALF)} of --memory for them, half of its own",
            where=donors.whole.manifest.at,
            fix=f"--memory of {size(2 * held)} or more for each of the --workers",
        )


def _units(whole: Dataset, positions: Ints) -> list[str]:
    """Id of each sample, or of the group that it belongs to."""
    at = pa.array(positions)
    ids = whole.column("id").take(at)
    if not whole.manifest.source.group:
        return list(ids.to_pylist())
    return list(compute.coalesce(whole.column("group").take(at), ids).to_pylist())


def _note(donors: Donors, count: int, looked: int, folds: int) -> str:
    """How many samples imputers are fitted on, and whether what they fill in is apart from them."""
    where = (
        f"the split {donors.split}" if donors.split else "the dataset, which has no training split"
    )
    lost = f", {looked - count:,} of which cannot be decoded" if count < looked else ""
    said = (
        f"imputers are fitted on {count:,} of the {donors.training:,} samples of {where}, "
        f"the first by random numbers of their ids{lost}"
    )
    if folds == 1:
        return said
    return (
        f"{said}; audited samples are among them, so each is filled by a fit on the other "
        f"{folds - 1} of {folds} folds"
    )
