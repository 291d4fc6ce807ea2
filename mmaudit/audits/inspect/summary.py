"""The summary of an inspection: rows that a gate can check, a headline, and what to beware of."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools
from mmaudit.audits.inspect.cells import Cells, exact, row
from mmaudit.audits.inspect.comparisons import (
    alignments,
    contradictions,
    leaks,
    pattern_shifts,
    shifts,
    slices,
)
from mmaudit.audits.inspect.contents import splits_of
from mmaudit.audits.inspect.duplicates import Copies, across
from mmaudit.audits.inspect.findings import Findings
from mmaudit.audits.inspect.issues import Issue
from mmaudit.audits.inspect.learning import redundancies
from mmaudit.audits.inspect.learning.labels import among_all
from mmaudit.audits.inspect.learning.overlap import overlaps
from mmaudit.audits.inspect.partitions import SamplePart
from mmaudit.audits.inspect.quality import Judged
from mmaudit.audits.inspect.unit import UNREADABLE
from mmaudit.formats import many, number
from mmaudit.measures.data.absence import FEWEST, FEWEST_OF_EACH, LEVEL, Mechanism
from mmaudit.measures.data.little import LittleTest
from mmaudit.names import part, subset
from mmaudit.samples.decode import TARGET

BINS = 32
LEAST_P = 1e-4  # below which a p-value is said to be so


def rows(findings: Findings, problems: Sequence[Issue]) -> Iterator[Cells]:
    """All rows, as keyword arguments of ``Row``."""
    yield from _of_samples(findings, problems)
    yield from _of_absence(findings)
    yield from _of_labels(findings)
    for judged in findings.judged:
        yield from _of_check(judged, findings.parts)
    for copies in (findings.whole, *(findings.copies if len(findings.copies) > 1 else ())):
        yield from _of_copies(copies, findings)
    yield from shifts.rows(findings.shifts)
    yield from pattern_shifts.rows(findings.pattern_shifts)
    yield from slices.rows(findings.gatherings)
    yield from leaks.rows(findings.leaks, len(findings.contents.ids))
    yield from alignments.rows(findings.alignments)
    yield from redundancies.rows(findings.redundancies)
    splits = splits_of(findings.contents)
    if splits is not None and findings.contents.groups is not None:
        count = int(across(findings.contents.groups, splits).sum())
        yield from row("groups_across_splits", exact(count, len(findings.contents.ids)))


def _of_samples(findings: Findings, problems: Sequence[Issue]) -> Iterator[Cells]:
    contents = findings.contents
    n = len(contents.ids)
    yield from row("samples", exact(n, n))
    yield from row("issues", exact(len({i.position for i in problems if not i.usual}), n))
    if contents.labels is not None:
        names, codes = contents.coded("label")
        for code, name in enumerate(names.tolist()):
            if name:
                rate = contents.share(codes == code)
                yield from row("class_rate", rate, slice=part("class", name))


def _of_absence(findings: Findings) -> Iterator[Cells]:
    contents, parts = findings.contents, findings.parts
    for modality in contents.dataset.modalities:
        present = contents.present(modality)
        lost = contents.states[modality] == UNREADABLE
        yield from _of_parts("present_rate", parts, present, modality=modality)
        yield from _of_parts("unreadable_rate", parts, lost, modality=modality)
        mechanism = findings.mechanisms.get(modality)
        if mechanism is not None:
            yield from row("absence_auroc", mechanism.by_data, modality=modality)
    if findings.little is not None:
        yield from row("little_p", exact(findings.little.p_value, findings.little.n))
    whole = contents.dataset.modalities
    for pattern in findings.patterns:
        if pattern.modalities == whole:
            yield from _of_parts("complete_rate", parts, pattern.those)
        name = part("present", subset(pattern.modalities).partition(":")[2])
        yield from row("pattern_rate", contents.share(pattern.those), slice=name)


def _of_parts(
    metric: str, parts: Sequence[SamplePart], those: Bools, among: Bools | None = None, **keys: str
) -> Iterator[Cells]:
    """A share of all samples, and of each part of them that has any."""
    for each in parts:
        yield from row(metric, each.share(those, among), slice=each.name, **keys)


def _of_labels(findings: Findings) -> Iterator[Cells]:
    if findings.labels is None:
        return
    errors = findings.labels.errors
    yield from row("label_error_rate", errors.rate, modality=TARGET)
    n, every = len(findings.labels.labels), len(findings.contents.ids)
    doubtful = among_all(findings.labels, errors.likely >= 0, every)
    judged = among_all(findings.labels, np.ones(n, np.bool_), every)
    yield from _of_parts("doubtful_rate", findings.parts, doubtful, judged, modality=TARGET)
    for modality, accuracy in findings.labels.accuracies.items():
        yield from row("probe_accuracy", exact(accuracy, n), modality=modality)
    yield from row("probe_accuracy", exact(errors.accuracy, n))
    yield from contradictions.rows(findings.labels, findings.parts, every)
    for name, share in overlaps(findings.labels, findings.contents):
        yield from row("overlap_rate", share, modality=TARGET, slice=part("class", name))


def _of_check(judged: Judged, parts: Sequence[SamplePart]) -> Iterator[Cells]:
    keys = {"modality": judged.what.modality, "check": judged.what.name}
    measured = judged.measured
    if not measured.any():
        return
    numbers = judged.numbers[measured]
    yield from row("median", exact(float(np.median(numbers)), int(measured.sum())), **keys)
    if judged.what.check.limit is not None:
        yield from _of_parts("limit_rate", parts, judged.limit, measured, **keys)
    yield from _of_parts("flagged_rate", parts, judged.flagged, measured, **keys)


def _of_copies(copies: Copies, findings: Findings) -> Iterator[Cells]:
    there, parts, splits = copies.exact >= 0, findings.parts, splits_of(findings.contents)
    keys = {"modality": copies.modality}
    yield from _of_parts("duplicate_rate", parts, copies.redundant(near=False), there, **keys)
    if copies.searched:
        redundant = copies.redundant(near=True)
        yield from _of_parts("near_duplicate_rate", parts, redundant, there, **keys)
    if splits is not None and not copies.listed:
        count = int(copies.across(splits).sum())
        yield from row("across_splits", exact(count, len(there)), **keys)


def headline(findings: Findings, problems: Sequence[Issue]) -> str:
    """What is wrong, in one sentence."""
    n = len(findings.contents.ids)
    hit = {i.position for i in problems if not i.usual}
    tells = leaks.headline(findings.leaks)
    tells = f" {tells}" if tells else ""
    if not hit:
        return f"Of {many(n, 'sample')} none has a finding{' of its own' * bool(tells)}.{tells}"
    counts = Counter(i.check.rpartition("/")[2].replace("_", " ") for i in problems if not i.usual)
    kinds = ", ".join(f"{name} {count:,}" for name, count in counts.most_common(4))
    more = len(counts) - 4
    rest = f", and {many(more, 'other')}" if more > 0 else ""
    return f"{len(hit):,} of {many(n, 'sample')} have findings: {kinds}{rest}.{tells}"


def notes(findings: Findings, problems: Sequence[Issue]) -> tuple[str, ...]:
    """What absence depends on, what leaks, which splits differ, and what is how the data is."""
    del problems
    return (
        *_on_absence(findings),
        *_on_labels(findings),
        *contradictions.notes(findings.labels),
        *_on_copies(findings),
        *shifts.notes(findings.shifts),
        *pattern_shifts.notes(findings.pattern_shifts),
        *slices.notes(findings.gatherings),
        *leaks.notes(findings.leaks),
        *alignments.notes(findings.alignments, findings.features),
        *redundancies.notes(findings.redundancies, findings.features),
        *_on_checks(findings),
    )


SAYS: Mapping[Mechanism, str] = {
    "consistent with completely at random": "no sign that it is not completely at random; what "
    "depends on the absent value itself cannot be seen",
    "depends on observed data": "it depends on what is present",
    "depends on the label": "it depends on the label, so that absence alone tells it: a leak",
    "depends on the label and on observed data": "it depends on the label, so that absence alone "
    "tells some of it, and on what is present",
    "not at random, of unknown source": "it is not completely at random; what it depends on cannot "
    "be told",
    "cannot be told": f"whether at random cannot be told of fewer than {FEWEST} samples, or fewer "
    f"than {FEWEST_OF_EACH} with or without it",
}


def _on_absence(findings: Findings) -> Iterator[str]:
    for modality, absence in findings.mechanisms.items():
        share = 1 - float(findings.contents.present(modality).mean())
        yield f"{modality} is absent in {share:.1%} of the samples: {SAYS[absence.mechanism]}."
    if findings.little is not None:
        yield _by_means(findings.little)


def _by_means(test: LittleTest) -> str:
    p = f"p = {number(test.p_value)}" if test.p_value >= LEAST_P else f"p below {LEAST_P}"
    numbers = f"{number(test.statistic)} of {test.degrees} degrees of freedom, {p}"
    how = "differ" if test.p_value <= LEVEL else "show no sign of differing"
    return (
        f"by Little's test the means {how} between {test.patterns} patterns of what is absent "
        f"({numbers})."
    )


def _on_labels(findings: Findings) -> Iterator[str]:
    if findings.labels is None:
        return
    errors = findings.labels.errors
    right = f"small models of {findings.features} are right in {errors.accuracy:.1%}"
    if errors.counted:
        yield f"{right}, and speak against {errors.rate} of the labels."
    else:
        yield (
            f"{right}, so that how many labels are wrong cannot be told: what they speak against, "
            f"{errors.rate} of the labels, has samples of like classes too."
        )


def _on_copies(findings: Findings) -> Iterator[str]:
    splits = splits_of(findings.contents)
    for copies in findings.copies:
        if copies.listed:
            yield (
                f"{copies.modality} has {many(copies.different, 'value')} in "
                f"{many(len(copies.near), 'sample')}: they are words of a list, and no copies."
            )
            continue
        count = 0 if splits is None else int(copies.across(splits).sum())
        if count:
            yield (
                f"{many(count, 'value')} of {copies.modality} stand in more than one split: what "
                "is measured on one of them is known from the other."
            )


def _on_checks(findings: Findings) -> Iterator[str]:
    for judged in findings.judged:
        if judged.usual:
            share = judged.flagged.sum() / max(1, judged.measured.sum())
            yield (
                f"{judged.what.name} calls {share:.0%} of {judged.what.modality} bad, so it is "
                "how this data is: none of them is listed as flagged."
            )


def histograms(findings: Findings) -> pa.Table:
    """How the numbers of each check spread: a row a bin, with the limits that are good."""
    rows = []
    for judged in findings.judged:
        numbers = judged.numbers
        numbers = numbers[np.isfinite(numbers)]
        if numbers.size:
            counts, edges = np.histogram(numbers, BINS)
            least, most = judged.what.check.limits(numbers)
            for count, low, high in zip(counts.tolist(), edges, edges[1:], strict=False):
                rows.append(
                    {
                        "modality": judged.what.modality,
                        "check": judged.what.name,
                        "low": float(low),
                        "high": float(high),
                        "count": count,
                        "least": least,
                        "most": most,
                    }
                )
    fields = [("modality", pa.string()), ("check", pa.string()), ("low", pa.float64())]
    fields += [("high", pa.float64()), ("count", pa.int64())]
    fields += [("least", pa.float64()), ("most", pa.float64())]
    return pa.Table.from_pylist(rows, pa.schema(fields))
