"""Everything that is known of the pairs, in the order of their ids."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.audits.noisy_pairs import curves as _pair_curves
from mmaudit.audits.noisy_pairs.forensic import Forensics, look_into
from mmaudit.audits.noisy_pairs.judging import concluded
from mmaudit.audits.noisy_pairs.sides import PairVectors
from mmaudit.errors import InputError, UsageError
from mmaudit.measures.intervals.blocks import computed, gathered
from mmaudit.measures.pairs import planting, rematch
from mmaudit.measures.pairs.evidence import statistics
from mmaudit.measures.pairs.evidence.statistics import Statistics
from mmaudit.measures.pairs.nulls import Pairs
from mmaudit.measures.pairs.scoring import NoSharedSpaceError
from mmaudit.measures.pairs.similarity import unit
from mmaudit.measures.pairs.study import Curves, NoStrangersError, Study, study
from mmaudit.names import SLICE
from mmaudit.samples.dataset import Dataset
from mmaudit.seeds import words

FEWEST = 10
MOST_SUGGESTIONS = 10_000
WRONG = {"true", "1", "yes", "mismatch", "no-match", "wrong", "noisy"}
RIGHT = {"false", "0", "no", "match", "right", "clean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What was found; all arrays are in the order of the pairs' ids.

    Attributes:
        options: The audit's options.
        vectors: Both sides, in the order of the selection.
        order: Place in ``vectors`` of each pair, ``(n,)``.
        ids: Ids, ``n`` of them, sorted.
        groups: Group of each pair, ``(n,)``; None without groups.
        slices: The slice columns, ``(n,)`` each.
        study: What the detectors say.
        random: Statistics against random re-pairings; None for an in-sample method.
        hard: Statistics against re-pairings within classes, or among similar items; None
            where there are none.
        suspicion: Score of each pair, higher is more suspicious, ``(n,)``.
        flagged: Whether each pair is flagged, ``(n,)``.
        named: Whether each pair is mismatched by a defect that has a name, ``(n,)``.
        forensics: Mismatches with one cause, and similarity at every offset of the file.
        suggested: Right row of a better partner, -1 where none is suggested, ``(n,)``.
        suggested_cosine: Its cosine, in the space that suggests it, ``(n,)``.
        truth: Whether each pair is mismatched, where that is known.
        planted: For each kind of mismatch, which pairs of a scratch copy are planted and which
            are flagged, without those that were flagged before.
    """

    options: Any
    vectors: PairVectors
    order: NDArray[np.int64]
    ids: list[str]
    groups: NDArray[np.str_] | None
    slices: pa.Table
    study: Study
    random: Statistics | None
    hard: Statistics | None
    suspicion: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    named: NDArray[np.bool_]
    forensics: Forensics
    suggested: NDArray[np.int64]
    suggested_cosine: NDArray[np.float32]
    truth: NDArray[np.bool_] | None
    planted: dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]


def analyse(options: Any, dataset: Dataset, vectors: PairVectors) -> Analysis:
    """Study the pairs of both sides.

    Raises:
        InputError: There are too few pairs for any answer.
        UsageError: A method or a threshold was asked that these sides do not have.
    """
    n = len(vectors.positions)
    if n < FEWEST:
        raise InputError(f"there are only {n} pairs", fix=f"at least {FEWEST}")
    taken = _taken(dataset, vectors)
    ids = taken("id")
    order = np.argsort(ids, kind="stable")
    groups = taken("group")[order] if dataset.manifest.source.group else None
    pairs = replace(_pairs(options, vectors, order, groups), label=_label(dataset, taken, order))
    curves = _pair_curves.read(options.curves, ids[order].tolist()) if options.curves else None
    study = _studied(options, pairs, curves)

    def look(misfits: tuple[int, ...]) -> tuple[Forensics, NDArray[np.bool_]]:
        forensics = look_into(
            dataset,
            vectors,
            study,
            np.argsort(order),
            column=options.shard_column,
            space=options.space,
            misfits=misfits,
        )
        return forensics, forensics.mismatched(n)[order]

    judgement = concluded(options, pairs, study, look)
    suggested, cosine = _suggested(study, judgement.flagged, judgement.suspicion)
    return Analysis(
        options=options,
        vectors=vectors,
        order=order,
        ids=ids[order].tolist(),
        groups=groups,
        slices=_slices(dataset, taken, order),
        study=study,
        random=judgement.random,
        hard=None if study.hard is None else statistics.statistics(study, study.hard),
        named=judgement.named,
        suspicion=judgement.suspicion,
        flagged=judgement.flagged,
        forensics=judgement.looked,
        suggested=suggested,
        suggested_cosine=cosine,
        truth=_truth(dataset, vectors, options.truth)[order] if options.truth else None,
        planted=_planted(options, pairs, study, judgement.flagged, order) if options.plant else {},
    )


