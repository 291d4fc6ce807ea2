"""Values: the one way in which values of a modality are made worse.

One value (`corrupt_value`), and several at one severity (`corrupt_values`). `mmaudit corrupt`, the
audits, the dataset for training and the Python API all come through here, so the same seed, id and
corruption give the same bytes everywhere.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.corruptions.base import AnyCorruption
from mmaudit.doses.base import Context
from mmaudit.injection.spec import DEFAULT_SEVERITY, load_corruption
from mmaudit.kinds import image
from mmaudit.seeds import digests, words

ANYWHERE = Context()
Value = TypeVar("Value")  # what is worse is of the same kind


def corrupt_value(
    sample: Value,
    corruption: str,
    *,
    severity: int = DEFAULT_SEVERITY,
    seed: int = 0,
    id: str = "",
    modality: str | None = None,
    context: Context = ANYWHERE,
) -> Value:
    """Corrupt one decoded value, with the same bytes as a whole run would give it.

    Args:
        sample: An image ``(h, w, c)`` or grey ``(h, w)``, uint8, a text, audio ``(time, channel)``
            float32, a series ``(time, channel)``, a row of a table or a vector ``(d,)``. It is not
            changed.
        corruption: Name, as ``image/fog``.
        severity: 0 to 5.
        seed: The run's seed.
        id: Id of the sample in its dataset.
        modality: Name of the modality in its dataset; the corruption's kind unless said.
        context: Sample rate, statistics and donors, for the corruptions that need them.

    Example:
        >>> corrupt_value("a small brown dog", "text/word_swap", severity=5, id="sample-7")
        'a brown small dog'
        >>> corrupt_value("a small brown dog", "text/word_swap", severity=0, id="sample-7")
        'a small brown dog'
    """
    kind = corruption.partition("/")[0]
    name, flat = modality or kind, kind == image.NAME and np.ndim(cast("Any", sample)) == 2
    values, _ = corrupt_values(
        [cast("Any", sample)[:, :, None] if flat else sample],
        [id],
        corruption=corruption,
        modality=name,
        severity=severity,
        seed=seed,
        context=context,
        dose=False,
    )
    worse: Value = values[0][:, :, 0] if flat else values[0]
    return worse


def corrupt_values(
    values: Sequence[Any],
    ids: Sequence[str],
    *,
    corruption: str,
    modality: str,
    severity: int,
    seed: int,
    context: Callable[[int], Context] | Context = ANYWHERE,
    dose: bool = True,
    part: AnyCorruption | None = None,
) -> tuple[list[Any], Floats]:
    """Corrupt some values of one modality.

    Args:
        values: Decoded values; None where absent.
        ids: Id of each sample.
        corruption: Name of the corruption.
        modality: Name of the modality; two modalities of one sample get different noise.
        severity: 0 to 5; 0 returns the values themselves.
        seed: The run's seed.
        context: What there is around a sample, or a function from its place in ``values`` to it.
        dose: Whether to measure what was done.
        part: The corruption itself, where it is not the one that comes under this name: with
            other textures, or parameters that were calibrated.

    Returns:
        The corrupted values, None where absent; the dose of each, ``(n,)``, NaN where absent or
        not measured.
    """
    part = part or load_corruption(corruption)
    contexts = context if callable(context) else lambda _i: context
    purpose = f"{corruption}@{modality}"
    there = [i for i, value in enumerate(values) if value is not None]
    out: list[Any] = [None] * len(values)
    corrupted = _corrupted(part, there, values, ids, purpose, severity, seed, contexts)
    for i, value in zip(there, corrupted, strict=True):
        out[i] = value
    amounts = np.full(len(values), math.nan)
    if dose:
        for i in there:
            amounts[i] = part.dose.of(values[i], out[i], contexts(i))
    return out, amounts


def _corrupted(
    part: AnyCorruption,
    there: Sequence[int],
    values: Sequence[Any],
    ids: Sequence[str],
    purpose: str,
    severity: int,
    seed: int,
    contexts: Callable[[int], Context],
) -> Iterable[Any]:
    """The corrupted values of those that are there, many at once where the corruption can."""
    if part.batch is not None and severity and not part.needs:
        keys = digests(seed, purpose, [ids[i] for i in there])
        return part.batch([values[i] for i in there], part.at(severity), keys)
    return (
        part.damage(values[i], severity, words(seed, purpose, ids[i]), contexts(i)) for i in there
    )
