"""Noisy pairs: which pairs do not belong together, how many there are, and how sure that is.

Shuffled pairs are known mismatches, whatever the data is like. Observed pairs are compared with
them, so that a clean dataset may give an honest zero.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.base import Job, Outcome, Read
from mmaudit.audits.noisy_pairs import sides, summary, tables
from mmaudit.audits.noisy_pairs.analysis import Analysis, analyse
from mmaudit.audits.noisy_pairs.base import SideEncoder
from mmaudit.audits.noisy_pairs.cache import cached
from mmaudit.audits.noisy_pairs.encoders import opened
from mmaudit.audits.noisy_pairs.gallery import gallery
from mmaudit.audits.noisy_pairs.judging import SELF
from mmaudit.audits.noisy_pairs.metrics import meanings
from mmaudit.audits.noisy_pairs.options import NEEDS_MODEL, Options
from mmaudit.audits.noisy_pairs.plain import PlainFeatures, VectorColumns
from mmaudit.errors import UsageError
from mmaudit.files import digest
from mmaudit.inference.inputs import Inputs
from mmaudit.kinds import vector
from mmaudit.measures.pairs import neighbours
from mmaudit.models.access import Access
from mmaudit.models.plain_features import check_kind
from mmaudit.rows import Estimate, column
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped
from mmaudit.samples.skipped import with_skipped

AT_ONCE = 8192  # vectors of the dataset, of which nothing is made

__all__ = ["NEEDS_MODEL", "Options", "Row", "prepare", "summarise"]


@dataclass(frozen=True, slots=True)
class Row:
    """One number about the pairs."""

    slice: str = column("part of the pairs, as NAME=VALUE; all for everything")
    metric: str = column("what was measured")
    estimate: Estimate = column("the number with its 95 % interval")


@dataclass(frozen=True, slots=True)
class PairRows:
    """The finished answers, handed out by position of the selection."""

    table: pa.Table
    positions: NDArray[np.int64]
    skipped: dict[str, tuple[Skipped, ...]]
    dataset: Dataset
    processes: bool = False

    def __call__(self, rows: range) -> pa.Table:
        """The answers about these samples, and which of them were skipped."""
        first, last = np.searchsorted(self.positions, [rows.start, rows.stop])
        bad: list[Skipped] = []
        if self.skipped:
            ids = self.dataset.column("id").slice(rows.start, len(rows)).to_pylist()
            bad = [reason for i in ids for reason in self.skipped.get(i, ())]
        return with_skipped(self.table.slice(first, last - first), bad)

    def row_group(self, table: pa.Table) -> int:
        """All rows."""
        return max(1, table.num_rows)


def prepare(options: Options, inputs: Inputs) -> Job:
    """Embed both sides and study all pairs."""
    analysis = _analysis(options, inputs)
    vectors = analysis.vectors
    skipped: dict[str, tuple[Skipped, ...]] = {}
    for bad in vectors.skipped:
        skipped[bad.id] = (*skipped.get(bad.id, ()), bad)
    space = "one space" if analysis.study.shared else "two spaces"
    curves = {"curves_digest": digest(options.curves)} if options.curves else {}
    by = {"neighbours_by": "faiss" if neighbours.installed() else "blocks"}
    return Job(
        work=PairRows(tables.samples(analysis), vectors.positions, skipped, inputs.dataset),
        says=(f"{len(vectors.positions)} pairs of {' and '.join(vectors.names)}, in {space}",),
        options={
            "sides": list(vectors.names),
            "shared": analysis.study.shared,
            **by,
            **vectors.origin,
            **curves,
        },
    )


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Turn the study into rates with intervals, a verdict, and lists."""
    del read  # the study holds all that the samples' tables say
    analysis = _analysis(options, inputs)
    _analysis.cache_clear()  # embeddings are large
    shown = gallery(inputs.dataset, analysis)
    rows = [Row(**row) for row in summary.rows(analysis)]
    return Outcome(
        rows=rows,
        headline=summary.headline(analysis),
        notes=summary.notes(analysis),
        metrics=meanings(row.metric for row in rows),
        tables=tables.tables(analysis) | ({"gallery": shown} if shown.num_rows else {}),
        files=tables.files(analysis),
    )


@lru_cache(maxsize=1)
def _analysis(options: Options, inputs: Inputs) -> Analysis:
    """The study of one set of inputs, made once for both halves of the audit."""
    _check(options, inputs.access)
    return analyse(options, inputs.dataset, _sides(options, inputs.dataset, inputs.access))


def _check(options: Options, access: Access) -> None:
    shares: dict[str, Any] = {
        "fdr": options.fdr,
        "flag-at": options.flag_at,
        "accept": options.accept,
        "fraction": options.fraction,
        "plant": options.plant,
    }
    for name, value in shares.items():
        if value is not None and not 0 < value < 1:
            raise UsageError(f"--{name} {value} is not a share", fix=f"--{name} 0.05")
    if options.threshold is not None and options.fraction is not None:
        raise UsageError("--threshold and --fraction both flag pairs", fix="one of the two")
    if options.curves and (options.method != "combined" or options.plant):
        raise UsageError(
            "--curves joins the combined method, and their pairs are planted before training",
            fix="leave --method and --plant out",
        )
    if access.sha256 and options.encoder in {None, SELF}:
        raise UsageError("there is no model file to pin", fix="no --sha256, or an --encoder")
    if options.encoder and options.embeddings:
        raise UsageError("--encoder and --embeddings both embed", fix="one of the two")


def _sides(options: Options, dataset: Dataset, access: Access) -> sides.PairVectors:
    if options.embeddings:
        return sides.from_files(dataset, options.embeddings)

    def embed(
        encoder: SideEncoder, names: tuple[str, str], batch: int = options.batch_size
    ) -> sides.PairVectors:
        return sides.embedded(
            dataset,
            names,
            encoder,
            batch=batch,
            workers=options.workers or 1,
            memory=options.memory,
        )

    if options.encoder == SELF:
        names = _two(options.modalities or dataset.modalities[:2], dataset)
        kinds = {name: dataset.kinds[name] for name in names}
        for kind in kinds.values():
            check_kind(kind)
        return embed(PlainFeatures(kinds), names)
    if options.encoder:
        encoder = opened(options.encoder, access)
        names = _two(options.modalities or encoder.modalities, dataset)
        encoder.check(names)
        return cached(options.cache, dataset, encoder, names, lambda: embed(encoder, names))
    vectors = tuple(m for m, kind in dataset.kinds.items() if kind == vector.NAME)
    names = _two(options.modalities or vectors[:2], dataset)
    others = [name for name in names if name not in vectors]
    if others:
        raise UsageError(f"{others[0]!r} is not a vector and needs an encoder", fix=sides.FIX)
    return embed(VectorColumns(), names, AT_ONCE)


def _two(names: tuple[str, ...], dataset: Dataset) -> tuple[str, str]:
    unknown = [name for name in names if name not in dataset.kinds]
    if unknown:
        raise UsageError(
            f"the dataset has no modality {unknown[0]!r}", fix=f"one of {', '.join(dataset.kinds)}"
        )
    if len(set(names)) != 2 or len(names) != 2:
        raise UsageError(
            f"a pair has two modalities, not {' and '.join(names) or 'none'}", fix=sides.FIX
        )
    return names[0], names[1]
