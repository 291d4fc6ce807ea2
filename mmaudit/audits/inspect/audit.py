"""Inspect: what is in a dataset, and what is wrong with it, before any model.

Every value is decoded once and measured. What is absent, unreadable, bad by a check, or there twice
is counted, and listed sample by sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa

from mmaudit.audits.base import Job, Outcome, Read
from mmaudit.audits.inspect import inventory, issues, partitions, summary
from mmaudit.audits.inspect.comparisons import alignments, leaks, pattern_shifts, shifts, slices
from mmaudit.audits.inspect.comparisons.finding_kinds import finding_kinds
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.digests import VERSION
from mmaudit.audits.inspect.duplicates import copies, whole
from mmaudit.audits.inspect.findings import Findings
from mmaudit.audits.inspect.gallery import gallery
from mmaudit.audits.inspect.learning import absences, overlap, redundancies
from mmaudit.audits.inspect.learning.embedded import embeddings, places
from mmaudit.audits.inspect.learning.features import FeatureReader
from mmaudit.audits.inspect.learning.labels import labels
from mmaudit.audits.inspect.metrics import METRICS
from mmaudit.audits.inspect.modality_checks import checks_of, fingerprints, learnt
from mmaudit.audits.inspect.options import NEEDS_MODEL, Options
from mmaudit.audits.inspect.quality import judged
from mmaudit.audits.inspect.unit import Inspection
from mmaudit.errors import UsageError
from mmaudit.formats import many
from mmaudit.inference.beside.files import digests
from mmaudit.inference.inputs import Inputs
from mmaudit.kinds.base import load_kind
from mmaudit.options import unknown
from mmaudit.rows import Estimate, column
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget, release

T = TypeVar("T")  # what a step gives

__all__ = ["NEEDS_MODEL", "Options", "Row", "prepare", "summarise"]


@dataclass(frozen=True, slots=True)
class Row:
    """One number of the data."""

    modality: str = column("modality; all for whole samples")
    check: str = column("check of quality; empty where there is none")
    slice: str = column("part of the samples, as NAME=VALUE; all for everything")
    metric: str = column("what was measured")
    estimate: Estimate = column("the number with its 95 % interval")


def prepare(options: Options, inputs: Inputs) -> Job:
    """Choose the checks, and learn what they need of the whole set."""
    dataset = inputs.dataset
    _check(options, dataset.splits)
    files = places(options, dataset)
    embeddings(options, dataset)  # so that a file that is not fit is refused before work starts
    memory = budget(options.memory, options.workers)
    checks, left_out = learnt(checks_of(options, dataset), dataset, options.seed, memory)
    prints = fingerprints(dataset, near=not options.exact, seed=options.seed, memory=memory)
    modalities = many(len(dataset.modalities), "modality", "modalities")
    release()
    return Job(
        work=Inspection(
            dataset=dataset,
            checks=checks,
            prints=prints,
            memory=memory,
            processes=any(load_kind(kind).holds_lock for kind in dataset.kinds.values()),
        ),
        says=(
            f"{many(len(dataset), 'sample')} of {modalities}, {many(len(checks), 'check')}",
            *left_out,
        ),
        versions={c.name: str(c.check.version) for c in checks}
        | {f"fingerprint of {m}": str(p.version) for m, p in prints.items()}
        | {"digests of contents": str(VERSION)},
        options={"checks": [c.column for c in checks], "near": sorted(prints)} | digests(files),
    )


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Count what is there and what is wrong, and list it."""
    findings = _findings(options, inputs.dataset, Contents(inputs.dataset, read, options.seed))
    problems = _after(issues.issues(findings))
    rows = _after([Row(**row) for row in summary.rows(findings, problems)])
    measured = {row.metric for row in rows}
    return Outcome(
        rows=rows,
        headline=summary.headline(findings, problems),
        notes=summary.notes(findings, problems),
        metrics={name: metric for name, metric in METRICS.items() if name in measured},
        tables=_tables(options, findings, problems),
    )


def _findings(options: Options, dataset: Dataset, contents: Contents) -> Findings:
    """All that is to be seen of the values."""
    checks = tuple(c for c in checks_of(options, dataset) if contents.has(c.column))
    memory = budget(options.memory, options.workers)
    near = not options.exact
    prints = fingerprints(dataset, near=near, seed=options.seed, memory=memory)
    fingerprints.cache_clear()  # it holds the dataset
    vectors = embeddings(options, dataset)
    doubles = tuple(
        _after(copies(m, contents, prints.get(m), memory, vectors.get(m) if near else None))
        for m in dataset.modalities
    )
    features = FeatureReader(dataset, memory, vectors)
    opinions = tuple(map(_after, judged(checks, contents, options.fdr, options.reference)))
    together, learned = _after(whole(doubles)), _after(labels(contents, features))
    patterns = _after(absences.patterns(contents))
    return Findings(
        contents=contents,
        parts=partitions.parts(contents),
        judged=opinions,
        copies=doubles,
        whole=together,
        patterns=patterns,
        mechanisms=_after(absences.mechanisms(contents, features)),
        little=_after(absences.by_means(contents, features)),
        labels=learned,
        shifts=_after(shifts.shifts(contents, opinions, options.reference)),
        pattern_shifts=pattern_shifts.pattern_shifts(contents, patterns, options.reference),
        gatherings=_after(
            slices.gatherings(
                contents, [*finding_kinds(contents, opinions, doubles, together, learned)]
            )
        ),
        leaks=_after(leaks.leaks(contents, features)),
        alignments=_after(alignments.alignments(contents, features)),
        redundancies=redundancies.told_of_the_label(contents, learned, features),
        features=features.names,
    )


def _after(what: T) -> T:
    """What a step gave, once the memory that it took beside is given back."""
    release()
    return what


def _tables(
    options: Options, findings: Findings, problems: Sequence[issues.Issue]
) -> Mapping[str, pa.Table]:
    """The tables beside the summary; of what there is nothing of there is none."""
    contents, learned = findings.contents, findings.labels
    always = {
        "drop": issues.dropped(problems, contents, options.drop),
        "issues": issues.table(problems, contents),
        "inventory": inventory.table(contents),
        "histograms": summary.histograms(findings),
    }
    some = {
        "shift": shifts.table(findings.shifts),
        "pattern_shift": pattern_shifts.table(findings.pattern_shifts),
        "alignment": alignments.table(findings.alignments),
        "redundancy": redundancies.table(findings.redundancies),
        "gallery": gallery(findings, problems),
    }
    return (
        always
        | {name: table for name, table in some.items() if table.num_rows}
        | ({"slices": slices.table(findings.gatherings)} if findings.gatherings.compared else {})
        | ({"overlap": overlap.table(learned, contents)} if learned else {})
    )


def _check(options: Options, splits: tuple[str, ...]) -> None:
    if not 0 < options.fdr < 1:
        raise UsageError(f"--fdr {options.fdr} is no rate between 0 and 1", fix="--fdr 0.05")
    if options.reference is not None and options.reference not in splits:
        raise unknown(f"there is no split {options.reference!r}", options.reference, splits)
