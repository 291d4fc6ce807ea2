"""The tables of noisy pairs: every pair, the lists, the repair, the curves that a report draws."""

from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.noisy_pairs.analysis import Analysis
from mmaudit.audits.noisy_pairs.held import held
from mmaudit.measures.pairs.detectors.curves import COLUMNS as CURVES
from mmaudit.measures.pairs.evidence.statistics import Statistics, scores_of
from mmaudit.measures.pairs.evidence.thresholds import CosineThreshold, thresholds
from mmaudit.measures.pairs.evidence.verdict import verdict
from mmaudit.measures.pairs.forensics.defect import Defect
from mmaudit.measures.pairs.similarity import cosine

TEXT, NUMBER, YES = pa.string(), pa.float64(), pa.bool_()
COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "id": (TEXT, "pair"),
    "group": (TEXT, "its group"),
    "similarity": (NUMBER, "cosine of both sides; null where they share no space"),
    "similarity_z": (NUMBER, "its distance from both sides' cosines with anything, in sd"),
    "score": (NUMBER, "how suspicious; higher is more"),
    "p_value": (NUMBER, "of a random re-pairing that looks as well matched; small is matched"),
    "q_value": (NUMBER, "smallest false discovery rate (Storey) of a matched list that holds it"),
    "lfdr": (NUMBER, "probability that it is no more alike than a random re-pairing"),
    "lfdr_low": (
        NUMBER,
        "the same by a cautious rate, 0 where nothing can be told; flags go by it",
    ),
    "flagged": (YES, "suspect: no more alike than a random re-pairing"),
    "matched": (YES, "in the list of matched pairs under the random null"),
    "p_value_hard": (NUMBER, "p-value against re-pairings within the class, or similar items"),
    "q_value_hard": (
        NUMBER,
        "Benjamini-Hochberg against re-pairings within the class, or similar items",
    ),
    "matched_hard": (YES, "in the list of matched pairs under the hard null"),
    "expected_precision": (NUMBER, "mismatches among pairs at least as suspicious, by lfdr_low"),
    "soft_label": (NUMBER, "probability of a match, to train with"),
    "loss_split": (NUMBER, "loss of a warmed-up head that saw the pair; higher is suspicious"),
    "p_clean": (NUMBER, "P(clean) by the Gaussian mixture of that loss"),
    "p_clean_beta": (NUMBER, "P(clean) by its Beta mixture"),
    "neighbours": (NUMBER, "LEMoN's score; higher is suspicious"),
    "head": (NUMBER, "cosine of a head that did not see the pair"),
    "curve_mean": (NUMBER, "mean loss of the given training; higher is suspicious"),
    "curve_margin": (NUMBER, "its mean margin above the middle of the epoch, in epochs' spreads"),
    "curve_component": (NUMBER, "first principal component of its losses; higher is suspicious"),
    "curve_remembered": (NUMBER, "how often its loss rose above the middle; higher is suspicious"),
    "suggestion": (TEXT, "id whose right side fits better; null where none is suggested"),
    "suggestion_similarity": (NUMBER, "cosine with it, in the space that suggests it"),
}
TURNED = {"neighbours", *CURVES}  # columns that are told with suspicious above
BINS = 72
NEAR, TALLEST = 100, 20  # offsets that a report can draw


def samples(analysis: Analysis) -> pa.Table:
    """One row a pair, in the order of the selection."""
    columns = _columns(analysis)
    names = [name for name in COLUMNS if name in columns]
    schema = pa.schema(
        [pa.field(name, COLUMNS[name][0], metadata={"help": COLUMNS[name][1]}) for name in names]
    )
    table = pa.table([pa.array(columns[n], COLUMNS[n][0]) for n in names], schema=schema)
    return table.take(pa.array(np.argsort(analysis.order, kind="stable")))


