"""JPEG files as cameras and tools leave them."""

import re

from mmaudit.arrays import Pixels
from mmaudit.kinds.base import Undecodable
from mmaudit.parsing.base import Parsing

END_OF_IMAGE, START_OF_SCAN = b"\xff\xd9", b"\xff\xda"
STRAY = re.compile(r"(\d+) extraneous bytes before marker")  # as libjpeg warns of them
SMALL = {"min_height": 1, "min_width": 1, "fastdct": True}  # an eighth of each side: quick


def pixels(data: bytes, space: str) -> Pixels:
    """Pixels of a file, ``(h, w, c)``; bytes that stand before a marker take nothing away.

    Args:
        data: The file.
        space: ``GRAY`` or ``RGB``.

    Raises:
        Undecodable: It is damaged in another way, or cut off.
    """
    import simplejpeg  # noqa: PLC0415  a part of a second to load, and `init` needs no pixels

    with parsing():
        try:
            return simplejpeg.decode_jpeg(data, space)
        except ValueError as error:
            whole = data.rfind(END_OF_IMAGE) > data.rfind(START_OF_SCAN)
            if not STRAY.search(str(error)) or not whole:
                raise
            return simplejpeg.decode_jpeg(data, space, strict=False)


def stray(data: bytes) -> int:
    """How many bytes stand before a marker and belong to nothing: where the first of them are.

    Raises:
        Undecodable: It is no such file.
    """
    import simplejpeg  # noqa: PLC0415

    with parsing():
        try:
            simplejpeg.decode_jpeg(data, "GRAY", **SMALL)
        except ValueError as error:
            match = STRAY.search(str(error))
            return int(match[1]) if match else 0
    return 0


def parsing() -> Parsing:
    """A time in which a library reads such a file: what it raises is said of the file."""
    return Parsing(lambda why: Undecodable(f"not a whole JPEG: {why}"))
