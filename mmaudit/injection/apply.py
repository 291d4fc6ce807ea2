"""Apply: one corruption to values that are in memory; the one way in which damage is done.

`mmaudit corrupt`, the audits and the Python API all come through here, so the same seed, id and
corruption give the same bytes everywhere.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit import parts
from mmaudit.corruptions.base import SEVERITIES, AnyCorruption, AnyPlan, Rows
from mmaudit.doses.base import Context
from mmaudit.errors import UsageError
from mmaudit.seeds import digests, words

KIND = "corruptions"
DEFAULT_SEVERITY = 3
SPEC = re.compile(r"(?P<part>[^:@]+)(?::(?P<severity>[^@]*))?(?:@(?P<modality>.+))?")
SETS = frozenset({"missing", "pairing", "label"})  # families that plan over the whole set
ANYWHERE = Context()


class Spec(NamedTuple):
    """What is to be done: ``image/fog:3@left_camera``.

    Attributes:
        part: Name of the corruption.
        severity: 0 to 5.
        modality: To which modality; None where the text does not say.
        parameters: Parameters that are named in place of a severity, as ``cell_rate=0.25``.
    """

    part: str
    severity: int
    modality: str | None
    parameters: str = ""

    def __str__(self) -> str:
        where = "" if self.modality is None else f"@{self.modality}"
        return f"{self.part}:{self.parameters or self.severity}{where}"

    @property
    def planned(self) -> bool:
        """Whether it is a corruption of the whole set."""
        return self.part.partition("/")[0] in SETS


def split_spec(text: str) -> Spec:
    """Read ``PART[:SEVERITY][@MODALITY]``; the severity is 3 unless it is said.

    Named parameters may stand for the severity: ``missing/mcar:cell_rate=0.25``.

    Raises:
        UsageError: The text is not of that form, there is no such part or no such severity.
    """
    found = SPEC.fullmatch(text.strip())
    if found is None or "/" not in found["part"]:
        raise UsageError(
            f"{text!r} does not name a corruption",
            fix="PART[:SEVERITY][@MODALITY], as image/fog:3@camera, or a subset, as common:3",
        )
    if found["part"] not in parts.names(KIND):
        raise parts.unknown(KIND, found["part"])
    level = found["severity"]
    if level is not None and "=" in level:
        return Spec(found["part"], DEFAULT_SEVERITY, found["modality"], level)
    return Spec(found["part"], _severity(level, text), found["modality"])


def _severity(text: str | None, whole: str) -> int:
    if text is None:
        return DEFAULT_SEVERITY
    if text not in {str(level) for level in range(SEVERITIES + 1)}:
        raise UsageError(
            f"{text!r} in {whole!r} is not a severity", fix=f"a number from 0 to {SEVERITIES}"
        )
    return int(text)


def load_corruption(name: str) -> AnyCorruption:
    """A corruption of single samples by name.

    Raises:
        UsageError: There is none, or the name is that of a plan.
    """
    found = getattr(parts.load(KIND, name), "CORRUPTION", None)
    if found is None:
        raise UsageError(
            f"{name!r} corrupts a whole dataset, not one sample", fix="a corruption of one sample"
        )
    return found


def load_plan(name: str) -> AnyPlan:
    """A plan by name.

    Raises:
        UsageError: There is none, or the name is that of a corruption of single samples.
    """
    found = getattr(parts.load(KIND, name), "PLAN", None)
    if found is None:
        raise UsageError(f"{name!r} is not a plan", fix="one of missing/*, pairing/*, label/*")
    return found


def load_either(name: str) -> AnyCorruption | AnyPlan:
    """A corruption or a plan by name.

    Raises:
        UsageError: There is none.
    """
    return load_plan(name) if name.partition("/")[0] in SETS else load_corruption(name)


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
) -> tuple[list[Any], NDArray[np.float64]]:
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
    around = context if callable(context) else lambda _i: context
    purpose = f"{corruption}@{modality}"
    there = [i for i, value in enumerate(values) if value is not None]
    out: list[Any] = [None] * len(values)
    damaged = _worse(part, there, values, ids, purpose, severity, seed, around)
    for i, worse in zip(there, damaged, strict=True):
        out[i] = worse
    doses = np.full(len(values), math.nan)
    if dose:
        for i in there:
            doses[i] = part.dose.of(values[i], out[i], around(i))
    return out, doses


def _worse(
    part: AnyCorruption,
    there: Sequence[int],
    values: Sequence[Any],
    ids: Sequence[str],
    purpose: str,
    severity: int,
    seed: int,
    around: Callable[[int], Context],
) -> Iterable[Any]:
    """The corrupted values of those that are there, many at once where the corruption can."""
    if part.batch is not None and severity and not part.needs:
        keys = digests(seed, purpose, [ids[i] for i in there])
        return part.batch([values[i] for i in there], part.at(severity), keys)
    return (
        part.damage(values[i], severity, words(seed, purpose, ids[i]), around(i)) for i in there
    )


def make_plan(
    rows: Rows, *, plan: str, severity: int, seed: int, part: AnyPlan | None = None
) -> NDArray[Any]:
    """What a plan decides for every row; severity 0 changes nothing.

    Args:
        rows: The set.
        plan: Name of the plan.
        severity: 0 to 5.
        seed: The run's seed.
        part: The plan itself, where it is not the one that comes under this name: with parameters
            that a user named.

    Returns:
        ``(n, modality)`` bool, True where made absent; or ``(n,)`` rows whose value is taken; or
        ``(n,)`` new labels; see `Plan.makes`.
    """
    part = part or load_plan(plan)
    if severity:
        return part.plan(rows, part.at(severity), seed)
    if part.makes == "mask":
        return np.zeros(rows.present.shape, np.bool_)
    if part.makes == "donors":
        return np.arange(len(rows.ids))
    if rows.labels is None:
        raise UsageError(
            "label noise needs a target with classes", fix="name [target] kind = class"
        )
    return rows.labels.copy()


def corrupt_one(
    sample: Any,
    corruption: str,
    *,
    severity: int = DEFAULT_SEVERITY,
    seed: int = 0,
    id: str = "",
    modality: str | None = None,
    context: Context = ANYWHERE,
) -> Any:
    """Corrupt one decoded value, with the same bytes as a whole run would give it.

    Args:
        sample: An image ``(h, w, c)`` uint8, a text, audio ``(time, channel)`` float32, a series
            ``(time, channel)``, a row of a table or a vector ``(d,)``. It is not changed.
        corruption: Name, as ``image/fog``.
        severity: 0 to 5.
        seed: The run's seed.
        id: Id of the sample in its dataset.
        modality: Name of the modality in its dataset; the corruption's kind unless said.
        context: Sample rate, statistics and donors, for the corruptions that need them.
    """
    name = modality or corruption.partition("/")[0]
    values, _ = corrupt_values(
        [sample],
        [id],
        corruption=corruption,
        modality=name,
        severity=severity,
        seed=seed,
        context=context,
        dose=False,
    )
    return values[0]
