"""Audio: encoded bytes to ``(time, channel)`` float32 in [-1, 1] and back.

What a file is, its first bytes say: whatever the library soundfile reads is read. A file whose name
says that nothing was lost (``.wav``, ``.flac``) and whose bytes are MP3 or Ogg is refused: what it
holds is not what it is taken for. A sound at another rate than the usual one is resampled to it.
"""

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ball, Sound
from mmaudit.kinds import _arrays, _magic, _media, _resample, _weight
from mmaudit.kinds._audio_features import STRETCHES, features
from mmaudit.kinds.base import Kind, LooksLike, Shape, Undecodable, content
from mmaudit.parsing.base import Parsing
from mmaudit.parsing.limits import MAX_SAMPLES

if TYPE_CHECKING:
    from PIL import Image

NAME = "audio"

PCM, FLOAT = 1, 3
PCM_BITS = 16  # of a WAV that is written again as whole numbers
UNTOLD = (0, 0xFFFFFFFF)  # sizes of a data chunk that was written to a pipe
LOSSLESS = (".wav", ".flac", ".aiff", ".aif")
SUFFIXES = (*LOSSLESS, ".ogg", ".oga", ".opus", ".mp3", ".au", ".snd", ".caf", ".w64", ".rf64")
SECONDS, HERTZ = 3.0, 16_000  # of a sound in a gallery; the rate where nobody says one
WINDOW, HOP, FLOOR_DB = 256, 64, -80.0  # of spectrograms in previews


def decode(cell: Any, shape: Shape) -> Sound | None:
    """One recording, ``(time, channel)`` at the usual rate; None where absent.

    Raises:
        Undecodable: It is not a whole recording of a known format.
    """
    sound, rate = decode_with_rate(cell, shape.max_samples)
    if sound is None or not shape.rate or rate == shape.rate:
        return sound
    _bounded(round(sound.size * shape.rate / rate), shape.max_samples)
    return _resample.resampled(sound, rate, shape.rate)


def decode_with_rate(cell: Any, most: int = MAX_SAMPLES) -> tuple[Sound | None, int]:
    """One recording, ``(time, channel)``, and its samples a second; None and 0 where absent.

    Args:
        cell: The file.
        most: Samples at most, over all channels.

    Raises:
        Undecodable: It is not a whole recording of a known format.
    """
    data = content(cell)
    if data is None:
        return None, 0
    if not isinstance(data, bytes):
        raise Undecodable(f"not the bytes of a recording but {type(data).__name__}")
    format_ = form(data)
    path = (cell.get("path") or "" if isinstance(cell, dict) else "").lower()
    if format_ in {"MP3", "Ogg"} and path.endswith(LOSSLESS):
        raise Undecodable(f"{path.rpartition('.')[2]} by its name, {format_} by its bytes")
    if format_ == "WAV":
        _check_whole(data)
    sound, rate = _read(data, most)
    if not sound.size:
        raise Undecodable("holds no sound")
    if not np.isfinite(sound).all():
        raise Undecodable("holds values that are not finite")
    return sound, rate


def encode(sound: Sound, rate: int, format: str = "wav", *, exact: bool = False) -> bytes:
    """The bytes of a recording.

    Args:
        sound: ``(time, channel)`` in [-1, 1]; what is outside is clipped unless ``exact``.
        rate: Samples a second.
        format: ``wav`` or ``flac``.
        exact: Write 32-bit floats (WAV only), not 16-bit numbers.
    """
    if format == "wav":
        return _to_wav(sound, rate, exact=exact)
    file = BytesIO()
    import soundfile  # noqa: PLC0415

    whole = _sixteen(sound)
    soundfile.write(file, whole, rate, format=format.upper(), subtype="PCM_16")
    return file.getvalue()


def form(data: bytes) -> str:
    """What a file is by its first bytes: WAV, FLAC, Ogg, MP3, AIFF, AU, CAF, RF64 or W64.

    Raises:
        Undecodable: None of these.
    """
    name = _magic.sound(data)
    if not name:
        kinds = f"{', '.join(_magic.SOUNDS[:-1])} or {_magic.SOUNDS[-1]}"
        raise Undecodable(f"not a {kinds} recording" if data else "empty file")
    return name


def _check_whole(data: bytes) -> None:
    """Refuse a WAV whose sound is cut off, which the library would take for a shorter one."""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"data":
            there = len(data) - at - 8
            if size not in UNTOLD and size > there:
                raise Undecodable(f"not a whole WAV: {there} bytes of {size}")
            return
        at += 8 + size + size % 2
    raise Undecodable("not a whole WAV: no data")


