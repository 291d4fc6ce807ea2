"""Pictures in files of boxes, as AVIF and HEIC: what they are, and what of one is in no value.

References:
    ISO/IEC 14496-12 (the boxes ``ftyp`` and ``stsz``); AV1-ISOBMFF 1.3 (the box ``av1C``)
"""

AVIF = frozenset({b"avif", b"avis"})
HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
BRANDS = AVIF | HEIC | {b"mif1", b"msf1"}
HEAD = 2**20  # bytes in which what a file says of itself stands
HIGH, TWELVE = 0x40, 0x20  # flags of av1C


def brands(data: bytes) -> frozenset[bytes]:
    """What a file of boxes says it is; nothing of other files."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4]), 512, len(data))
    return frozenset(data[at : at + 4] for at in (8, *range(16, end - 3, 4)))


def is_avif(data: bytes) -> bool:
    """Whether a file is AVIF, by what it says of itself."""
    return not brands(data).isdisjoint(AVIF)


def unread(data: bytes) -> str:
    """What a picture is of a kind that is not read, and what to do; empty for others."""
    if not brands(data).isdisjoint(HEIC):
        return "a HEIC image, which is not read: convert it, as to JPEG or PNG"
    if data.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return "a JPEG XL image, which is not read: convert it, as to PNG"
    return ""


def frames(data: bytes) -> int:
    """How many frames a sequence has; 1 for a single picture."""
    at = data.find(b"stsz", 0, HEAD)
    return int.from_bytes(data[at + 12 : at + 16]) if at > 0 else 1


def bits(data: bytes) -> int:
    """Bits of a channel of an AVIF: 8, 10 or 12."""
    at = data.find(b"av1C", 0, HEAD)
    flags = data[at + 6] if 0 < at < len(data) - 6 else 0
    return 8 if not flags & HIGH else 12 if flags & TWELVE else 10
