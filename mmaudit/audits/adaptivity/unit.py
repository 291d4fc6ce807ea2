"""The pure function of a unit: its samples, clean and damaged, to how much each modality counts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats, Ints
from mmaudit.audits.adaptivity.answers import SubsetAnswers, ask, labels_of
from mmaudit.audits.adaptivity.damage.damage import Damage, Done
from mmaudit.audits.adaptivity.facts import answer_columns, policy_columns
from mmaudit.audits.adaptivity.natural import NaturalDose, quality_columns
from mmaudit.audits.adaptivity.setup import Decided
from mmaudit.faults import Faults
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.models import Models, make_models
from mmaudit.measures.trust.shares import implied_weights, lengths, shares
from mmaudit.names import CLEAN
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode, decoded_positions
from mmaudit.samples.memory import spans
from mmaudit.samples.parts import LABEL, group_column, slice_columns
from mmaudit.samples.skipped import joined, with_skipped

DAMAGED = "damaged"  # the condition beside clean
Columns = dict[str, pa.Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapting:
    """Rows of the selection to how much each modality counts, clean and damaged.

    Attributes:
        dataset: The selected samples.
        models: The model under the absence policy.
        kinds: Kind of each of the model's modalities, in the model's order.
        task: ``class``, ``number`` or ``multilabel``.
        order: The model's column of each of the dataset's classes; None where answers are not
            judged.
        damage: What is done to every sample.
        pairs: How many pairs of coalitions are sampled; 0 asks every coalition.
        seed: Seed of the coalitions.
        batch_size: Samples a forward pass.
        memory: Bytes that decoded samples may take.
        natural: Checks of natural quality that trust is held against.
        processes: Whether units run in processes.
    """

    dataset: Dataset
    models: Models
    kinds: Mapping[str, str]
    task: str
    order: Ints | None
    damage: Damage
    pairs: int
    seed: int
    batch_size: int
    memory: int
    natural: tuple[NaturalDose, ...] = ()
    processes: bool = False

    def __call__(self, rows: range) -> pa.Table:
        """Ask about these rows; one row a sample."""
        at = np.arange(rows.start, rows.stop)
        some = spans(
            self.dataset, at, self.memory, batch=self.batch_size, beside=self.damage.beside
        )
        pieces = [
            self._adapted(span[start : start + self.batch_size])
            for span in some
            for start in range(0, max(len(span), 1), self.batch_size)
        ]
        return joined(pieces, self.row_group)

    def row_group(self, table: pa.Table) -> int:
        """All rows of a unit."""
        return max(1, table.num_rows)

    def _adapted(self, at: Ints) -> pa.Table:
        """Some samples, few enough that all answers about them are held."""
        samples = decode(self.dataset, self.dataset.read(at))
        rows = decoded_positions(self.dataset, at, samples)
        labels, names = labels_of(samples.labels, self.order), tuple(self.kinds)
        columns: Columns = {"id": pa.array(samples.ids, pa.string())}
        with Faults.of(self.models.loaded.info.spec):
            worse, what = self.damage.done(samples, rows)
            for side, values in ((CLEAN, samples), (DAMAGED, worse)):
                asking = self.models.asking(self.models.policy, values, self.kinds, self.batch_size)
                answers = ask(asking, self.task, self.pairs, self.seed, labels)
                columns |= trust_columns(answers, names, side)
                if self.task == "class":
                    columns |= answer_columns(answers, names, labels, side)
        columns |= policy_columns(answers, names, labels, what)  # of the damaged, which come last
        columns |= damage_columns(what, samples)
        columns |= quality_columns(self.natural, samples)
        columns |= self._facts(samples)
        return with_skipped(pa.table(columns), samples.skipped)

    def _facts(self, samples: Samples) -> Columns:
        """What the samples are: their labels, groups and slices."""
        columns = group_column(samples) | slice_columns(samples)
        if self.order is None or samples.labels is None:
            return columns
        names = np.array(self.dataset.classes, np.str_)
        return {LABEL: pa.array(names[samples.labels])} | columns


def trust_columns(answers: SubsetAnswers, modalities: tuple[str, ...], side: str) -> Columns:
    """How much each modality counts, by every way to tell it.

    ``share`` is by the lengths of the Shapley values of the answer, ``weight`` by the model's own
    fusion weights, ``implied`` by the weights of the logarithms of what each says alone in those of
    the answer, as in late fusion of logits, ``mixture`` by those of its probabilities, as in a late
    mean; these sum to 1. ``loudness`` is the logarithm of the length of what it says alone.

    Args:
        answers: What the model said.
        modalities: Their names.
        side: ``clean`` or ``damaged``.
    """
    present, alone = answers.present, lengths(answers.alone)
    with np.errstate(divide="ignore"):
        loudness = np.log(alone)
    loudness[~np.isfinite(loudness) | ~present] = np.nan
    ways = {"share": shares(lengths(answers.phi), present), "loudness": loudness}
    if answers.weights is not None:
        finite = np.isfinite(answers.weights).all(axis=1, keepdims=True)
        own = shares(np.nan_to_num(answers.weights), present)
        ways["weight"] = np.where(finite, own, np.nan)
    columns: Columns = {}
    for way, (whole, each) in _sums(answers).items():
        weights, fit = implied_weights(whole, each, present)
        ways[way] = shares(weights, present & np.isfinite(weights))
        columns[f"fit_{way}_{side}"] = _column(fit)
    for way, values in ways.items():
        for k, m in enumerate(modalities):
            columns[f"{way}_{side}_{m}"] = _column(values[:, k])
    return columns


def _sums(answers: SubsetAnswers) -> dict[str, tuple[Floats, Floats]]:
    """What may be a weighted sum of what each says alone: logarithms, and probabilities."""
    sums = {"implied": (answers.whole, answers.alone)}
    scores, count = answers.scores, answers.present.shape[1]
    if scores[0].ndim == 2:
        nothing = scores[0].astype(np.float64)
        alone = np.stack([scores[1 << m] - nothing for m in range(count)], axis=1)
        sums["mixture"] = (scores[(1 << count) - 1] - nothing, alone)
    return sums


def damage_columns(what: Mapping[str, Done], samples: Samples) -> Columns:
    """What was done to each modality; null where it is absent, or where it is never damaged."""
    columns: Columns = {}
    for m, done in what.items():
        absent = ~samples.present[m]
        columns[f"severity_{m}"] = pa.array(done.severity, pa.int8(), mask=absent)
        columns[f"corruption_{m}"] = pa.array(done.corruption, pa.string(), mask=absent)
        columns[f"dose_{m}"] = _column(done.dose)
        if done.burst is not None and done.changed is not None:
            columns[f"burst_share_{m}"] = _column(done.burst.share)
            columns[f"burst_start_{m}"] = _column(done.burst.begin)
            columns[f"burst_changed_{m}"] = _column(done.changed)
    return columns


def _column(values: Floats) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def work_of(setup: Decided, inputs: Inputs, *, seed: int, batch_size: int, memory: int) -> Adapting:
    """The work that was decided.

    Args:
        setup: What was decided.
        inputs: The data, and how the model was asked for.
        seed: The run's seed.
        batch_size: Samples a forward pass.
        memory: Bytes that donors and decoded samples may take.

    Raises:
        InputError: No sample has a modality that the model cannot do without, or the donors take
            too much of the memory.
        UsageError: The policy does not go with the model or the data.
    """
    models = make_models(
        inputs, setup.loaded, (setup.policy,), seed, memory=memory, donors=setup.donors
    )
    return Adapting(
        dataset=inputs.dataset,
        models=models,
        kinds=setup.kinds,
        task=setup.task,
        order=setup.order,
        damage=setup.damage,
        pairs=setup.pairs,
        seed=seed,
        batch_size=batch_size,
        memory=memory - models.held,
        natural=setup.natural,
    )
