"""What a picture's file holds beside its first picture: frames, pages, and bytes of no use."""

from struct import Struct

from mmaudit.kinds import _box_files, _jpeg_files
from mmaudit.kinds._png_files import PNG
from mmaudit.kinds.base import Shape

FRAMES = "frames or pages after the first left aside"
DEEP = "bits of a channel after the eighth left aside"
STRAY = "stray bytes before a marker left aside"
MOST = 100_000  # frames that are counted


def beyond(data: bytes, _shape: Shape) -> dict[str, int]:
    """What of a file is not in its value: how much, by what it is; empty where nothing is."""
    if data.startswith(b"\xff\xd8"):
        stray = _jpeg_files.stray(data)
        return {STRAY: stray} if stray else {}
    avif = _box_files.is_avif(data)
    counts = {FRAMES: _frames(data) - 1, DEEP: _box_files.bits(data) - 8 if avif else 0}
    return {what: count for what, count in counts.items() if count > 0}


def _frames(data: bytes) -> int:
    if data.startswith(b"GIF8"):
        return _gif(data)
    if data.startswith(PNG):
        at = data.find(b"acTL", len(PNG), 2**20)  # it stands before the pixels
        return int.from_bytes(data[at + 4 : at + 8]) if at > 0 else 1
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    if _box_files.is_avif(data):
        return _box_files.frames(data)
    return _tiff(data) if data[:4] in {b"II*\0", b"MM\0*"} else 1


def _gif(data: bytes) -> int:
    at, frames = 13 + _palette(data, 10), 0
    while at < len(data) and frames < MOST:
        if data[at] == 0x2C:
            frames += 1
            at = _behind(data, at + 11 + _palette(data, at + 9))
        elif data[at] == 0x21:
            at = _behind(data, at + 2)
        else:
            break
    return frames


def _palette(data: bytes, at: int) -> int:
    """Bytes of the palette that a flag announces."""
    flag = data[at] if at < len(data) else 0
    return 3 << ((flag & 7) + 1) if flag & 0x80 else 0


def _behind(data: bytes, at: int) -> int:
    """Where the blocks of a GIF end that begin somewhere."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _webp(data: bytes) -> int:
    at, frames = 12, 0
    while at + 8 <= len(data):
        frames += data[at : at + 4] == b"ANMF"
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return frames


def _tiff(data: bytes) -> int:
    order = "<" if data.startswith(b"II") else ">"
    long, short = Struct(f"{order}I"), Struct(f"{order}H")
    at, places = 4, set[int]()
    while at + 4 <= len(data) and len(places) < MOST:
        (page,) = long.unpack_from(data, at)
        if not page or page in places or page + 2 > len(data):
            break
        places.add(page)
        at = page + 2 + 12 * short.unpack_from(data, page)[0]
    return len(places)
