"""Separately trained models of one modality: which were asked for, and whether they go with it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.errors import InputError, UsageError
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.models import make_models
from mmaudit.measures.games.ties import share_right
from mmaudit.models.load import Loaded, load
from mmaudit.samples.decode import Samples

NONE = "none"  # no reference beside the model itself
HOW = "--unimodal MODALITY=ADAPTER:WHERE"


def specs(texts: Sequence[str], modalities: Sequence[str]) -> dict[str, str]:
    """The models that were asked for, by modality.

    What was cut at a comma and does not begin with a modality is an option of the model before it.

    Args:
        texts: ``MODALITY=ADAPTER:WHERE``, or ``none`` alone.
        modalities: The model's modalities.

    Raises:
        UsageError: A text is not of this form, or names a modality twice or one that is not there.
    """
    out: dict[str, str] = {}
    if tuple(texts) == (NONE,):
        return out
    last = ""
    for text in texts:
        name, equals, spec = text.partition("=")
        if equals and name in modalities:
            if name in out:
                raise UsageError(f"two models of {name!r} alone", where=text, fix="one of them")
            out[name], last = spec, name
        elif last and ":" not in name:
            out[last] += f",{text}"
        else:
            listed = ", ".join(modalities)
            raise UsageError(
                f"{text!r} names no modality of the model and its model", fix=f"{HOW}, of {listed}"
            )
    return out


def model_digests(
    texts: Sequence[str], modalities: Sequence[str], inputs: Inputs, *, comparable: bool
) -> list[str | None]:
    """Digests of the models of one modality, which are looked at before anything is asked.

    Args:
        texts: As of `specs`.
        modalities: The model's modalities.
        inputs: The data.
        comparable: Whether the audited model has classes, and the dataset their labels.

    Raises:
        UsageError: There is nothing to compare them by.
    """
    alone = specs(texts, modalities)
    if alone and not comparable:
        raise UsageError(
            "models of one modality are compared by how often they are right",
            fix="a model of classes and a dataset with labels, or no --unimodal",
        )
    return [opened(spec, modality, inputs).info.digest for modality, spec in alone.items()]


def opened(spec: str, modality: str, inputs: Inputs) -> Loaded:
    """A model of one modality.

    Args:
        spec: Where it is.
        modality: The modality.
        inputs: The data, and how the audited model was asked for; a pin is not one of this file's.

    Raises:
        InputError: It takes something else, or does not know the classes.
    """
    loaded = load(spec, replace(inputs.access, sha256=None))
    if tuple(loaded.info.modalities) != (modality,):
        raise InputError(
            f"this is no model of {modality} alone: it takes {', '.join(loaded.info.modalities)}",
            where=spec,
            fix=f"a model whose modalities are ('{modality}',)",
        )
    theirs = loaded.info.classes or ()
    missing = [name for name in inputs.dataset.classes or () if name not in theirs]
    if missing:
        raise InputError(
            f"the model does not know the classes {', '.join(missing[:5])}",
            where=f"{spec} answers {', '.join(theirs[:10]) or 'no classes'}",
            fix="name the model's classes as the labels are named",
        )
    return loaded


def right(
    loaded: Loaded, modality: str, inputs: Inputs, samples: Samples, batch_size: int
) -> Floats:
    """How right the model is about each sample, ``(sample,)``; of a tie, one over its number.

    Args:
        loaded: The model of one modality.
        modality: The modality; where a sample lacks it, the answer means nothing.
        inputs: The data.
        samples: The samples.
        batch_size: Samples a forward pass.
    """
    policy = "model" if loaded.info.accepts_missing else "zeros"
    models = make_models(inputs, loaded, (policy,), 0)
    kinds = {modality: inputs.dataset.kinds[modality]}
    asking = models.asking(policy, samples, kinds, batch_size)
    (scores,) = asking.answers(asking.present)
    theirs = list(loaded.info.classes or ())
    column = np.array([theirs.index(name) for name in inputs.dataset.classes or ()], np.int64)
    labels = np.zeros(len(samples)) if samples.labels is None else samples.labels
    return share_right(np.asarray(scores), column[labels.astype(np.int64)])
