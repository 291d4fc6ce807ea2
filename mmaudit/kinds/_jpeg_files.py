"""JPEG files as cameras and tools leave them."""

from mmaudit.arrays import Pixels

END_OF_IMAGE, START_OF_SCAN = b"\xff\xd9", b"\xff\xda"
STRAY = "extraneous bytes before marker"  # as libjpeg warns of them


def pixels(data: bytes, space: str) -> Pixels:
    """Pixels of a file, ``(h, w, c)``; bytes that stand before a marker take nothing away.

    Args:
        data: The file.
        space: ``GRAY`` or ``RGB``.

    Raises:
        ValueError: It is damaged in another way, or cut off.
    """
    import simplejpeg  # noqa: PLC0415  a part of a second to load, and `init` needs no pixels

    try:
        return simplejpeg.decode_jpeg(data, space)
    except ValueError as error:
        whole = data.rfind(END_OF_IMAGE) > data.rfind(START_OF_SCAN)
        if STRAY not in str(error) or not whole:
            raise
        return simplejpeg.decode_jpeg(data, space, strict=False)
