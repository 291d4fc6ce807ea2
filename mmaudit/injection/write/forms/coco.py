"""COCO captions: JSON with all that it had, touched captions and names of pictures in their place.

Where a step makes a caption worse, its annotation has the new text and every other key. Where each
caption is a sample (``many = "all"``), each is the only one of an image of its own: the first keeps
the id of its picture, others have new ones, and `PICTURE` has that of the picture.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from mmaudit.files import write_text
from mmaudit.injection.write.fields import as_before
from mmaudit.injection.write.form import WrittenFile, records
from mmaudit.injection.write.forms.gathered import Gathered
from mmaudit.injection.write.manifest import DATA
from mmaudit.injection.write.names import free
from mmaudit.manifest.readers.coco import ANNOTATIONS, CAPTIONS, CocoReader
from mmaudit.parsing.documents import from_json
from mmaudit.samples.captions import Captions

IMAGES, NAME, PICTURE = "images", "file_name", "picture_id"
LAST = sys.maxsize  # place of annotations that the file had not
Entry = dict[str, Any]
Placed = tuple[int, Entry]  # an annotation with its place in the file


class OwnForm(Gathered):
    """COCO files, with the pictures in the folders that they name."""

    @property
    def root(self) -> Path:
        """The folder that holds those of the pictures and of the annotations."""
        return cast("Path", self._reader.root).absolute()

    def write(self) -> WrittenFile:
        """Write every file that has samples; one without pictures would not open."""
        whole = zip(self.sources, self.homes, self.spans, self._reader.prefixes, strict=True)
        for source, home, positions, prefix in whole:
            if positions:
                (self.out / DATA / prefix).mkdir(parents=True, exist_ok=True)
                entries = self._entries(from_json(source.read_bytes()), source, positions, prefix)
                write_text(home, json.dumps(entries, ensure_ascii=False))
        return WrittenFile({} if self._texts is None else {"id": self._picture})

    def _entries(self, entries: Entry, source: Path, positions: range, prefix: str) -> Entry:
        """What a file says of some samples."""
        listed = {image["id"]: image for image in entries[IMAGES]}
        of = {image: list[Placed]() for image in listed}
        for place, annotation in enumerate(entries[ANNOTATIONS]):
            if annotation.get("image_id") in of:
                of[annotation["image_id"]].append((place, annotation))
        ids, images = Ids(listed, entries[ANNOTATIONS]), [*listed.values()]
        start = int(self._reader.file_starts()[self.sources.index(source)])
        pictures, annotations = list[Entry](), list[Placed]()
        every = (record for table in self.corrupted(positions) for record in records(table))
        for row, number, record in zip(*self._origins(positions), every, strict=True):
            before = images[row - start]
            mine = of[before["id"]]
            if self._texts is not None:
                mine = [placed for placed in mine if _says(placed)][number : number + 1]
            own = ids.of(before["id"]) if self._texts is not None else before["id"]
            pictures.append(self._image(before, record, own, prefix))
            annotations += self._annotations(mine, record, own, ids)
        annotations.sort(key=itemgetter(0))  # as they were in the file; new ones come last
        return entries | {IMAGES: pictures, ANNOTATIONS: [entry for _, entry in annotations]}

    def _image(self, before: Entry, record: Entry, own: Any, prefix: str) -> Entry:
        """What is said of a picture."""
        now = {k: v for k, v in record.items() if k != CAPTIONS and k not in self.said}
        if now.get(NAME) is not None:
            up = "../" * prefix.count("/")
            name = now[NAME]
            now[NAME] = name.removeprefix(prefix) if name.startswith(prefix) else f"{up}{name}"
        more = {} if self._texts is None else {self._picture: now.pop("id")}
        now["id"] = before["id"]
        return as_before(before, now | more) | {"id": own}

    def _annotations(
        self, mine: list[Placed], record: Entry, own: Any, ids: "Ids"
    ) -> Iterator[Placed]:
        """What is said of a picture's captions, those that are gone left out."""
        texts = self._captions(mine, record)
        for place, annotation in mine:
            if not _says((place, annotation)):
                yield place, annotation | {"image_id": own}
            elif texts:
                yield place, annotation | {"image_id": own, "caption": texts.pop(0)}
        for text in texts:
            yield LAST, {"id": ids.new(), "image_id": own, "caption": text}

    def _captions(self, mine: list[Placed], record: Entry) -> list[str]:
        """The captions that a picture has now."""
        before = [annotation["caption"] for annotation in map(itemgetter(1), filter(_says, mine))]
        if CAPTIONS not in self.changed:
            return before
        texts = record[CAPTIONS]
        if isinstance(texts, str):
            return [texts, *(before[1:] if self._others_stay else ())]
        return [text for text in texts or () if text is not None]

    @property
    def _others_stay(self) -> bool:
        """Whether captions stay that are no sample's: not where the picture has another's now."""
        layout = self.layout
        (modality,) = (m for m in layout.touched if CAPTIONS in layout.homes[m])
        many = layout.dataset.manifest.modalities[modality].many
        return many == "first" and modality not in layout.others

    def _origins(self, positions: range) -> tuple[Sequence[int], Sequence[int]]:
        """The picture of each sample, and the number of its caption."""
        rows = self.rows(positions)
        if self._texts is None:
            return rows.tolist(), [0] * len(rows)
        pictures, numbers = self._texts.origins(rows)
        return pictures.tolist(), numbers.tolist()

    @property
    def _texts(self) -> Captions | None:
        reader = self.layout.dataset.source.reader
        return reader if isinstance(reader, Captions) else None

    @property
    def _reader(self) -> CocoReader:
        return cast("CocoReader", self.layout.dataset.source.innermost)

    @cached_property
    def _picture(self) -> str:
        return free(PICTURE, {*self.layout.schema.names, self.layout.id})


class Ids:
    """Ids of images and annotations that no other one has."""

    def __init__(self, images: Mapping[Any, Entry], annotations: Sequence[Entry]) -> None:
        every = [*images, *(annotation.get("id") for annotation in annotations)]
        self._last = max((i for i in every if isinstance(i, int)), default=0)
        self._used = set[Any]()

    def new(self) -> int:
        """One that there is not yet."""
        self._last += 1
        return self._last

    def of(self, image: Any) -> Any:
        """That of an image when it is asked for first, and then new ones."""
        if image in self._used:
            return self.new()
        self._used.add(image)
        return image


def _says(placed: Placed) -> bool:
    """Whether an annotation has a caption; others are kept as they are."""
    return isinstance(placed[1].get("caption"), str)
