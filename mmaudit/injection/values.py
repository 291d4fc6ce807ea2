"""Values: one modality of some samples taken through all steps, as cells that can be written.

A value that a pairing step moved was made worse before that step as a value of its donor, and is
made worse after it as a value of the receiver. So every value is followed back through the steps
to the sample that it comes from, and then forward.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.sizes import sized
from mmaudit.doses.choose import doses
from mmaudit.injection.apply import corrupt_values
from mmaudit.injection.assignment import Decided
from mmaudit.injection.encoder import COSINE, Encoder
from mmaudit.injection.record.ledger import Ledger
from mmaudit.injection.steps import DOSE_OF
from mmaudit.injection.write import cells as stored
from mmaudit.kinds.base import Undecodable, content, load_kind

if TYPE_CHECKING:
    from mmaudit.injection.unit import Corrupting


@dataclass(slots=True)
class Values:
    """One modality of some samples.

    Attributes:
        cells: What is written, files as ``bytes`` and ``path``; None where absent.
        values: Decoded values; of media only those that are touched.
        reasons: Why a value could not be used, by place.
    """

    cells: list[Any]
    values: list[Any]
    reasons: dict[int, str]


def worse(
    work: "Corrupting", modality: str, positions: NDArray[np.int64], ledger: Ledger
) -> Values:
    """Take one modality of the samples at some positions through all steps, to be written."""
    found, touched, present = _through(work, modality, positions, ledger, everything=False)
    _finish(work, modality, found, touched, present)
    return found


def decoded(work: "Corrupting", modality: str, positions: NDArray[np.int64]) -> Values:
    """The same as decoded values, before they are stored; cells are not to be looked at."""
    found, _, present = _through(work, modality, positions, Ledger(), everything=True)
    found.values = [v if there else None for v, there in zip(found.values, present, strict=True)]
    return found


def _through(
    work: "Corrupting",
    modality: str,
    positions: NDArray[np.int64],
    ledger: Ledger,
    *,
    everything: bool,
) -> tuple[Values, NDArray[np.bool_], NDArray[np.bool_]]:
    """Values after all steps, which were touched, and which are still there."""
    steps = [(k, d) for k, d in enumerate(work.decided) if modality in d.step.modalities]
    owners, source = lineage(work.decided, modality, positions)
    touched = np.full(positions.size, everything)
    for k, decided in steps:
        if decided.step.makes == "values":
            touched |= decided.severity[owners[k]] > 0
    found = _read(work, modality, source, touched)
    present = np.array([c is not None for c in found.cells], np.bool_)
    for k, decided in steps:
        here = (k, decided, modality, positions, owners[k])
        if decided.step.makes == "values":
            _corrupt(work, here, found, present, ledger)
        elif decided.step.makes == "mask":
            present = _remove(work, here, present, ledger)
        else:
            _note_donors(work, here, present, ledger)
    return found, touched, present


Here = tuple[int, Decided, str, NDArray[np.int64], NDArray[np.int64]]


def lineage(
    all_decided: Sequence[Decided], modality: str, positions: NDArray[np.int64]
) -> tuple[dict[int, NDArray[np.int64]], NDArray[np.int64]]:
    """Whose value each one is when a step comes to it, by step, and where it comes from.

    Args:
        all_decided: Every step and what it does, in order.
        modality: Of which the values are.
        positions: The samples that have the values in the end.
    """
    owners: dict[int, NDArray[np.int64]] = {}
    rows = positions
    for k, decided in reversed(list(enumerate(all_decided))):
        if modality in decided.step.modalities:
            owners[k] = rows
            if decided.step.makes == "donors":
                rows = decided.made[rows]
    return owners, rows


def _read(
    work: "Corrupting", modality: str, source: NDArray[np.int64], touched: NDArray[np.bool_]
) -> Values:
    """Cells as they are, and decoded values: of media those that are touched, else all."""
    kind, shape = load_kind(work.dataset.kinds[modality]), work.dataset.shape(modality)
    cells = work.dataset.cells(modality, source)
    if not kind.media:
        values, why = kind.column(cells, shape)
        return Values(values, list(values), why)
    out = Values(cells.to_pylist(), [None] * len(cells), {})
    for i, cell in enumerate(out.cells):
        try:
            if content(cell) is None:
                out.cells[i] = None
                continue
            out.cells[i] = {"bytes": cell["bytes"], "path": cell.get("path")}
            out.values[i] = kind.decode(cell, shape) if touched[i] else None
        except Undecodable as error:
            out.reasons[i] = str(error)
            if cell["bytes"] is None:
                out.cells[i] = None
    return out


def _corrupt(
    work: "Corrupting", here: Here, found: Values, present: NDArray[np.bool_], ledger: Ledger
) -> None:
    k, decided, modality, positions, owner = here
    step, severity = decided.step, decided.severity[owner]
    able = np.array([v is not None for v in found.values], np.bool_) & present
    applied = able & (severity > 0)
    kind, clean = work.dataset.kinds[modality], list(found.values)
    known = doses(kind, step.part.dose)
    dose = np.full((len(known), owner.size), np.nan)
    told: list[dict[str, Any]] = [{} for _ in owner]
    for level in np.unique(severity[applied]).tolist():
        at = np.flatnonzero(able & (severity == level))
        for some, form, parameters in sized(
            step.part, level, at, clean, scale=work.scale_with_size
        ):
            around = work.around[modality].contexts(step, owner[some])
            out, dose[0, some] = corrupt_values(
                [clean[i] for i in some],
                work.ids(owner[some]),
                corruption=step.name,
                modality=modality,
                severity=level,
                seed=work.seed,
                context=around,
                part=form,
            )
            for n, (i, value) in enumerate(zip(some, out, strict=True)):
                found.values[i], told[i] = value, parameters._asdict()
                dose[1:, i] = [further.of(clean[i], value, around(n)) for further in known[1:]]
    measured = {each.name: row for each, row in zip(known, dose, strict=True)}
    if work.encoder is not None and kind in work.encoder.encode:
        measured[COSINE] = _cosines(work.encoder, kind, clean, found.values, applied)
    mine = np.arange(owner.size)
    if decided.chosen is not None:  # a sample has a row of the one that it drew
        mine = np.flatnonzero(decided.chosen[owner])
    for name, row in measured.items():
        ledger.add(
            k,
            step,
            modality,
            positions[mine],
            work.ids(positions[mine]),
            severity=severity[mine],
            applied=applied[mine],
            dose_name=name,
            dose=row[mine],
            more=[told[i] for i in mine] if work.scale_with_size and step.part.pixels else None,
        )


def _cosines(
    encoder: Encoder, kind: str, clean: list[Any], worse: list[Any], applied: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How alike values and what a step made of them are to a model; NaN where it did nothing."""
    out, at = np.full(applied.size, np.nan), np.flatnonzero(applied)
    out[at] = encoder.cosines(kind, [clean[i] for i in at], [worse[i] for i in at])
    return out