def _columns(analysis: Analysis) -> dict[str, Any]:
    study, random, hard = analysis.study, analysis.random, analysis.hard
    columns: dict[str, Any] = {
        "id": analysis.ids,
        "score": analysis.suspicion,
        "flagged": analysis.flagged,
    }
    if analysis.groups is not None:
        columns["group"] = analysis.groups.tolist()
    for name in ("similarity", "similarity_z", "loss_split", "p_clean", "p_clean_beta", "head"):
        values = study.columns.get(name)
        columns[name] = [None] * len(analysis.ids) if values is None else values.astype(np.float64)
    for name in TURNED & study.columns.keys():
        columns[name] = 0.0 - study.columns[name].astype(np.float64)  # no minus zero
    if random is not None:
        columns |= {
            "p_value": random.p_value,
            "q_value": random.q_value_storey,
            "lfdr": random.lfdr,
            "lfdr_low": random.lfdr_low,
            "matched": random.q_value_storey <= analysis.options.fdr,
            "expected_precision": _precision(analysis.suspicion, random.lfdr_low),
            "soft_label": 1.0 - random.lfdr,
        }
    if hard is not None:
        columns |= {
            "p_value_hard": hard.p_value,
            "q_value_hard": hard.q_value,
            "matched_hard": hard.q_value <= analysis.options.fdr,
        }
    better = analysis.suggested >= 0
    columns["suggestion"] = [
        analysis.ids[j] if there else None
        for j, there in zip(analysis.suggested.tolist(), better.tolist(), strict=True)
    ]
    columns["suggestion_similarity"] = pa.array(analysis.suggested_cosine, NUMBER, mask=~better)
    return columns


