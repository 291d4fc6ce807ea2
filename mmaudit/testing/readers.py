"""What every reader owes, asked about the same samples written in its own format."""

import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit import parts
from mmaudit.kinds.image import encode
from mmaudit.manifest.locate import READERS
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as datasets
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode
from mmaudit.testing.questions import ask, require

N = 23
ABSENT_IMAGE, ABSENT_TEXT = frozenset({3, 7, 22}), frozenset({0, 7})
CLASSES = ("cat", "dog")
Sample = dict[str, Any]  # id, label, split; caption, None where absent; image, a PNG, likewise
# Writes samples into a folder, and says how they are read: a manifest as a mapping, with the
# modalities ``image`` and ``text`` (or one of them) and the target ``label``
Write = Callable[[Path, Sequence[Sample]], Mapping[str, Any]]


@dataclass(frozen=True)
class ReaderSubject:
    """A reader, how its format is written, and a folder to write into."""

    name: str
    write: Write
    folder: Path

    @cached_property
    def dataset(self) -> Dataset:
        """The samples, written and opened."""
        return self.opened("first")

    def opened(self, name: str, shift: int = 0) -> Dataset:
        """The samples, written into a folder of their own and opened."""
        folder = self.folder / name
        folder.mkdir()
        manifest = Manifest.model_validate(dict(self.write(folder, samples(shift))))
        return datasets.open(manifest.placed(folder))


def check_reader(name: str, write: Write, *, skip: Collection[str] = ()) -> None:
    """Ask a reader what every reader owes.

    Is what was written read? Is null absent? Do rows come in the order that was asked for, and is
    a row that is not there an `IndexError`? Do columns say what rows say? Is the digest that of
    the content? Does an opened dataset travel to other processes, and may threads share it?

    Args:
        name: Name of the reader, as ``my_format``.
        write: Writes samples into a folder in the reader's format, and returns a manifest as a
            mapping: where they are, their columns ``id`` and ``split``, the modality ``text`` (a
            caption), the modality ``image`` if the format can hold one, and the target, of kind
            ``class``. Each sample is a mapping with ``id``, ``label``, ``split``, ``caption`` and
            ``image`` (a PNG in bytes), of which the last two may be None.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.
    """
    with TemporaryDirectory() as folder:
        ask(name, subject(name, write, Path(folder)), QUESTIONS, skip)


def subject(name: str, write: Write, folder: Path) -> ReaderSubject:
    """A reader by name, with an empty folder to write into."""
    parts.load(READERS, name)
    return ReaderSubject(name, write, folder)


def samples(shift: int = 0) -> list[Sample]:
    """The samples that are written; a shift gives other pictures."""
    return [
        {
            "id": f"s{i:02}",
            "label": CLASSES[i % 2],
            "split": "test" if i % 5 == 0 else "train",
            "caption": None if i in ABSENT_TEXT else f'row {i + shift}, "quoted"\nand ünïcode',
            "image": None if i in ABSENT_IMAGE else encode(_pixels(i, shift)),
        }
        for i in range(N)
    ]


def _pixels(i: int, shift: int = 0) -> Any:
    flat = np.full((4, 5, 3), (7 * i + shift) % 256, np.uint8)
    return flat + np.arange(5, dtype=np.uint8)[:, None]


def it_says_what_it_is(of: ReaderSubject) -> None:
    """The first line of its docstring is a sentence."""
    summary = parts.summary(READERS, of.name)
    require(summary.endswith("."), f"the docstring begins with {summary!r}, no whole sentence")


def what_was_written_is_read(of: ReaderSubject) -> None:
    """Every sample, with its class and its values."""
    dataset = of.dataset
    require(dataset.classes == CLASSES, f"classes {dataset.classes}")
    read = decode(dataset, dataset.read(range(N)))
    require(not read.skipped, f"{len(read.skipped)} values could not be read: {read.skipped[:1]}")
    require(
        sorted(read.ids) == [s["id"] for s in samples()], f"{len(read.ids)} samples: {read.ids}"
    )
    order = {id_: row for row, id_ in enumerate(read.ids)}
    for i, sample in enumerate(samples()):
        row = order[sample["id"]]
        label = None if read.labels is None else int(read.labels[row])
        require(label == i % 2, f"the label of {sample['id']} is {label}")
        wanted = {
            "text": sample["caption"],
            "image": None if sample["image"] is None else _pixels(i),
        }
        for modality in dataset.modalities:
            same = _same(read.values[modality][row], wanted[modality])
            require(same, f"{modality} of {sample['id']} is {read.values[modality][row]!r}")


