"""References: other models of one modality each, and how right each is about the same samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.unimodal import probes, specs
from mmaudit.models.load import Loaded

ROWS = 4000  # samples that are compared, and training samples that probes are fitted to


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What the comparison needs to know.

    Attributes:
        loaded: The audited model.
        kinds: Kind of each of its modalities.
        unimodal: Separately trained models, by modality.
        batch_size: Samples a forward pass.
        memory: Bytes that decoded samples may take.
    """

    loaded: Loaded
    kinds: Mapping[str, str]
    unimodal: Mapping[str, str]
    batch_size: int
    memory: int

    @property
    def room(self) -> probes.Room:
        """How many samples are read for the comparison."""
        return probes.Room(ROWS, self.batch_size, self.memory)

    @property
    def probed(self) -> dict[str, str]:
        """Kind of each modality that a probe stands for."""
        return {m: kind for m, kind in self.kinds.items() if m not in self.unimodal}


@dataclass(frozen=True, slots=True)
class Compared:
    """The samples that are compared, and the rows that probes of them may be fitted to.

    Attributes:
        at: The samples.
        train: Rows that the model may have been trained on; None where those are what is compared.
        there: Modalities that some sample has.
    """

    at: probes.ProbeRows
    train: probes.ProbeRows | None
    there: tuple[str, ...]


def compared(question: Audited, inputs: Inputs) -> Compared | None:
    """Read what models of one modality are asked, and what probes see.

    Args:
        question: The model, and what it is compared with.
        inputs: The data.

    Returns:
        None where a modality has neither a model nor features, or nothing can be compared.
    """
    probed = question.probed
    ask = {m: _ask(m, question, inputs) for m in question.unimodal}
    at = probes.rows_of(inputs.dataset, question.loaded, probed, ask, question.room)
    if len(at.ids) < 2:
        return None
    there = tuple(m for m in question.kinds if at.present[m].any())
    if not there or any(m in probed and not at.views[m] for m in there):
        return None
    return Compared(at, _training(question, inputs), there)


def _training(question: Audited, inputs: Inputs) -> probes.ProbeRows | None:
    """Rows that the model may have been trained on; none where those are what is compared."""
    probed = question.probed
    audited = set(inputs.dataset.column("split").unique().to_pylist())
    split = inputs.whole.split_for("train")
    if not probed or split is None or split in audited:
        return None
    train = inputs.whole.select(split=split)
    rows = probes.rows_of(train, question.loaded, probed, {}, question.room)
    return rows if len(rows.ids) >= probes.LEAST else None


def _ask(modality: str, question: Audited, inputs: Inputs) -> probes.Ask:
    """Asks the separately trained model of one modality."""
    loaded = specs.opened(question.unimodal[modality], modality, inputs)
    return lambda some: specs.right(loaded, modality, inputs, some, question.batch_size)


def trained(modality: str, spec: str, at: probes.ProbeRows) -> tuple[str, Floats]:
    """A separately trained model: what it is, and how right it is about each sample, ``(n,)``."""
    guess = probes.guessed(at.labels, at.labels)
    own = np.where(at.present[modality], at.right[modality], guess)
    return f"{spec} on {modality} alone", own


def from_training(
    modality: str, at: probes.ProbeRows, train: probes.ProbeRows, inputs: Inputs
) -> tuple[str, Floats]:
    """The same of a probe that is fitted to training rows."""
    fitted = f"fitted to {len(train.ids):,} rows of the split {inputs.whole.split_for('train')}"
    classes = len(inputs.dataset.classes or ())
    right = probes.from_training(at, train, modality, classes)
    return f"a probe of {modality} alone ({fitted})", right


def unbiased(
    modality: str, these: Compared, question: Audited, inputs: Inputs
) -> tuple[str, Floats]:
    """The reference of which nothing was chosen by the samples that are compared.

    That is the separately trained model, else a probe that is fitted to training rows, else one
    that is fitted to one half of the samples and answers for the other. Only of such a one can it
    be said that it is better.

    Args:
        modality: Its modality.
        these: The samples, and the rows that probes are fitted to.
        question: The model, and what it is compared with.
        inputs: The data.

    Returns:
        What it is, in a phrase, and how right it is about each sample, ``(n,)``.
    """
    spec, at = question.unimodal.get(modality), these.at
    if spec is not None:
        return trained(modality, spec, at)
    if these.train is not None:
        return from_training(modality, at, these.train, inputs)
    right = probes.crossed(at, modality, len(inputs.dataset.classes or ()))
    return f"a probe of {modality} alone (fitted to the other half of these {len(at.ids):,})", right
