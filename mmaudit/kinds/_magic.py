"""First bytes: what says that a file is a picture, whatever it is called."""

from mmaudit.kinds._png_files import PNG

JPEG = b"\xff\xd8\xff"
MAGIC = (JPEG, PNG[:4], b"GIF8", b"II*\0", b"MM\0*", b"\0\0\0\x0cJXL ")
BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"})  # named, not read
HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # bytes of the headers that a BMP may have


def is_picture(data: bytes) -> bool:
    """Whether bytes begin as a picture does; 32 of them are enough."""
    if data[4:8] == b"ftyp":
        return data[8:12] in BRANDS
    if data.startswith(b"RIFF"):
        return data[8:12] == b"WEBP"
    # two letters alone could be a text
    bmp = data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in HEADERS
    return bmp or data.startswith(MAGIC)
