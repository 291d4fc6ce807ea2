"""Within a modality: which words, patches or stretches the answer hangs on.

The pieces of the opened modalities and, as one player each, the other modalities share the worth of
a sample's answer by an explainer of shap. The share of |φ| that falls to the pieces of a modality
is what MM-SHAP calls T-SHAP and V-SHAP.

References:
    Parcalabescu and Frank 2023, "MM-SHAP", arXiv:2212.08158
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import extras
from mmaudit.audits.contributions.metrics import Number
from mmaudit.audits.contributions.pieces.shap_values import Sides, Value, explained, passes
from mmaudit.errors import UsageError
from mmaudit.inference.base import Asking
from mmaudit.kinds.base import Pieces, load_kind
from mmaudit.measures.games.worth import Reference, worths_of
from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.replicates import ANY, SHARE
from mmaudit.samples.decode import Samples
from mmaudit.samples.memory import COPIES, taken
from mmaudit.seeds import digest

DETAIL = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("piece", pa.int64(), nullable=False),
        pa.field("what", pa.string(), nullable=False),
        pa.field("phi", pa.float64(), nullable=False),
    ]
)


def check_opened(detail: Sequence[str], kinds: Mapping[str, str]) -> None:
    """Refuse modalities that cannot be opened.

    Raises:
        UsageError: There is no such modality, or its kind has no pieces.
        MissingError: There is no shap.
    """
    for modality in detail:
        if modality not in kinds or load_kind(kinds[modality]).pieces is None:
            can = " or ".join(m for m, kind in kinds.items() if load_kind(kind).pieces)
            raise UsageError(f"{modality!r} cannot be opened", fix=f"--detail {can}")
    if detail:
        extras.require("--detail", "shap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is opened, and how.

    Attributes:
        modalities: Modalities to open.
        task: Task of the model.
        worth: Name of the value function.
        explainer: Name of the explainer.
        seed: Seed of its orders.
        memory: Bytes that the changed copies of a sample may take.
        names: Names of the model's columns.
    """

    modalities: tuple[str, ...]
    task: str
    worth: str
    explainer: str
    seed: int
    memory: int
    names: tuple[str, ...] = ()


def cost(
    asking: Callable[[Samples], Asking], spans: Iterable[Samples], opening: Opening, donors: int
) -> str:
    """How often the model is asked about the samples that are opened, said before it is.

    Args:
        asking: Makes a model's questions about some samples.
        spans: The samples, as many as are decoded at a time.
        opening: What is opened, and how.
        donors: How many answers are averaged where a modality is absent.
    """
    counts = [
        passes(opening.explainer, _Opened(asking, samples, k, opening).sides)
        for samples in spans
        for k in range(len(samples.ids))
    ]
    most, opened_names = sum(counts) * max(donors, 1), " and ".join(opening.modalities)
    return f"within {opened_names}: at most {most:,} more passes for {len(counts):,} samples"


def opened(
    asking: Callable[[Samples], Asking],
    spans: Iterable[Samples],
    labels: Callable[[Samples], NDArray[np.generic] | None],
    opening: Opening,
) -> pa.Table:
    """The contribution of every piece, and of every modality that was not opened.

    Args:
        asking: Makes a model's questions about some samples.
        spans: The samples, as many as are decoded at a time.
        labels: Gives the true class in the model's columns, or the true number, ``(sample,)``.
        opening: What is opened, and how.
    """
    worth, rows = worths_of(opening.task, opening.names)[opening.worth], []
    each = ((samples, k, id_) for samples in spans for k, id_ in enumerate(samples.ids))
    for samples, k, id_ in each:
        one, right = _Opened(asking, samples, k, opening), labels(samples)
        truth = None if right is None else right[k : k + 1]
        seed = digest(opening.seed, "detail", id_)
        values = explained(one.worth(worth, truth), one.sides, opening.explainer, seed)
        for (modality, piece, what), phi in zip(one.players, values, strict=True):
            row = {"id": id_, "modality": modality, "piece": piece, "what": what}
            rows.append(row | {"phi": float(phi)})
    return pa.Table.from_pylist(rows, schema=DETAIL)


