"""Imputers are judged: what they fill in beside values that are there.

Audited samples that have a modality are filled in as if they lacked it, by fits that have not seen
them, and what comes out is compared with what is there: vectors, rows of a table and series by
their standardised numbers, pictures, sounds and texts by their plain features. Of several values
that are filled in it is their mean that is compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats
from mmaudit.imputers.base import Incomplete
from mmaudit.imputers.numbers.descriptors import Descriptor, descriptor
from mmaudit.inference.donors import Donors
from mmaudit.inference.imputation.imputed import Imputed, fits, imputer
from mmaudit.inference.imputation.training import TrainingSamples, folds_for, training_samples
from mmaudit.inference.inputs import Inputs, model_kinds
from mmaudit.inference.runs_of_donors import words_of
from mmaudit.measures.balance.reconstruction import METRICS, Reconstruction, reconstruction
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.models.load import Loaded
from mmaudit.rows import Estimate
from mmaudit.samples.decode import Samples, decode, stack
from mmaudit.samples.memory import spans

NAME = "imputation"  # of the table
JUDGED = 512  # audited samples that are filled in, at most
NUMBERS, FEATURES = "standardised numbers", "plain features"


@dataclass(frozen=True, slots=True)
class Subset:
    """One condition that an imputer is judged under.

    Attributes:
        condition: Its name.
        policy: The absence policy.
        present: Modalities that are present wherever a sample has them.
    """

    condition: str
    policy: str
    present: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedImputer:
    """What an imputer did with one modality under one condition.

    Attributes:
        subset: The condition.
        modality: The modality that was filled in.
        compared: What of the values is compared.
        fitted_on: Training samples that it is fitted on.
        folds: Folds of these, of which one at a time is left out; 1 where no audited sample is
            among them.
        numbers: The numbers by metric; empty where every value there is the training mean.
    """

    subset: Subset
    modality: str
    compared: str
    fitted_on: int
    folds: int
    numbers: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, eq=False)
class _Errors:
    """Squared errors of one modality under one condition, sample by sample."""

    filled: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    units: list[str] = field(default_factory=list)


def judge(
    inputs: Inputs,
    loaded: Loaded,
    subsets: Sequence[Subset],
    seed: int,
    memory: int,
    replicates: int,
) -> tuple[JudgedImputer, ...]:
    """Fill in what audited samples have, under every condition with an imputer.

    Args:
        inputs: The data; at most `JUDGED` of the selected samples, by hash of the id.
        loaded: The model, whose modalities are filled in.
        subsets: The conditions; those of other policies, and with nothing present, are left out.
        seed: The run's seed, so that the fits are those that the model was asked with.
        memory: Bytes that a worker has for decoded samples.
        replicates: Bootstrap replicates of each interval.

    Returns:
        One for each condition and modality that is absent under it and that a sample has.
    """
    wanted = [one for one in subsets if one.present and imputer(one.policy) is not None]
    if not wanted:
        return ()
    kinds = model_kinds(inputs.dataset, loaded.info.modalities)
    donors = Donors(inputs.whole, tuple(kinds), seed, memory)
    samples = training_samples(donors, kinds, seed, folds_for(donors, inputs.dataset))
    donors.release()
    descriptors = {m: _descriptor(samples, m) for m in kinds}
    few = inputs.dataset.select(limit=JUDGED, seed=seed)
    models = _models(loaded, wanted, samples)
    errors: dict[tuple[Subset, str], _Errors] = {}
    for at in spans(few, np.arange(len(few)), memory - samples.held):
        decoded = decode(few, few.read(at))
        if len(decoded):
            for subset in wanted:
                one = _Question(subset, models[subset.policy], decoded, kinds, seed)
                for m, filled, mean, units in one.errors(descriptors):
                    into = errors.setdefault((subset, m), _Errors())
                    into.filled.extend(filled)
                    into.mean.extend(mean)
                    into.units.extend(units)
    return tuple(
        JudgedImputer(
            subset,
            m,
            FEATURES if descriptors[m].exact else NUMBERS,
            len(samples.training),
            samples.folds,
            _numbers(some, seed, replicates),
        )
        for (subset, m), some in errors.items()
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Some decoded samples under one condition."""

    subset: Subset
    model: Imputed
    samples: Samples
    kinds: Mapping[str, str]
    seed: int

    def errors(
        self, descriptors: Mapping[str, Descriptor]
    ) -> Iterator[tuple[str, list[float], list[float], list[str]]]:
        """Of each modality that is absent: errors of what is filled in, of the mean, and units."""
        units = self.samples.ids if self.samples.groups is None else self.samples.groups.tolist()
        here = self.samples.present
        present = {m: here[m] & (m in self.subset.present) for m in self.kinds}
        values = {m: stack(self.samples.values[m], kind) for m, kind in self.kinds.items()}
        filled = self.model.filled(Incomplete(values, present, words_of(self.seed, units)))
        for m in self.kinds:
            rows = np.flatnonzero(here[m] & ~present[m]).tolist()
            if rows:
                truth = descriptors[m].describe([self.samples.values[m][i] for i in rows])
                guess = np.zeros_like(truth)
                for i in range(self.model.k):
                    draw = filled[m](i)
                    guess += descriptors[m].describe([draw[r] for r in rows]) / self.model.k
                yield m, _squares(truth - guess), _squares(truth), [units[r] for r in rows]