def _precision(suspicion: NDArray[np.float64], lfdr: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean local false discovery rate of all pairs at least as suspicious, ``(n,)``."""
    order = np.argsort(-suspicion, kind="stable")
    out = np.empty(len(order))
    out[order] = lfdr[order].cumsum() / np.arange(1, len(order) + 1)
    return out


def tables(analysis: Analysis) -> dict[str, pa.Table]:
    """The lists and what a report draws."""
    out = {
        "keep": _list(analysis, ~analysis.flagged),
        "drop": _list(analysis, analysis.flagged),
        "offsets": _offsets(analysis),
    }
    if analysis.random is not None:
        out["verdict"] = _verdict(analysis.random, analysis.options.accept)
        out["kinds"] = held(within_class=analysis.study.within_class)
        out["histogram"] = _histogram(analysis, analysis.random.lfdr)
    elif analysis.study.split is not None:
        out["histogram"] = _histogram(analysis, 1.0 - analysis.study.split.clean)
    levels = by_cosine(analysis)
    if levels:
        out["thresholds"] = _thresholds(levels)
    if analysis.forensics.defects:
        out["repair"] = _repair(analysis, analysis.forensics.defects)
    if analysis.groups is not None:
        out["groups"] = _groups(analysis, analysis.groups)
    return out


def by_cosine(analysis: Analysis) -> tuple[CosineThreshold, ...]:
    """What thresholds on the cosine keep; none where the sides share no space."""
    study, numbers = analysis.study, analysis.random
    similarity = study.columns.get("similarity")
    if similarity is None or numbers is None or study.random is None or study.planted is not None:
        return ()
    pairs, plain = study.random.pairs, study.random.plain
    null = cosine(study.sides.left, study.sides.right, pairs.left[:plain], pairs.right[:plain])
    return thresholds(similarity, null, numbers.noise_rate)


def _thresholds(levels: tuple[CosineThreshold, ...]) -> pa.Table:
    """A row a threshold: what it keeps, and how much of that is mismatched."""
    columns = {
        "cosine": [row.cosine for row in levels],
        "kept": [row.keeps for row in levels],
        "mismatched": [row.mismatched.value for row in levels],
        "low": [row.mismatched.low for row in levels],
        "high": [row.mismatched.high for row in levels],
    }
    return pa.table({name: pa.array(values, NUMBER) for name, values in columns.items()})


def _verdict(random: Statistics, limit: float) -> pa.Table:
    """The verdict, why, and the bounds that it goes by."""
    said, why = verdict(random, limit)
    columns = {"verdict": said, "why": why}
    numbers = {"low": random.noise_rate.low, "upper": random.upper, "accept": limit}
    return pa.table(
        {k: pa.array([v], TEXT) for k, v in columns.items()}
        | {k: pa.array([v], NUMBER) for k, v in numbers.items()}
    )


def _list(analysis: Analysis, marked: NDArray[np.bool_]) -> pa.Table:
    """Ids, the most suspicious first."""
    rows = np.flatnonzero(marked)
    rows = rows[np.argsort(-analysis.suspicion[rows], kind="stable")]
    return pa.table(
        {
            "id": pa.array([analysis.ids[i] for i in rows], TEXT),
            "score": pa.array(analysis.suspicion[rows], NUMBER),
        }
    )


def _repair(analysis: Analysis, defects: tuple[Defect, ...]) -> pa.Table:
    """Right partner of every pair that a defect moved, and how sure that is."""
    place = np.argsort(analysis.order, kind="stable")  # row of the file to place among sorted ids
    ids = np.array(analysis.ids)[place].astype(object)
    parts = []
    for defect in defects:
        rows = np.flatnonzero(defect.rows)
        partner = defect.partner[rows]
        lost, size = partner < 0, len(rows)
        parts.append(
            pa.table(
                {
                    "id": pa.array(ids[rows], TEXT),
                    "right_partner": pa.array(ids[partner], TEXT, mask=lost),
                    "confidence": pa.array(defect.confidence[rows], NUMBER, mask=lost),
                    "defect": pa.array([defect.name] * size, TEXT),
                    "shard": pa.array([defect.shard] * size, TEXT),
                    "says": pa.array([defect.says] * size, TEXT),
                    "similarity_before": pa.array([defect.before] * size, NUMBER),
                    "similarity_after": pa.array([defect.after] * size, NUMBER),
                }
            )
        )
    return pa.concat_tables(parts).combine_chunks()


def _histogram(analysis: Analysis, mismatched: NDArray[np.floating]) -> pa.Table:
    """Shares of observed and shuffled pairs in bins of the score, and the two fitted parts.

    Args:
        analysis: The study.
        mismatched: Probability that each pair is mismatched, ``(n,)``.
    """
    study = analysis.study
    parts = {"observed": analysis.suspicion}
    for name, against in (("random", study.random), ("hard", study.hard)):
        if against is not None:
            local = against.local  # standings have a scale of their own: scores are shown
            parts[name] = -(against.score if local else scores_of(study, against).centred()[1])
    low, high = np.quantile(np.concatenate(list(parts.values())), [0.001, 0.999]).tolist()
    edges = np.linspace(low, high, BINS + 1)
    clipped = {k: v.clip(edges[0], edges[-1]) for k, v in parts.items()}
    shares = {k: np.histogram(v, edges)[0] / len(v) for k, v in clipped.items()}
    for name, weights in (("matched", 1.0 - mismatched), ("mismatched", mismatched)):
        counts = np.histogram(clipped["observed"], edges, weights=weights)[0]
        shares[f"fitted_{name}"] = counts / len(analysis.suspicion)
    columns = {"low": edges[:-1], "high": edges[1:], **shares}
    return pa.table({k: pa.array(v, NUMBER) for k, v in columns.items()})


def _offsets(analysis: Analysis) -> pa.Table:
    """Similarity at the offsets around zero and at those that stand out, of each shard."""
    parts = []
    for profile in analysis.forensics.profiles:
        n = len(profile.values)
        reach = min(NEAR, (n - 1) // 2)
        tall = np.argsort(-profile.values, kind="stable")[:TALLEST]
        away = np.where(tall <= n // 2, tall, tall - n)
        offset = np.unique(np.concatenate([np.arange(-reach, reach + 1), away]))
        parts.append(
            pa.table(
                {
                    "shard": pa.array([profile.shard] * len(offset), TEXT),
                    "offset": pa.array(offset, pa.int64()),
                    "similarity": pa.array(profile.values[offset % n], NUMBER),
                    "cosine": pa.array([analysis.forensics.shared] * len(offset), YES),
                    "strangers": pa.array([float(np.median(profile.values))] * len(offset), NUMBER),
                }
            )
        )
    return pa.concat_tables(parts).combine_chunks()


def _groups(analysis: Analysis, groups: NDArray[np.str_]) -> pa.Table:
    """Pairs, flagged pairs and expected mismatches of each group."""
    names, at = np.unique(groups, return_inverse=True)
    columns = {
        "group": pa.array(names.tolist(), TEXT),
        "pairs": pa.array(np.bincount(at), pa.int64()),
        "flagged": pa.array(np.bincount(at, weights=analysis.flagged).astype(np.int64), pa.int64()),
    }
    if analysis.random is not None:
        columns["expected_mismatches"] = pa.array(
            np.bincount(at, weights=analysis.random.lfdr), NUMBER
        )
    return pa.table(columns)


def files(analysis: Analysis) -> dict[str, bytes]:
    """Lists for other programs: ids to keep and to drop, and a noise index.

    The noise index is read by NCR-style training code as the row of the partner of each row: its
    own number where the pair is kept, -1 where it is flagged.
    """
    back = np.argsort(analysis.order, kind="stable")
    flagged = analysis.flagged[back]
    ids = np.array(analysis.ids)[back]
    return {
        "keep_ids.npy": _npy(ids[~flagged]),
        "drop_ids.npy": _npy(ids[flagged]),
        "noise_index.npy": _npy(np.where(flagged, -1, analysis.vectors.positions)),
    }


def _npy(array: NDArray[Any]) -> bytes:
    file = BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()
