"""Each modality alone and all together, without the games: what further samples or states cost."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Ints
from mmaudit.audits.contributions.answer_facts import CoalitionWorths
from mmaudit.audits.contributions.sample_rows import fact_columns, sample_columns
from mmaudit.audits.contributions.unit import Contributing
from mmaudit.inference.absence import parse
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode
from mmaudit.samples.memory import spans

ROWS = 2048  # read at a time


def passes(policy: str, modalities: int) -> int:
    """How often the model is asked about a sample: each modality alone, and all together."""
    return modalities * max(parse(policy)[1], 1) + 1


def answers_alone(work: Contributing, dataset: Dataset, policy: str) -> Iterator[pa.Table]:
    """What the model says with everything and with each modality alone, some samples at a time.

    Args:
        work: How the model is asked.
        dataset: The samples.
        policy: The absence policy.

    Yields:
        Tables with an ``id`` and the columns of `fact_columns` and `sample_columns`.
    """
    count = len(work.kinds)
    numbers = [*(1 << m for m in range(count)), (1 << count) - 1]
    for at in _spans(work, dataset):
        samples = decode(dataset, dataset.read(at))
        asking = work.asking(policy, samples)
        worths = CoalitionWorths(asking, work.truth(samples), work.rules.worths[:1], set(numbers))
        worths.worths(numbers)
        yield pa.table(
            {
                "id": pa.array(samples.ids, pa.string()),
                **fact_columns(worths.facts, tuple(work.kinds), asking.present),
                **sample_columns(samples, work.written(samples)),
            }
        )


def _spans(work: Contributing, dataset: Dataset) -> Iterator[Ints]:
    """The samples in order, as many as are decoded at a time."""
    for start in range(0, len(dataset), ROWS):
        some = np.arange(start, min(start + ROWS, len(dataset)))
        yield from spans(dataset, some, work.memory, batch=work.batch_size)
