"""Text: a string, UTF-8 bytes of a file, or a list of strings."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Vectors
from mmaudit.kinds.base import (
    Claim,
    Fill,
    Kind,
    LooksLike,
    Pieces,
    Shape,
    SourceColumn,
    Undecodable,
    content,
)

if TYPE_CHECKING:
    from PIL import Image

NAME = "text"
COLUMNS = ("text", "txt", "caption", "captions", "sentence", "question", "title", "review", "note")
LONGEST = 500  # characters that a gallery shows
WORDS = 3  # on average, from which a column of strings is text and not categories
ALMOST = 1.5  # words, where almost every row has another text
BUCKETS = 2048  # of hashed words, pairs of words and letter n-grams: plain features
GRAMS = (3, 4)  # letters
WORD = re.compile(r"\w+")
OTHERS = 0.8  # share of rows that is almost every one


def decode(cell: Any, shape: Shape) -> str | None:
    """One text; None where absent.

    Raises:
        Undecodable: It is neither text nor UTF-8, or too long.
    """
    value = content(cell)
    if isinstance(value, list):
        texts = [t for t in value if t is not None]
        value = (
            (texts[0] if shape.many == "first" else " ".join(map(str, texts))) if texts else None
        )
    if isinstance(value, bytes | str) and len(value) > shape.max_text:
        unit = "bytes" if isinstance(value, bytes) else "characters"
        raise Undecodable(
            f"a text of {len(value)} {unit}, more than {shape.max_text}; raise max_bytes"
        )
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Undecodable(f"not UTF-8: {error.reason} at byte {error.start}") from error
    if value is None or isinstance(value, str):
        return value
    raise Undecodable(f"not a text but {type(value).__name__}")


def encode(text: str, _rate: float = 0.0) -> bytes:
    """The bytes of a text file."""
    return text.encode("utf-8", "surrogatepass")


def digest(text: str) -> str:
    """sha256 of a text's UTF-8."""
    return sha256(encode(text)).hexdigest()


def _claims(columns: Sequence[SourceColumn]) -> Iterator[Claim]:
    texts = [column for column in columns if _is_text(column)]
    for column in texts:
        why = f"{column.words:.1f} words on average"
        if pa.types.is_list(column.type):
            why += '; the first of each list, many = "all" takes all as samples of their own'
        yield Claim(NAME if len(texts) == 1 else column.name, (column.name,), why)


def _is_text(column: SourceColumn) -> bool:
    if column.numeric or column.shapes:
        return False
    listed = pa.types.is_list(column.type) and pa.types.is_string(column.type.value_type)
    if column.words >= ALMOST and column.distinct >= OTHERS * len(column.values):
        return True
    named = column.name.strip().lower() in COLUMNS and column.words > 0
    return named or ((listed or not pa.types.is_list(column.type)) and column.words >= WORDS)


def _arrays(texts: list[Any], _names: Sequence[str], _shape: Shape) -> list[pa.Array]:
    return [pa.array(texts, pa.string())]


def _empty(_value: Any, _shape: Any = ()) -> str:
    return ""


def _features(text: str) -> Vectors:
    """Counts of hashed words, pairs of words and letter n-grams, in square roots."""
    words = WORD.findall(str(text).lower())
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    marked = [f"<{word}>" for word in words]
    grams = [m[i : i + k] for m in marked for k in GRAMS for i in range(len(m) - k + 1)]
    out = np.zeros(BUCKETS, np.float32)
    for piece in (*marked, *pairs, *grams):
        out[crc32(piece.encode("utf-8", "surrogatepass")) % BUCKETS] += 1.0
    return np.sqrt(out)


def _pieces(text: str) -> Pieces:
    """A text cut into words."""
    words = tuple(text.split()) or (text,)  # one piece of nothing, where there is no word

    def without(mask: NDArray[np.bool_]) -> str:
        if mask.all():  # the text itself, with its spaces and lines
            return text
        return " ".join(word for word, keep in zip(words, mask, strict=True) if keep)

    return Pieces(words, without, (len(words),))


def _show(text: str, _rate: float) -> dict[str, Any]:
    return {"text": text[:LONGEST]}


def _preview(clean: str, text: str, size: tuple[int, int]) -> "Image.Image":
    """The corrupted text word by word, compared with the clean one."""
    from difflib import SequenceMatcher  # noqa: PLC0415  only previews need these

    from mmaudit.kinds import _drawing  # noqa: PLC0415

    before, after = clean.split(), text.split()
    words: list[_drawing.Word] = []
    same = SequenceMatcher(None, before, after, autojunk=False)
    for what, i, j, k, m in same.get_opcodes():
        if what == "equal":
            words += [(word, _drawing.INK) for word in after[k:m]]
        else:
            words += [(word, _drawing.LOST) for word in before[i:j]]
            words += [(word, _drawing.GAINED) for word in after[k:m]]
    return _drawing.words(words, size)


KIND = Kind(
    decode=decode,
    encode=encode,
    digest=digest,
    arrays=_arrays,
    empty=_empty,
    listed=2,
    lists=True,
    looks_like=(LooksLike(3, _claims),),
    fill=Fill(lambda value: isinstance(value, str), zeros=_empty, blank=_empty, mean=None),
    pieces=_pieces,
    features=_features,
    size=lambda text: float(len(text)),
    show=_show,
    preview=_preview,
    holds_lock=True,
    encoders=True,
)
