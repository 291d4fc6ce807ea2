"""Usual: the entropy of what each modality says alone of training samples, for UNO's ratio."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.audits.adaptivity.pool import Pool
from mmaudit.audits.adaptivity.setup import Decided, training
from mmaudit.audits.adaptivity.unit import DAMAGED, Adapting
from mmaudit.faults import Faults
from mmaudit.formats import many
from mmaudit.inference.averages import mean_of_shares
from mmaudit.inference.inputs import Inputs
from mmaudit.measures.trust.entropy import (
    UsualEntropy,
    deviation_ratio,
    entropy,
    usual_entropy,
)
from mmaudit.measures.trust.policies import mean_of
from mmaudit.models.calls.quiet import without_gradients
from mmaudit.names import CLEAN
from mmaudit.samples.decode import decode
from mmaudit.samples.memory import spans

FEWEST = 20  # training samples with a modality below which nothing is usual


@dataclass(frozen=True, slots=True)
class UsualAnswers:
    """What is usual in training.

    Attributes:
        n: How many training samples were asked about.
        skipped: How many could not be decoded.
        by_modality: The entropies of each modality that enough of them have.
    """

    n: int = 0
    skipped: int = 0
    by_modality: Mapping[str, UsualEntropy] = field(default_factory=dict)


NONE_USUAL = UsualAnswers()


def usual_answers(work: Adapting, setup: Decided, inputs: Inputs, seed: int) -> UsualAnswers:
    """Ask about training samples, clean, each modality alone.

    Args:
        work: How the model is asked.
        setup: What was decided.
        inputs: The data.
        seed: The run's seed, which draws the samples with their ids.

    Returns:
        Nothing where answers are not of classes, or no split is the training's.
    """
    train = training(setup, inputs, seed)
    if train is None:
        return NONE_USUAL
    entropies: dict[str, list[np.ndarray]] = {m: [] for m in work.kinds}
    one, skipped = np.eye(len(work.kinds), dtype=bool).tolist(), 0
    model = work.models.loaded
    for at in spans(train, np.arange(len(train)), work.memory, batch=work.batch_size):
        samples = decode(train, train.read(at))
        skipped += len(at) - len(samples)
        asking = work.models.asking(work.models.policy, samples, work.kinds, work.batch_size)
        with Faults.of(model.info.spec), without_gradients(model.model):
            answers = [mean_of_shares(shares) for shares in asking.coalitions(one)]
        for k, m in enumerate(work.kinds):
            entropies[m].append(entropy(answers[k])[asking.present[:, k]])
    every = {m: np.concatenate(pieces) for m, pieces in entropies.items() if pieces}
    usual = {m: usual_entropy(own) for m, own in every.items() if own.size >= FEWEST}
    return UsualAnswers(len(train) - skipped, skipped, usual)


def ratio_numbers(pool: Pool, usual: UsualAnswers) -> Iterator[TrustNumber]:
    """Mean deviation ratio of each modality alone, clean and damaged.

    Args:
        pool: The samples.
        usual: What is usual in training.
    """
    for m, own in usual.by_modality.items():
        for side in (CLEAN, DAMAGED):
            ratio = deviation_ratio(pool.column(f"entropy_{side}_{m}"), own)
            there = np.isfinite(ratio)
            if there.any():
                mean = mean_of(ratio[there], pool.keys[there])
                yield TrustNumber(
                    metric="deviation_ratio", estimate=mean, modality=m, condition=side
                )


def ratio_notes(usual: UsualAnswers) -> Iterator[str]:
    """What the ratios are held against, and what was left out."""
    if not usual.n:
        return
    lost = f" ({usual.skipped:,} could not be read)" if usual.skipped else ""
    samples = many(usual.n, "sample of training", "samples of training")
    yield (
        f"Deviation ratios are held against the answers to {samples}{lost}; "
        "their intervals are of the audited samples alone."
    )
