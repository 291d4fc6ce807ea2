"""What all modalities together are compared with: other models, each of one modality alone.

Without them a gain is over the model's own answers with the rest taken away, which it was not
trained for; that tells how it works, not whether one modality would have done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats, Ints
from mmaudit.audits.base import Read
from mmaudit.audits.contributions.columns import numbers
from mmaudit.audits.contributions.features import FeatureNumber
from mmaudit.bounds.means import bounded, ends
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.unimodal import probes, references
from mmaudit.inference.unimodal.references import Audited, Compared, compared
from mmaudit.measures.tasks.absence.unimodal import over_best
from mmaudit.rows import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """How often all together are right beyond the best other model of one modality.

    Attributes:
        best: The modality of that one.
        what: What it is, in a phrase.
        gain: The paired gain over it: the least over the modalities of value and ends.
        gained: Samples that all together answer right and it does not.
        lost: Samples that it answers right and all together do not.
        shown: Whether a gain is claimed.
        why: Why none is, where the gain alone would look like one; else empty.
        rows: Numbers for the summary.
        table: What each reference is.
    """

    best: str
    what: str
    gain: Estimate
    gained: int
    lost: int
    shown: bool
    why: str
    rows: tuple[FeatureNumber, ...]
    table: pa.Table


@dataclass(frozen=True, slots=True)
class _Single:
    """References of one modality: what each is, and which samples it answers right."""

    modality: str
    what: tuple[str, ...]
    right: tuple[Floats, ...]


def reference(question: Audited, inputs: Inputs, read: Read) -> Rivals | None:
    """Compare the model with models of one modality.

    A separately trained model is the reference where there is one. Else it is a probe: one that is
    fitted to training rows, and one that is fitted to the other rows that are compared; a gain
    is one over both. Where there are no training rows, probes have fewer rows than the model may
    have had; then a gain is claimed only if a probe of all modalities is better than those of one.

    Args:
        question: The model, and what it is compared with.
        inputs: The data.
        read: Reads back what the model answered.

    Returns:
        None where a modality has neither a model nor features, or nothing can be compared.
    """
    these = compared(question, inputs)
    if these is None:
        return None
    at, train, probed = these.at, these.train, question.probed
    right = _right(read, at.ids)
    singles = [_single(m, these, question, inputs) for m in these.there]
    measured = [_measured(one, right, at.groups) for one in singles]
    k = min(range(len(singles)), key=lambda j: measured[j][1].value)
    gain = over_best(right, [other for one in singles for other in one.right], at.groups)
    shown, why = gain.low > 0, ""
    if shown and train is None and probed:
        if set(probed) != set(question.kinds):
            shown, why = False, _NO_ROWS
        else:
            shown, why = _probes_agree(at, these.there, singles, inputs)
    single = singles[k].right[measured[k][0]]
    return Rivals(
        best=singles[k].modality,
        what=singles[k].what[measured[k][0]],
        gain=gain,
        gained=round(float((right * (1 - single)).sum())),
        lost=round(float((single * (1 - right)).sum())),
        shown=shown,
        why=why,
        rows=tuple(_rows(singles, measured, gain, at.groups)),
        table=_table(singles),
    )


_NO_ROWS = "the rows that the model was trained on are not here, and a probe had fewer"


def _right(read: Read, ids: Sequence[str]) -> Floats:
    """Whether the model is right with everything, of some samples, ``(n,)``."""
    right: dict[str, float] = {}
    for table in read(["id", "right"], 0):
        right |= dict(zip(table["id"].to_pylist(), numbers(table, "right"), strict=True))
    return np.array([right[i] for i in ids])


def _single(modality: str, these: Compared, question: Audited, inputs: Inputs) -> _Single:
    """The references of one modality."""
    spec, at, train = question.unimodal.get(modality), these.at, these.train
    if spec is not None:
        what, own = references.trained(modality, spec, at)
        return _Single(modality, (what,), (own,))
    classes = len(inputs.dataset.classes or ())
    what = f"a probe of {modality} alone (fitted to the other rows of these {len(at.ids):,})"
    some = [(what, probes.held_out(at, modality, classes))]
    if train is not None:
        some.append(references.from_training(modality, at, train, inputs))
    return _Single(modality, tuple(what for what, _ in some), tuple(own for _, own in some))


def _measured(single: _Single, right: Floats, groups: Ints | None) -> tuple[int, Estimate]:
    """Which reference of a modality is right most often, and the gain over all of them."""
    best = max(range(len(single.right)), key=lambda k: float(single.right[k].mean()))
    return best, over_best(right, single.right, groups)


def _probes_agree(
    at: probes.ProbeRows, there: Sequence[str], singles: Sequence[_Single], inputs: Inputs
) -> tuple[bool, str]:
    """Whether a probe of all is better than each probe of one, all fitted to the same rows."""
    both = probes.all_held_out(at, there, len(inputs.dataset.classes or ()))
    gain = over_best(both, [one.right[0] for one in singles], at.groups)
    if gain.low > 0:
        return True, ""
    return False, f"{_NO_ROWS}; a probe of all modalities gains {gain}"


def _rows(
    singles: Sequence[_Single],
    measured: Sequence[tuple[int, Estimate]],
    gain: Estimate,
    groups: Ints | None,
) -> Iterator[FeatureNumber]:
    for one, (k, own) in zip(singles, measured, strict=True):
        data = bounded(one.right[k], 0.0, 1.0, groups)
        accuracy = Estimate(data.mean, *ends(data), data.units)
        yield FeatureNumber("", one.modality, "accuracy_reference", accuracy)
        yield FeatureNumber("", one.modality, "gain_over_reference", own)
    yield FeatureNumber("", "", "gain_over_best_reference", gain)


def _table(singles: Sequence[_Single]) -> pa.Table:
    """What each reference is, and how often it is right."""
    rows = [
        {"modality": one.modality, "reference": what, "accuracy": float(right.mean())}
        for one in singles
        for what, right in zip(one.what, one.right, strict=True)
    ]
    names = ("modality", "reference")
    fields = [pa.field(name, pa.string(), nullable=False) for name in names]
    return pa.Table.from_pylist(rows, pa.schema([*fields, pa.field("accuracy", pa.float64())]))
