"""Features of samples: of each modality as it is, and as it is under each damage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, Reals, Vectors
from mmaudit.audits.remedies.damage import Damager, damage_of
from mmaudit.audits.remedies.sources import FeatureSources
from mmaudit.errors import InputError
from mmaudit.inference.beside import files
from mmaudit.inference.beside.towers import vectors
from mmaudit.injection.steps import Step
from mmaudit.models.plain_features import features as plain
from mmaudit.samples import memory
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, Skipped, decode, decoded_positions, stack

BATCH = 256  # samples that are decoded at a time


@dataclass(frozen=True, slots=True, eq=False)
class FeatureView:
    """One modality of all samples.

    Attributes:
        values: Features, ``(n, d)``, 0 where absent.
        present: Which are there, ``(n,)``.
    """

    values: Vectors
    present: Bools


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FeatureRows:
    """Samples as methods see them.

    Attributes:
        ids: Ids of the ``n`` samples.
        labels: Class index or number of each, ``(n,)``.
        groups: Number of the group of each, ``(n,)``; None without groups.
        clean: Each modality as it is.
        damaged: Under each damage, by its spec, the modality that it is done to.
        skipped: Samples that could not be used.
        slices: Value of each slice of each, ``(n,)``, by the slice's name.
    """

    ids: list[str]
    labels: Ints | Floats
    groups: Ints | None
    clean: Mapping[str, FeatureView]
    damaged: Mapping[str, FeatureView]
    skipped: tuple[Skipped, ...]
    slices: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureMaker:
    """How features are computed.

    Attributes:
        whole: The dataset before any selection.
        kinds: Kind of each modality.
        sources: Where the features of each modality come from.
        seed: The run's seed.
        memory: Bytes that decoded samples may take.
        batch: Samples of a forward pass of an encoder.
    """

    whole: Dataset
    kinds: Mapping[str, str]
    sources: FeatureSources
    seed: int
    memory: int
    batch: int = BATCH

    def rows(self, dataset: Dataset, steps: Sequence[Step]) -> FeatureRows:
        """Read all samples of a selection, and make features of them, clean and damaged.

        Raises:
            InputError: No sample can be used, or the values of a modality have several shapes.
        """
        damager, spans = damage_of(steps, dataset, self.whole, self.seed), list[_Span]()
        arrays = {m: files.embeddings(dataset, *place) for m, place in self.sources.places.items()}
        every = np.arange(len(dataset))
        beside = max((step.beside for step in steps), default=0)
        for at in memory.spans(dataset, every, self.memory, batch=BATCH, beside=beside):
            for start in range(0, len(at), BATCH):
                spans.append(self._span(dataset, at[start : start + BATCH], steps, damager, arrays))
        return _joined(spans, tuple(self.kinds), [step.spec for step in steps])

    def _span(
        self,
        dataset: Dataset,
        at: Ints,
        steps: Sequence[Step],
        damager: Damager,
        arrays: Mapping[str, Reals],
    ) -> "_Span":
        samples = decode(dataset, dataset.read(at))
        rows = decoded_positions(dataset, at, samples)
        clean = {
            m: _from_file(arrays[m][rows], samples.present[m])
            if m in arrays
            else self._features(m, samples.values[m], samples.present[m], samples.ids)
            for m in self.kinds
        }
        damaged = {}
        for step in steps:
            values, there = damager.worse(step, samples, rows)
            damaged[step.spec] = self._features(step.modality, values, there, samples.ids)
        return _Span(samples, clean, damaged)

    def _features(
        self, modality: str, values: Sequence[Any], there: Bools, ids: Sequence[str]
    ) -> FeatureView:
        """Features of one modality, 0 where it is absent."""
        at = np.flatnonzero(there).tolist()
        if not at:
            return FeatureView(np.zeros((len(there), 0), np.float32), there)
        present = [values[i] for i in at]
        if modality in self.sources.encoders:
            computed = self._encoded(modality, present, [ids[i] for i in at])
        else:
            computed = self._plain(modality, present)
        wide = np.zeros((len(there), computed.shape[1]), np.float32)
        wide[there] = np.nan_to_num(computed)
        return FeatureView(wide, there)

    def _plain(self, modality: str, values: Sequence[Any]) -> Vectors:
        try:
            return plain(self.kinds[modality], values).reshape(len(values), -1)
        except ValueError as error:
            raise InputError(
                f"the values of {modality!r} have several shapes, and features need one",
                fix=f"--features {modality}=FILE.npy",
            ) from error

    def _encoded(self, modality: str, values: Sequence[Any], ids: Sequence[str]) -> Vectors:
        encoder, kind = self.sources.encoders[modality], self.kinds[modality]
        cuts = [slice(i, i + self.batch) for i in range(0, len(values), self.batch)]
        return np.concatenate(
            [
                vectors(encoder.loaded, encoder.input, stack(list(values[cut]), kind), ids[cut])
                for cut in cuts
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """Samples that were decoded together, and their features."""

    samples: Samples
    clean: Mapping[str, FeatureView]
    damaged: Mapping[str, FeatureView]


def _from_file(rows: Reals, present: Bools) -> FeatureView:
    """Features that a file has; a row of nothing but NaN is absent."""
    there = present & ~np.isnan(rows).all(axis=1)
    return FeatureView(np.where(there[:, None], rows, 0).astype(np.float32), there)


def _joined(
    spans: Sequence[_Span], modalities: Sequence[str], damages: Sequence[str]
) -> FeatureRows:
    """All samples, in their order."""
    samples = [span.samples for span in spans]
    ids = [name for s in samples for name in s.ids]
    labels = [s.labels for s in samples if s.labels is not None and len(s)]
    if not ids or not labels:
        raise InputError("no sample can be used", fix="look at the reasons: mmaudit inspect")
    groups = [s.groups for s in samples if s.groups is not None]
    numbered = np.unique(np.concatenate(groups), return_inverse=True)[1] if groups else None
    return FeatureRows(
        ids=ids,
        labels=np.concatenate(labels),
        groups=None if numbered is None else numbered.reshape(-1).astype(np.int64),
        clean={m: _whole([span.clean[m] for span in spans], m) for m in modalities},
        damaged={d: _whole([span.damaged[d] for span in spans], d) for d in damages},
        skipped=tuple(bad for s in samples for bad in s.skipped),
        slices={
            name: [value for s in samples for value in s.slices[name].tolist()]
            for name in samples[0].slices
        },
    )


def _whole(views: Sequence[FeatureView], name: str) -> FeatureView:
    """One modality of all samples; a span in which it is absent everywhere has no width."""
    widths = {view.values.shape[1] for view in views} - {0}
    if len(widths) > 1:
        raise InputError(
            f"the values of {name!r} have {len(widths)} shapes, and features need one",
            fix="--features MODALITY=FILE.npy",
        )
    width = widths.pop() if widths else 1
    return FeatureView(
        np.concatenate(
            [
                v.values if v.values.shape[1] else np.zeros((len(v.present), width), np.float32)
                for v in views
            ]
        ),
        np.concatenate([v.present for v in views]),
    )
