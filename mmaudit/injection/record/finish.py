"""Finish: what a copy has when all of its samples are made: tables, manifest and card."""

import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa

from mmaudit import files, locks
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import Preparation, summary
from mmaudit.injection.record import card, index
from mmaudit.injection.record.ledger import count_done
from mmaudit.injection.unit import BEYOND, HASHES, LEDGER, SKIPPED
from mmaudit.injection.write import manifest
from mmaudit.injection.write.form import Form
from mmaudit.injection.write.manifest import PARTS
from mmaudit.samples.account import account
from mmaudit.samples.dataset import Dataset
from mmaudit.tables import store
from mmaudit.version import VERSION

PLANS, SEVERITIES = "plans", "severities.json"


def finish(
    out: Path,
    whole: Dataset,
    prepared: Preparation,
    options: CorruptOptions,
    form: Form,
    workers: int,
) -> None:
    """Write tables, manifest and card in their last form."""
    work, side = prepared.work, out / PARTS
    content = card.Content()
    for table in store.stream(side / HASHES):
        content.add(table)
    for name in (LEDGER, HASHES, SKIPPED):
        store.join(side / name, out / f"{name}.parquet")
    for i, assignment in enumerate(work.assignments):
        if assignment.plan is not None:
            step = assignment.step
            path = out / PLANS / f"{i}-{step.name.replace('/', '-')}.parquet"
            index.write(
                path, work.dataset, assignment.plan, step.makes, step.modalities, work.provenance
            )
    if prepared.calibrations:
        levels = {key: asdict(each) for key, each in prepared.calibrations.items()}
        files.write_json(out / SEVERITIES, levels, ordered=True)
    finished = form.finish()
    corrupted = manifest.copied(work.layout, form, finished)
    files.write_text(out / manifest.MANIFEST, corrupted.to_toml())
    entries = {
        "schema": card.SCHEMA,
        "mmaudit": VERSION,
        "options": card.options_from(options, out),
        "steps": summary(prepared, count_done(store.stream(side / LEDGER))),
        "dataset": {
            "name": whole.manifest.name,
            "samples": len(work.dataset),
            "digests": work.provenance.digests,
            "manifest": card.manifest_from(whole, out),
        },
        "opened": list(account(work.dataset)),
        "beyond": card.beyond(store.stream(side / BEYOND)),
        "versions": {"pyarrow": pa.__version__, "numpy": np.__version__},
        "renamed": finished.renamed,
        "endings": finished.endings,
        "skipped": store.opened(out / f"{SKIPPED}.parquet").metadata.num_rows,
        "encoder": None if work.encoder is None else {work.encoder.spec: work.encoder.digest},
        "content": content.hexdigest(),
        "files": card.file_hashes(out, _written(out), finished.hashes, workers),
    }
    files.write_json(out / card.CARD, entries, ordered=True)


def _written(out: Path) -> list[str]:
    """The files of a finished run but for its card, relative to its folder."""
    paths = []
    for folder, inner, names in os.walk(out):
        if PARTS in inner:
            inner.remove(PARTS)
        where = Path(folder).relative_to(out).as_posix()
        listed = [name for name in names if name not in {card.CARD, locks.LOCK}]
        paths += listed if where == "." else [f"{where}/{name}" for name in listed]
    return paths
