"""Plan again: what to repeat in the next epoch, for the model as it is now."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from mmaudit.audits.contributions.setup import PLANNED, decide
from mmaudit.audits.contributions.training.plan import LEVELS, plan
from mmaudit.audits.contributions.unit import work_of
from mmaudit.engines.base import cut
from mmaudit.errors import UsageError
from mmaudit.faults import Faults
from mmaudit.inference.inputs import Inputs
from mmaudit.models.access import PERSON, Access
from mmaudit.models.load import load
from mmaudit.names import ALL
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget


def training_plan(
    model: object,
    dataset: str | Path | Dataset,
    *,
    level: str = "sample",
    split: str = "train",
    absent: str | None = None,
    passes: int | None = None,
    limit: int | None = None,
    batch_size: int = 256,
    seed: int = 0,
) -> pa.Table:
    """Which samples to repeat with which modality masked, for the model as it is now.

    The plan of Wei et al. 2024 is made anew in each epoch: call this at its beginning, with the
    model in the form in which it answers. Nothing is written.

    Args:
        model: ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator.
        dataset: A manifest, a data path, or an opened dataset.
        level: ``sample`` or ``modality``.
        split: Split that is trained on; ``all`` for every row.
        absent: Absence policy; the usual one where None.
        passes: Passes a sample, as of ``--budget``.
        limit: Use only so many samples, chosen by hash of the id.
        batch_size: Samples a forward pass.
        seed: Seed of all randomness.

    Returns:
        ``id``, ``keep``, ``masked``, ``copies``.

    Raises:
        UsageError: There is no such level or split, or the model does not answer with classes.
        InputError: The model and the dataset do not go together.
    """
    if level not in LEVELS:
        raise UsageError(f"there is no plan by {level!r}", fix=" or ".join(LEVELS))
    whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
    selected = whole.select(split=None if split == ALL else split, limit=limit, seed=seed)
    access = Access(named_by=PERSON)
    loaded = load(model, access)
    inputs = Inputs(dataset=selected, whole=whole, access=access, model=loaded)
    memory = budget(None, 1)
    with Faults.of(loaded.info.spec):
        setup = decide(
            inputs,
            value=(PLANNED,),
            absent=() if absent is None else (absent,),
            budget=passes,
            plan=False,
            seed=seed,
            memory=memory,
        )
        lead = replace(setup, policies=setup.policies[:1])
        work = work_of(lead, inputs, seed=seed, batch_size=batch_size, memory=memory)
        tables = [work(unit.rows) for unit in cut(len(selected))]

    def read(
        columns: Sequence[str] | None = None, group: int | None = None, first: int = 0
    ) -> Iterator[pa.Table]:
        del group
        yield from (t if columns is None else t.select(list(columns)) for t in tables[first:])

    return plan(read, 0, tuple(setup.kinds), level, seed)