def null_is_absent(of: ReaderSubject) -> None:
    """A value that is not there is not present, and nothing else is absent."""
    read = decode(of.dataset, of.dataset.read(range(N)))
    wanted = {"image": ABSENT_IMAGE, "text": ABSENT_TEXT}
    for modality in of.dataset.modalities:
        pairs = zip(read.ids, read.present[modality], strict=True)
        absent = {id_ for id_, there in pairs if not there}
        require(absent == {f"s{i:02}" for i in wanted[modality]}, f"{modality} of {sorted(absent)}")


def any_order_gives_what_the_order_of_the_file_gives(of: ReaderSubject) -> None:
    """Rows may be asked for in any order, again, one by one, or not at all."""
    dataset = of.dataset
    in_order = dataset.read(range(N))
    wanted = np.random.default_rng(0).integers(0, N, 60)
    for time in ("once", "again"):  # the second time, other caches answer
        same = dataset.read(wanted).equals(in_order.take(pa.array(wanted)))
        require(same, f"other rows came than were asked for, {time}")
    require(dataset.read([]).num_rows == 0, "no rows were asked for, and some came")
    alone = pa.Table.from_batches([dataset.read([i]) for i in range(N)])
    require(alone.equals(pa.Table.from_batches([in_order])), "rows that are read alone differ")


def a_row_that_is_not_there_is_refused(of: ReaderSubject) -> None:
    """With an `IndexError`: before the first, and behind the last."""
    reader = of.dataset.source.reader
    for row in (-1, N):
        try:
            reader.take(reader.schema.names[:1], np.array([row]))
        except IndexError:
            continue
        require(condition=False, what=f"row {row} of {N} came")


def columns_are_what_rows_say(of: ReaderSubject) -> None:
    """A column that is read whole holds what the rows hold."""
    batch = of.dataset.read(range(N))
    for name in ("id", "label", "split", "group"):
        same = of.dataset.column(name).to_pylist() == batch.column(name).to_pylist()
        require(same, f"the column {name} is not that of the rows")


def the_digest_is_that_of_the_content(of: ReaderSubject) -> None:
    """The same content elsewhere has the same digest, and other content another."""
    digests = of.dataset.digests
    require(of.opened("copy").digests == digests, "the same content has another digest")
    other = of.opened("other", shift=1).digests
    require(other["manifest"] == digests["manifest"], "the same manifest has another digest")
    require(other["data"] != digests["data"], "other content has the same digest")


def it_travels_to_other_processes(of: ReaderSubject) -> None:
    """An opened dataset is pickled and reads the same."""
    dataset = of.dataset.select(split="train")
    again = pickle.loads(pickle.dumps(dataset))  # noqa: S301  our own bytes
    same = again.read(range(len(dataset))).equals(dataset.read(range(len(dataset))))
    require(same, "another process reads other rows")
    require(again.classes == dataset.classes, "another process reads other classes")


def threads_may_share_it(of: ReaderSubject) -> None:
    """Several threads read at once."""
    orders = [np.random.default_rng(i).permutation(N) for i in range(16)]
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(of.dataset.read, orders))
    whole = of.dataset.read(range(N))
    for order, batch in zip(orders, batches, strict=True):
        require(batch.equals(whole.take(pa.array(order))), "threads read other rows")


def _same(value: Any, wanted: Any) -> bool:
    if value is None or wanted is None:
        return value is None and wanted is None
    return bool(np.array_equal(value, wanted))


QUESTIONS: tuple[Callable[[ReaderSubject], None], ...] = (
    it_says_what_it_is,
    what_was_written_is_read,
    null_is_absent,
    any_order_gives_what_the_order_of_the_file_gives,
    a_row_that_is_not_there_is_refused,
    columns_are_what_rows_say,
    the_digest_is_that_of_the_content,
    it_travels_to_other_processes,
    threads_may_share_it,
)