def _remove(
    work: "Corrupting", here: Here, present: NDArray[np.bool_], ledger: Ledger
) -> NDArray[np.bool_]:
    k, decided, modality, positions, owner = here
    gone = decided.mask(modality)[owner] & present
    ledger.add(
        k,
        decided.step,
        modality,
        positions,
        work.ids(positions),
        severity=decided.severity[owner],
        applied=gone,
        dose_name=DOSE_OF["mask"],
        dose=gone.astype(np.float64),
    )
    return present & ~gone


def _note_donors(
    work: "Corrupting", here: Here, present: NDArray[np.bool_], ledger: Ledger
) -> None:
    k, decided, modality, positions, owner = here
    donor = decided.made[owner]
    groups = decided.groups if decided.groups is not None else np.arange(decided.made.size)
    wrong = groups[donor] != groups[owner]
    ledger.add(
        k,
        decided.step,
        modality,
        positions,
        work.ids(positions),
        severity=decided.severity[owner],
        applied=(donor != owner) & present,
        dose_name=DOSE_OF["donors"],
        dose=wrong.astype(np.float64),
        more=[{"donor": name} for name in work.ids(donor)],
    )


def _finish(
    work: "Corrupting",
    modality: str,
    found: Values,
    touched: NDArray[np.bool_],
    present: NDArray[np.bool_],
) -> None:
    """Turn corrupted values into cells again; what was not touched stays byte for byte."""
    kind = work.dataset.kinds[modality]
    rate = stored.sound_rate(work.dataset, modality)
    for i, value in enumerate(found.values):
        if not present[i]:
            found.cells[i] = found.values[i] = None
        elif value is None:
            continue
        elif not load_kind(kind).media:
            found.cells[i] = value
        elif touched[i]:
            found.cells[i] = stored.media(kind, value, found.cells[i], rate)