def _taken(dataset: Dataset, vectors: PairVectors) -> Any:
    def column(name: str) -> NDArray[np.str_]:
        cells = dataset.column(name).take(pa.array(vectors.positions))
        if name == "group":  # a pair without a group is one of its own
            cells = compute.coalesce(cells, dataset.column("id").take(pa.array(vectors.positions)))
        return np.array(cells.fill_null("").to_pylist(), np.str_)

    return column


def _label(dataset: Dataset, taken: Any, order: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Number of each pair's class, where the dataset has classes."""
    if dataset.target_kind != "class":
        return None
    return np.unique(taken("label")[order], return_inverse=True)[1].astype(np.int64)


def _pairs(
    options: Any, vectors: PairVectors, order: NDArray[np.int64], groups: NDArray[np.str_] | None
) -> Pairs:
    n = len(order)
    in_order = bool((order == np.arange(n)).all())
    left, right = (
        side if in_order else gathered(side, order) for side in (vectors.left, vectors.right)
    )
    number = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    shared = {"auto": vectors.shared, "shared": True, "separate": False}[options.space]
    if shared and left.shape[1] != right.shape[1]:
        raise UsageError(
            f"the sides have {left.shape[1]} and {right.shape[1]} dimensions and share no space",
            fix="--space separate",
        )
    return Pairs(left=left, right=right, group=number.astype(np.int64), shared=shared)


def _studied(options: Any, pairs: Pairs, curves: Curves | None = None) -> Study:
    try:
        return study(pairs, options.method, options.seed, curves)
    except NoSharedSpaceError as error:
        raise UsageError(str(error), fix="--method combined") from error
    except NoStrangersError as error:
        raise InputError(
            "hardly any two pairs are strangers, so they cannot be shuffled",
            fix="pairs of several groups, with several values on each side",
        ) from error


def _suggested(
    study: Study, flagged: NDArray[np.bool_], suspicion: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """A better partner for the most suspicious of the flagged pairs."""
    n = len(flagged)
    best, cosine = np.full(n, -1, np.int64), np.zeros(n, np.float32)
    ranked = np.argsort(-suspicion, kind="stable")
    suspects = ranked[flagged[ranked]][:MOST_SUGGESTIONS]
    for rows, left, right in study.spaces(suspects):
        best[rows], cosine[rows] = rematch.suggestions(left, right, rows, study.keys)
    return best, cosine


def _planted(
    options: Any, pairs: Pairs, study: Study, flagged: NDArray[np.bool_], order: NDArray[np.int64]
) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Which pairs are planted and which are flagged in one scratch copy for each kind."""
    left, right = study.sides.left, study.sides.right
    width = left.shape[1] + right.shape[1]
    both = unit(computed(left, width, lambda at: np.concatenate([left[at], right[at]], axis=1)))
    out = {}
    for kind in planting.KINDS:
        draw = words(options.seed, f"noisy_pairs/plant/{kind}")
        within = planting.strata(kind, both, order, draw)
        partner = planting.plant(within, study.keys, options.plant, draw)
        right = gathered(pairs.right, partner)
        again = _studied(options, replace(pairs, right=right, shared=study.shared))
        now = concluded(options, pairs, again, _nothing(len(partner)), learning=False).flagged
        planted = partner != np.arange(len(partner))
        out[kind] = planted & ~flagged, now & ~flagged
    return out


def _nothing(n: int) -> Callable[[tuple[int, ...]], tuple[None, NDArray[np.bool_]]]:
    """No look for defects: none of ``n`` pairs is named."""
    return lambda _: (None, np.zeros(n, np.bool_))


def _slices(dataset: Dataset, taken: Any, order: NDArray[np.int64]) -> pa.Table:
    names = [name for name in dataset.source.columns.column_names if name.startswith(SLICE)]
    return pa.table({name: taken(name)[order] for name in names})


def _truth(dataset: Dataset, vectors: PairVectors, name: str) -> NDArray[np.bool_]:
    """Which pairs are mismatched, by a column of the data, in the order of ``vectors``."""
    reader = dataset.source.reader
    if name not in reader.schema.names:
        raise UsageError(
            f"the data has no column {name!r}", fix=f"one of {', '.join(reader.schema.names)}"
        )
    cells = reader.column(name).take(pa.array(dataset.rows[vectors.positions])).to_pylist()
    texts = np.array([str(cell).strip().lower() for cell in cells])
    wrong, right = np.isin(texts, sorted(WRONG)), np.isin(texts, sorted(RIGHT))
    if not (wrong | right).all():
        strange = texts[~(wrong | right)][0]
        raise InputError(
            f"{strange!r} does not say whether a pair is mismatched",
            where=f"column {name}",
            fix="true or false, mismatch or match",
        )
    return wrong