def _to_wav(sound: Sound, rate: int, *, exact: bool) -> bytes:
    body = sound.astype("<f4").tobytes() if exact else _sixteen(sound).astype("<i2").tobytes()
    form_, bits = (FLOAT, 32) if exact else (PCM, 16)
    frame = sound.shape[1] * bits // 8
    head = struct.pack("<HHIIHH", form_, sound.shape[1], rate, rate * frame, frame, bits)
    sizes = [struct.pack("<I", size) for size in (36 + len(body), len(head), len(body))]
    return b"RIFF%bWAVEfmt %b%bdata%b%b" % (sizes[0], sizes[1], head, sizes[2], body)


def _sixteen(sound: Sound) -> NDArray[np.int16]:
    return np.clip(np.rint(sound.astype(np.float64) * 32768), -32768, 32767).astype(np.int16)


def _bounded(samples: int, most: int) -> None:
    if samples > most:
        raise Undecodable(f"{samples} samples, more than max_samples = {most}")


class _Bytes(BytesIO):
    """A file in which a damaged recording may seek anywhere: the library prints what is raised."""

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return super().seek(offset, whence)
        except (ValueError, OverflowError):
            return self.tell()


def _read(data: bytes, most: int) -> tuple[Sound, int]:
    import soundfile  # noqa: PLC0415  `init` of pictures needs no sounds

    with Parsing(lambda why: Undecodable(f"not a whole recording: {why}")):
        with soundfile.SoundFile(_Bytes(data)) as file:
            _bounded(file.frames * file.channels, most)
            sound = file.read(dtype="float32", always_2d=True)
        return sound, int(file.samplerate)


def rewrite(sound: Sound, cell: dict[str, Any], rate: float) -> dict[str, Any]:
    """A sound as a file of the form that it had, as far as that can hold it.

    WAV stays WAV, of floats unless it was 16-bit; FLAC stays FLAC; other sounds become WAV.

    Args:
        sound: ``(time, channel)``.
        cell: The clean cell, ``bytes`` and ``path``.
        rate: Samples a second.
    """
    data = cell["bytes"]
    format_ = "flac" if data.startswith(b"fLaC") else "wav"
    exact = format_ == "wav" and not (data.startswith(b"RIFF") and _bits(data) == PCM_BITS)
    written = encode(sound, round(rate), format_, exact=exact)
    return {"bytes": written, "path": _media.renamed(cell.get("path"), (f".{format_}",))}


def _bits(data: bytes) -> int:
    at = data.find(b"fmt ", 12)
    return int.from_bytes(data[at + 22 : at + 24], "little") if at >= 0 else 0


def _beyond(data: bytes, shape: Shape) -> dict[str, int]:
    """Whether a sound is resampled: 1 under what is done to it."""
    import soundfile  # noqa: PLC0415

    try:
        with Parsing(Undecodable), soundfile.SoundFile(_Bytes(data)) as file:
            rate = int(file.samplerate)
    except Undecodable:
        return {}  # it is skipped, with its reason, when it is decoded
    return {f"resampled to {shape.rate:g} samples a second": 1} if rate != shape.rate else {}


def _rate(cell: Any) -> float | None:
    return decode_with_rate(cell)[1] or None


def _lossless(sound: Sound, rate: float) -> bytes:
    return encode(sound, round(rate), exact=True)


def _show(sound: Sound, rate: float) -> dict[str, Any]:
    hertz = round(rate) or HERTZ
    return {"sound": encode(sound[: round(SECONDS * hertz)], hertz)}


def _preview(_clean: Sound, sound: Sound, size: tuple[int, int]) -> "Image.Image":
    """The spectrogram of a sound."""
    from PIL import Image  # noqa: PLC0415  only previews need it

    mono = np.pad(sound.mean(axis=1).astype(np.float64), (0, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), axis=1)) ** 2
    level = 10 * np.log10(np.maximum(power / (WINDOW / 4) ** 2, 10 ** (FLOOR_DB / 10)))
    grey = np.clip(255 * (1 - level / FLOOR_DB), 0, 255).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(grey.T[::-1]))
    return image.resize(size, Image.Resampling.BILINEAR).convert("RGB")


KIND = Kind(
    decode=decode,
    encode=_lossless,
    digest=_media.digest,
    arrays=_media.arrays,
    empty=_arrays.empty,
    listed=3,
    axes=2,
    rate=_rate,
    media=True,
    rewrite=rewrite,
    suffixes=SUFFIXES,
    noun="sound",
    file_format=_magic.sound,
    beyond=_beyond,
    looks_like=(LooksLike(1, _media.claims(NAME)),),
    pieces=_arrays.stretches,
    features=features,
    steps=STRETCHES,
    size=_arrays.loudness,
    blocks=_arrays.blocks,
    show=_show,
    preview=_preview,
    weight=lambda data, of: _weight.sound(data, _Bytes, of.max_samples),
    ball=Ball(norm="l2", radii=_arrays.RADII, limits=(-1.0, 1.0)),
)
