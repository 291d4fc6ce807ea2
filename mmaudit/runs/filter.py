"""What can be done with what an audit flagged: the dataset without those samples."""

from pathlib import Path

import pyarrow as pa
from pyarrow import compute

from mmaudit import files, locks
from mmaudit.audits.declaration import Common
from mmaudit.engines import local
from mmaudit.engines.base import Marked, cut
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.injection.unit import CorruptionWork
from mmaudit.injection.write import formats, manifest
from mmaudit.injection.write.layout import layout
from mmaudit.progress import progress
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.run import finished

PAIRS, FINDINGS = "noisy_pairs", "inspect"  # the audits that flag samples
LESS = {PAIRS: "a higher --flag-at", FINDINGS: "--drop with fewer checks"}


def filtered(
    run: str | Path,
    dataset: str | Path | Dataset,
    out: str | Path,
    *,
    audit: str = PAIRS,
    workers: int = 1,
    quiet: bool = False,
) -> Path:
    """Write a dataset without the samples that a run flagged, in its own format where it has one.

    Args:
        run: The run directory.
        dataset: The dataset that was audited. Samples that the run did not look at are kept.
        out: Folder to write; new or empty.
        audit: The audit that flagged them, ``noisy_pairs`` or ``inspect``.
        workers: Units at a time.
        quiet: Whether to say nothing on stderr.

    Returns:
        The manifest of the new dataset.

    Raises:
        UsageError: The folder is not empty, or nothing is left.
        IncompleteError: Nothing could be told of the pairs, so that none is flagged.
    """
    out = Path(out)
    with locks.alone(out, _command(audit)):
        free(out)
        drop = flagged(Path(run), audit)
        whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
        gone = compute.is_in(whole.column("id"), value_set=drop)
        rows = whole.rows[~gone.to_numpy(zero_copy_only=False)]
        if not len(rows):
            raise UsageError("every sample is flagged, so nothing is left", fix=LESS[audit])
        remaining = Dataset(whole.manifest, rows)
        units = cut(len(remaining))
        columns = layout(remaining, "same", ())
        form = formats.form(columns, out, units)
        work = CorruptionWork(
            dataset=remaining,
            layout=columns,
            assignments=(),
            surroundings={},
            seed=0,
            scale_with_size=False,
            side=None,
            memory=budget(None, workers),
            provenance=Provenance(audit=audit),
        )
        written = formats.Written(Marked(work, work.provenance.metadata()), form)
        with progress("filtered", quiet=quiet) as report:
            local.run(written, units, form.parts, workers=workers, report=report)
        declared = manifest.copied(columns, form, form.finish())
        if (out / manifest.PARTS).exists():
            manifest.clean(out / manifest.PARTS)
        files.write_text(out / manifest.MANIFEST, declared.to_toml())
        return out / manifest.MANIFEST


def flagged(run: Path, audit: str = PAIRS) -> pa.Array:
    """The ids that an audit of a run flagged.

    Raises:
        InputError: There is no such run, or a table of it is damaged.
        IncompleteError: It has not finished, or could not tell.
    """
    with locks.reading(run, _command(audit)):
        finished(run, [audit])
        require_answer(run, audit)
        ids = store.read(run / audit / "drop.parquet", ["id"])["id"]
        return ids.combine_chunks()


def require_answer(run: Path, audit: str) -> None:
    """Refuse to filter by a run that could not tell which pairs are mismatched.

    Raises:
        IncompleteError: Its verdict is "not identifiable" and it flagged nothing.
    """
    place = run / audit / "verdict.parquet"
    if not place.exists() or len(store.read(run / audit / "drop.parquet", ["id"])):
        return
    said = store.read(place).to_pylist()[0]
    if said["verdict"] == "not identifiable":
        raise IncompleteError(
            "nothing can be told of these pairs, so none is left out",
            where=f"{place}: {said['why']}",
            fix="an encoder that was trained elsewhere, or --force to go by the estimated rate",
        )


def act(dataset: str, out: Path, options: Common, run: Path) -> str:
    """Do what ``noisy-pairs --filtered`` asks for, and say where the dataset is."""
    return f"filtered: {filtered(run, dataset, out, workers=options.workers or 1)}"


def act_on_findings(dataset: str, out: Path, options: Common, run: Path) -> str:
    """Do what ``inspect --filtered`` asks for, and say where the dataset is."""
    return f"filtered: {filtered(run, dataset, out, audit=FINDINGS, workers=options.workers or 1)}"


def _command(audit: str) -> str:
    return f"{audit.replace('_', '-')} --filtered"


def free(out: Path, run: Path | None = None) -> None:
    """Refuse a folder that holds something, or will hold the run itself.

    Raises:
        UsageError: It does.
    """
    if run is not None and out.resolve() == run.resolve():
        raise UsageError(
            "--out and --filtered are one folder", where=str(out), fix="another --filtered"
        )
    files.require_empty(out, fix="another --filtered")
