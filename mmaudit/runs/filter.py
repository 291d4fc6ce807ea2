"""What can be done with the answer of noisy-pairs: the dataset without the flagged pairs."""

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


def filtered(
    run: str | Path,
    dataset: str | Path | Dataset,
    out: str | Path,
    *,
    workers: int = 1,
    quiet: bool = False,
) -> Path:
    """Write a dataset without the pairs that a run flagged, in its own format where it has one.

    Args:
        run: The run directory of noisy-pairs.
        dataset: The dataset that was audited. Samples that the run did not look at are kept.
        out: Folder to write; new or empty.
        workers: Units at a time.
        quiet: Whether to say nothing on stderr.

    Returns:
        The manifest of the new dataset.

    Raises:
        UsageError: The folder is not empty, or nothing is left.
        IncompleteError: Nothing could be told of the pairs, so that none is flagged.
    """
    out = Path(out)
    with locks.alone(out, "noisy-pairs --filtered"):
        free(out)
        drop = flagged(Path(run))
        whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
        gone = compute.is_in(whole.column("id"), value_set=drop)
        rows = whole.rows[~gone.to_numpy(zero_copy_only=False)]
        if not len(rows):
            raise UsageError("every pair is flagged, so nothing is left", fix="a higher --flag-at")
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
            provenance=Provenance(audit="noisy_pairs"),
        )
        written = formats.Written(Marked(work, work.provenance.metadata()), form)
        with progress("filtered", quiet=quiet) as report:
            local.run(written, units, form.parts, workers=workers, report=report)
        declared = manifest.copied(columns, form, form.finish())
        if (out / manifest.PARTS).exists():
            manifest.clean(out / manifest.PARTS)
        files.write_text(out / manifest.MANIFEST, declared.to_toml())
        return out / manifest.MANIFEST


def flagged(run: Path) -> pa.Array:
    """The ids that a run of noisy-pairs flagged.

    Raises:
        InputError: There is no such run, or a table of it is damaged.
        IncompleteError: It has not finished, or could not tell.
    """
    with locks.reading(run, "noisy-pairs --filtered"):
        finished(run, ["noisy_pairs"])
        require_answer(run)
        ids = store.read(run / "noisy_pairs" / "drop.parquet", ["id"])["id"]
        return ids.combine_chunks()


def require_answer(run: Path) -> None:
    """Refuse to filter by a run that could not tell which pairs are mismatched.

    Raises:
        IncompleteError: Its verdict is "not identifiable" and it flagged nothing.
    """
    place = run / "noisy_pairs" / "verdict.parquet"
    if not place.exists() or len(store.read(run / "noisy_pairs" / "drop.parquet", ["id"])):
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
    return f"filtered: {filtered(run, dataset, out, workers=options.workers)}"


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
