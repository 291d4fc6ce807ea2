"""Galleries: the samples that an audit chose to show, with their pictures, texts and sounds.

The report never reads a dataset. An audit that wants samples seen writes ``gallery.parquet`` with
the columns ``id, modality, kind, text, thumbnail, sound, note, card``, thumbnails re-encoded from
pixels.
What is not a plain picture or clip is left out here as well, and so is everything in a file that
is not needed to show it: EXIF, text chunks, profiles.
"""

import base64
import struct
from dataclasses import replace
from itertools import groupby
from typing import Any

from markupsafe import Markup

from mmaudit.report.blocks import Gallery, Item, Piece
from mmaudit.report.read import RunData
from mmaudit.report.words import visible
from mmaudit.rows import PLAIN, View
from mmaudit.tables import store

FILE = "gallery.parquet"
MOST = 200  # samples of one gallery
MOST_BYTES = 2_000_000  # of the pictures and clips of one gallery
LONGEST = 500
PNG = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB"}
WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"ALPH"}
WAV_CHUNKS = {b"fmt ", b"data"}


def gallery(run: RunData, audit: str, view: View = PLAIN) -> Gallery | None:
    """The gallery of an audit; None where it has none, or where another view has it."""
    path = run.path / audit / FILE
    if not path.exists() or not (view.samples or view.form == PLAIN.form):
        return None
    samples = [list(rows) for _, rows in groupby(store.read(path).to_pylist(), _sample)]
    shown = [list(some) for _, some in groupby(samples, _card)]
    items: list[Item] = []
    used = 0
    for some in shown[:MOST]:
        first, *beside = map(_item, some)
        pieces = [piece for item in (first, *beside) for piece in item.pieces]
        used += sum(len(piece.picture) + len(piece.sound) for piece in pieces)
        if used > MOST_BYTES:
            break
        items.append(replace(first, beside=tuple(beside)))
    title = view.samples or f"Samples that {audit.replace('_', ' ')} chose"
    return Gallery(title, tuple(items), len(shown) - len(items)) if items else None


def _item(rows: list[dict[str, Any]]) -> Item:
    id_, note, _ = _sample(rows[0])
    return Item(visible(id_), visible(note, longest=LONGEST), tuple(map(_piece, rows)))


def _sample(row: dict[str, Any]) -> tuple[str, str, str]:
    """Rows that follow each other and agree in this are modalities of one sample."""
    return str(row["id"]), str(row.get("note") or ""), str(row.get("card") or "")


def _card(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """Samples that follow each other and agree in this are on one card; else each has its own."""
    card = rows[0].get("card")
    return (str(card),) if card else _sample(rows[0])


def _piece(row: dict[str, Any]) -> Piece:
    kind, thumbnail, sound = (row.get(k) for k in ("kind", "thumbnail", "sound"))
    where = " ".join(str(row[k]) for k in ("modality", "id") if row.get(k) is not None)
    return Piece(
        alt=f"{kind or 'sample'} {where}",
        text=visible(str(row.get("text") or ""), longest=LONGEST),
        picture=picture(thumbnail) if isinstance(thumbnail, bytes) else "",
        sound=clip(sound) if isinstance(sound, bytes) else "",
    )


def picture(data: bytes) -> str:
    """A PNG or WebP as a data URI without metadata; empty for anything else."""
    if data.startswith(PNG):
        content = _png(data)
        return _uri("image/png", content) if content else ""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        content = _riff(data, b"WEBP", WEBP_CHUNKS)
        return _uri("image/webp", content) if content else ""
    return ""


def clip(data: bytes) -> str:
    """A WAV as a data URI without metadata; empty for anything else."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return ""
    content = _riff(data, b"WAVE", WAV_CHUNKS)
    return _uri("audio/wav", content) if content else ""


def _png(data: bytes) -> bytes:
    out, at = [PNG], len(PNG)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + size
        if end > len(data):
            return b""
        if name in PNG_CHUNKS:
            out.append(data[at:end])
        if name == b"IEND":
            return b"".join(out)
        at = end
    return b""


def _riff(data: bytes, form: bytes, wanted: set[bytes]) -> bytes:
    """The chunks that are needed; an extended WebP becomes a plain one."""
    chunks, at = [], 12
    while at + 8 <= len(data):
        (size,) = struct.unpack_from("<I", data, at + 4)
        end = at + 8 + size
        if end > len(data):
            return b""
        if data[at : at + 4] in wanted:
            chunks.append(data[at:end] + b"\0" * (size % 2))
        at = end + size % 2
    if form == b"WEBP":
        chunks = [chunk for chunk in chunks if chunk[:4] != b"ALPH"]  # needs the extended header
    body = form + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body if chunks else b""


def _uri(kind: str, data: bytes) -> str:
    # base64 of our own making: what is cut in texts of the data must not cut a picture
    return Markup(f"data:{kind};base64,{base64.b64encode(data).decode()}")  # noqa: S704
