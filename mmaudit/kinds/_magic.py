"""First bytes: what says that a file is a picture or a sound, whatever it is called."""

from mmaudit.kinds._box_files import BRANDS
from mmaudit.kinds._png_files import PNG

JPEG = b"\xff\xd8\xff"
PICTURES = {
    JPEG: "JPEG",
    PNG[:4]: "PNG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"\0\0\0\x0cJXL ": "JPEG XL",
}
HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # bytes of the headers that a BMP may have


def picture(data: bytes) -> str:
    """What a picture is by its first bytes, 32 of which are enough; empty where it is none."""
    if data[4:8] == b"ftyp":
        return "AVIF or HEIC" if data[8:12] in BRANDS else ""
    if data.startswith(b"RIFF"):
        return "WebP" if data[8:12] == b"WEBP" else ""
    # two letters alone could be a text
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in HEADERS:
        return "BMP"
    return next((name for magic, name in PICTURES.items() if data.startswith(magic)), "")


SOUNDS = ("WAV", "FLAC", "Ogg", "MP3", "AIFF", "AU", "CAF", "RF64", "W64")
BEGINNINGS = {
    b"fLaC": "FLAC",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    b".snd": "AU",
    b"caff": "CAF",
    b"RF64": "RF64",
    b"riff\x2e\x91\xcf\x11": "W64",
}


def sound(data: bytes) -> str:
    """What a sound is by its first bytes; empty where it is none."""
    if data[:4] in {b"RIFF", b"RIFX"}:
        return "WAV" if data[8:12] == b"WAVE" else ""
    if data[:4] == b"FORM":
        return "AIFF" if data[8:11] == b"AIF" else ""
    for magic, name in BEGINNINGS.items():
        if data.startswith(magic):
            return name
    return "MP3" if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2 else ""
