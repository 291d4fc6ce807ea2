"""The pure function of a unit: its samples to their contributions, under every absence policy."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.audits.contributions.answer_facts import Truth
from mmaudit.audits.contributions.game import Played, Rules, play
from mmaudit.audits.contributions.sample_rows import Columns, named, unit_table
from mmaudit.audits.contributions.setup import Setup, passes_a_sample
from mmaudit.faults import Faults
from mmaudit.formats import duration as durations
from mmaudit.inference.absence import parse
from mmaudit.inference.base import Asking
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.models import SHARES, Models, make_models
from mmaudit.inference.recorded import table_of
from mmaudit.measures.games import paired
from mmaudit.models.calls.quiet import without_gradients
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode
from mmaudit.samples.memory import spans
from mmaudit.samples.skipped import joined, with_skipped

SEVERAL = "multilabel"  # the task of several labels, each by itself
MANY = 1000  # batches from which a run says how long it takes
FEW = 8  # samples whose equations are solved to tell how long that takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributing:
    """Rows of the selection to their contributions.

    Attributes:
        dataset: The selected samples.
        models: The model under each absence policy.
        kinds: Kind of each of the model's modalities, in the model's order.
        task: ``class``, ``number``, ``embedding`` or ``multilabel``.
        order: For classes with labels, and for several labels, the model's column of each of the
            dataset's classes.
        rules: How the games are played.
        table: Whether the worth of every coalition is written.
        batch_size: Samples a forward pass.
        memory: Bytes that decoded samples may take.
        processes: Whether units run in processes.
    """

    dataset: Dataset
    models: Models
    kinds: Mapping[str, str]
    task: str
    order: NDArray[np.int64] | None
    rules: Rules
    table: bool
    batch_size: int
    memory: int
    processes: bool = False

    def __call__(self, rows: range) -> pa.Table:
        """Play the games of these rows; one row group a worth and policy."""
        at = np.arange(rows.start, rows.stop)
        some = spans(self.dataset, at, self.memory, batch=self.batch_size)
        return joined([self._played(span) for span in some], self.row_group)

    def _played(self, at: Ints) -> pa.Table:
        """The games of some samples, which are decoded together, one policy after the other."""
        samples = decode(self.dataset, self.dataset.read(at))
        truth = self.truth(samples)
        played, extra = dict[str, Played](), dict[str, Columns]()
        with Faults.of(self.models.loaded.info.spec):
            for policy in self.models.under:  # what one of them holds is released before the next
                asking = self.asking(policy, samples)
                played[policy] = play(asking, truth, self.rules)
                present = asking.present
                extra[policy] = self._extra(asking, present)
        table = unit_table(
            played,
            extra,
            samples,
            self.written(samples),
            present,
            tuple(self.kinds),
            table=self.table,
        )
        return with_skipped(table, samples.skipped)

    def row_group(self, table: pa.Table) -> int:
        """The rows of one worth and policy."""
        return max(1, table.num_rows // (len(self.models.under) * len(self.rules.worths)))

    def asking(self, policy: str, samples: Samples) -> Asking:
        """The model under one policy, and these samples."""
        return self.models.asking(policy, samples, self.kinds, self.batch_size)

    def labels(self, samples: Samples) -> NDArray[np.generic] | None:
        """What is right, in the model's columns."""
        if samples.labels is None or self.task == "embedding":
            return None
        if self.order is None:
            return samples.labels
        if self.task != SEVERAL:
            return np.asarray(self.order[samples.labels])
        truth = np.full((len(samples), len(self.names)), np.nan)
        truth[:, self.order] = samples.labels
        return truth

    def truth(self, samples: Samples) -> Truth:
        """What is right, and what the model's columns are called."""
        return Truth(kind=self.task, labels=self.labels(samples), names=self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the model's columns; empty where it has none."""
        return self.models.loaded.info.classes or ()

    def written(self, samples: Samples) -> NDArray[np.generic] | None:
        """What is right, as a person knows it."""
        if samples.labels is None or self.order is None:
            return samples.labels
        names = np.array(self.dataset.classes, np.str_)
        if self.task != SEVERAL:
            return np.asarray(names[samples.labels])
        return np.array(["|".join(names[row]) for row in samples.labels], np.str_)

    def _extra(self, asking: Asking, present: NDArray[np.bool_]) -> Columns:
        """How long each encoded modality is, and the fusion weights of a model that has them."""
        names = tuple(self.kinds)
        columns = named("length", names, asking.lengths(), present)
        weights = asking.weights()
        if weights is None:
            return columns
        return columns | named("weight", names, weights, present & ~np.isnan(weights))


def work_of(
    setup: Setup,
    inputs: Inputs,
    *,
    seed: int,
    batch_size: int,
    memory: int,
    table: bool = False,
) -> Contributing:
    """The work that was decided, with the model under each policy.

    Args:
        setup: What was decided.
        inputs: The data, and how the model was asked for.
        seed: The run's seed.
        batch_size: Samples a forward pass.
        memory: Bytes that donors and decoded samples may take.
        table: Whether the worth of every coalition is written.

    Raises:
        InputError: No sample has a modality that the model cannot do without, or the donors take
            too much of the memory.
        UsageError: A policy does not go with the model or the data.
    """
    models = make_models(inputs, setup.loaded, setup.policies, seed, SHARES, memory, setup.donors)
    return Contributing(
        dataset=inputs.dataset,
        models=models,
        kinds=setup.kinds,
        task=setup.task,
        order=setup.order,
        rules=Rules(worths=setup.values, sampled=setup.pairs, seed=seed),
        table=table,
        batch_size=batch_size,
        memory=memory - models.held,
    )


def duration(setup: Setup, work: Contributing) -> Iterator[str]:
    """How long the model will be asked, where that is long, by a batch that is asked now.

    Args:
        setup: What was decided.
        work: How the model is asked.
    """
    n = len(work.dataset)
    batches = passes_a_sample(setup) * -(-n // work.batch_size)
    if batches < MANY or table_of(setup.loaded) is not None:
        return
    first = next(spans(work.dataset, np.arange(min(n, work.batch_size)), work.memory))
    samples = decode(work.dataset, work.dataset.read(first))
    if not samples.ids:
        return
    asking = work.asking(setup.policies[0], samples)
    half = [[bool((m + k) % 2) for m in range(len(setup.kinds))] for k in range(2)]
    with Faults.of(setup.loaded.info.spec), without_gradients(setup.loaded.model):
        asking.coalitions(half[:1])  # encodes, and warms up
        start = time.perf_counter()
        asking.coalitions(half[1:])
        took = time.perf_counter() - start
    each = took / max(parse(setup.policies[0])[1], 1) / len(samples)
    yield (
        f"about {durations(each * passes_a_sample(setup) * n)} of passes with one worker, "
        f"by {len(samples):,} samples that were asked now"
    )
    if setup.pairs:
        yield f"about {durations(_solving(setup) * n)} of least squares beside them"


def _solving(setup: Setup) -> float:
    """Seconds that the equations of one sample take, by a few that are solved now."""
    modalities = len(setup.kinds)
    nothing = np.zeros((FEW, len(setup.values)))
    alone = np.repeat(nothing[:, None], modalities, axis=1)
    start = time.perf_counter()
    for _ in setup.policies:
        paired.sampled(
            lambda _: nothing,
            np.arange(FEW, dtype=np.uint64),
            np.ones((FEW, modalities), np.bool_),
            setup.pairs,
            (nothing, nothing, alone),
        )
    return (time.perf_counter() - start) / FEW