class _Opened:
    """One sample whose modalities can be taken away piece by piece."""

    def __init__(
        self,
        asking: Callable[[Samples], Asking],
        samples: Samples,
        k: int,
        opening: Opening,
    ) -> None:
        self.asking, self.samples, self.k = asking, samples, k
        whole = taken([values[k] for values in samples.values.values()])
        self.at_once = max(1, opening.memory // (COPIES * max(whole, 1)))
        kinds = asking(_rows(samples, [], {})).kinds
        self.modalities = [m for m in kinds if samples.present[m][k]]
        self.pieces: dict[str, Pieces] = {}
        for m in self.modalities:
            cut = load_kind(kinds[m]).pieces
            if m in opening.modalities and cut is not None:
                self.pieces[m] = cut(samples.values[m][k])
        self.players = [
            (m, i, what)
            for m in self.modalities
            for i, what in enumerate(self.pieces[m].names if m in self.pieces else ("all",))
        ]

    @property
    def sides(self) -> list[Sides]:
        """How many pieces lie along each axis of each modality; one where it stays closed."""
        return [self.pieces[m].sides if m in self.pieces else (1,) for m in self.modalities]

    def worth(self, worth: Callable[..., Any], truth: NDArray[np.generic] | None) -> Value:
        """What some of the pieces are worth, as a function of masks ``(mask, piece)``."""
        whole, _ = self.answers(np.ones((1, len(self.players)), bool))

        def valued(masks: NDArray[np.floating]) -> NDArray[np.float64]:
            answers, there = self.answers(masks > 0)
            n = len(masks)
            reference = Reference(
                truth=None if truth is None else np.repeat(truth, n),
                whole=np.repeat(whole, n, axis=0),
                there=there,
            )
            return worth(answers, reference)

        return valued

    def answers(self, masks: NDArray[np.bool_]) -> tuple[NDArray[np.floating], Any]:
        """Answers for each mask ``(mask, player)``, and which modalities have anything left."""
        starts = range(0, len(masks), self.at_once)
        parts = [self._answers(masks[start : start + self.at_once]) for start in starts]
        if len(parts) == 1:
            return parts[0]
        answers, there = zip(*parts, strict=True)
        return np.concatenate(answers), np.concatenate(there)

    def _answers(self, masks: NDArray[np.bool_]) -> tuple[NDArray[np.floating], Any]:
        values: dict[str, list[Any]] = {m: [] for m in self.samples.values}
        for mask in masks:
            for m in self.samples.values:
                mine = np.array([mask[p] for p, (of, _, _) in enumerate(self.players) if of == m])
                value = self.samples.values[m][self.k]
                if not mine.any():
                    values[m].append(None)
                else:
                    values[m].append(self.pieces[m].without(mine) if m in self.pieces else value)
        asking = self.asking(_rows(self.samples, [self.k] * len(masks), values))
        shares = asking.answers(asking.present)
        return np.mean(shares, axis=0, dtype=np.float64), asking.present


def _rows(samples: Samples, rows: Sequence[int], values: dict[str, list[Any]]) -> Samples:
    """Copies of one sample with other values."""
    columns = {m: values.get(m, []) for m in samples.values}
    return Samples(
        ids=[f"{samples.ids[r]}/{i}" for i, r in enumerate(rows)],
        labels=None,
        groups=None,
        slices={},
        values=columns,
        present={m: np.array([v is not None for v in c], bool) for m, c in columns.items()},
        skipped=(),
    )


def detail_numbers(
    table: pa.Table, modalities: Sequence[str], seed: int, replicates: int
) -> Iterator[Number]:
    """Mean share of |φ|, and mean sum of φ, of the pieces of each modality."""
    rows = table.to_pylist()
    ids = list(dict.fromkeys(row["id"] for row in rows))
    where = {id_: k for k, id_ in enumerate(ids)}
    column = {m: k for k, m in enumerate(modalities)}
    total, size = np.zeros((len(ids), len(modalities))), np.zeros((len(ids), len(modalities)))
    for row in rows:
        at = where[row["id"]], column[row["modality"]]
        total[at] += row["phi"]
        size[at] += abs(row["phi"])
    moved = size.sum(axis=1) > 0
    keys = unit_keys(seed, ids)
    for m, k in column.items():
        mean = replicated_mean(total[:, k], keys, replicates, ANY)
        yield Number(m, "detail_phi", mean)
        if moved.any():
            share = size[moved, k] / size[moved].sum(axis=1)
            yield Number(m, "detail_share", replicated_mean(share, keys[moved], replicates, SHARE))