def table(judged: Sequence[JudgedImputer]) -> pa.Table:
    """One row for each condition and modality."""
    estimate = pa.struct(
        [("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("n", pa.int64())]
    )
    columns = {
        "condition": ("condition of the sweep", pa.string()),
        "policy": ("imputer that filled in", pa.string()),
        "present": ("modalities that were present", pa.string()),
        "modality": ("modality that was filled in", pa.string()),
        "compared": ("what of the values is compared", pa.string()),
        "fitted_on": ("training samples that the imputer is fitted on", pa.int64()),
        "folds": ("folds of these, one at a time left out; 1: none is audited", pa.int64()),
        **{name: (metric.help, estimate) for name, metric in METRICS.items()},
    }
    schema = pa.schema(
        [pa.field(name, kind, metadata={"help": text}) for name, (text, kind) in columns.items()]
    )
    return pa.Table.from_pylist([_row(one) for one in judged], schema)


def _row(one: JudgedImputer) -> dict[str, object]:
    numbers = {
        name: {"value": e.value, "low": e.low, "high": e.high, "n": e.n}
        for name, e in one.numbers.items()
    }
    return {
        "condition": one.subset.condition,
        "policy": one.subset.policy,
        "present": ",".join(one.subset.present),
        "modality": one.modality,
        "compared": one.compared,
        "fitted_on": one.fitted_on,
        "folds": one.folds,
        **numbers,
    }


def _models(
    loaded: Loaded, subsets: Sequence[Subset], samples: TrainingSamples
) -> dict[str, Imputed]:
    specs = {one.policy: imputer(one.policy) for one in subsets}
    return {
        policy: Imputed(loaded.model, loaded.info.output, fits(spec, samples), spec.several or 1)
        for policy, spec in specs.items()
        if spec is not None
    }


def _descriptor(samples: TrainingSamples, modality: str) -> Descriptor:
    training = samples.training
    there = np.flatnonzero(training.present[modality]).tolist()
    values = [training.values[modality][i] for i in there]
    return descriptor(training.kinds[modality], values)


def _squares(apart: Floats) -> list[float]:
    return [float(one) for one in np.mean(apart * apart, axis=1)]


def _numbers(some: _Errors, seed: int, replicates: int) -> dict[str, Estimate]:
    keys = unit_keys(seed, some.units)
    both = reconstruction(np.array(some.filled), np.array(some.mean), keys, replicates)
    return {} if both is None else _estimates(both)


def _estimates(both: Reconstruction) -> dict[str, Estimate]:
    return {name: one.estimate() for name, one in zip(METRICS, both, strict=True)}
