"""Audio: encoded bytes to ``(time, channel)`` float32 in [-1, 1] and back.

What a file is, its first bytes say. WAV of plain numbers is read and written here; telephone WAV
(µ-law, A-law, ADPCM), FLAC, Ogg and MP3 need the package soundfile. A file whose name says that
nothing was lost (``.wav``, ``.flac``) and whose bytes are MP3 or Ogg is refused: what it holds is
not what it is taken for.
"""

import importlib
import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmaudit import extras
from mmaudit.arrays import Sound
from mmaudit.errors import MissingError
from mmaudit.kinds import _arrays, _media, _weight
from mmaudit.kinds._audio_features import features
from mmaudit.kinds.base import Kind, LooksLike, Shape, Undecodable, content
from mmaudit.parsing.base import Parsing
from mmaudit.parsing.limits import MAX_SAMPLES

if TYPE_CHECKING:
    from PIL import Image

NAME = "audio"

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
PCM_BITS = 16  # of a WAV that is written again as whole numbers
UNTOLD = (0, 0xFFFFFFFF)  # sizes of a data chunk that was written to a pipe
LOSSLESS = (".wav", ".flac", ".aiff", ".aif")
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif")
MAGIC = (b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")  # MP3 without a tag
SECONDS, HERTZ = 3.0, 16_000  # of a sound in a gallery; the rate where nobody says one
WINDOW, HOP, FLOOR_DB = 256, 64, -80.0  # of spectrograms in previews
WHOLE: dict[int, np.dtype[Any]] = {16: np.dtype("<i2"), 32: np.dtype("<i4")}
REAL: dict[int, np.dtype[Any]] = {32: np.dtype("<f4"), 64: np.dtype("<f8")}


def decode(cell: Any, shape: Shape) -> Sound | None:
    """One recording, ``(time, channel)``; None where absent.

    Raises:
        Undecodable: It is not a whole recording of a known format, or not at the usual rate.
    """
    sound, rate = decode_with_rate(cell, shape.max_samples)
    if sound is not None and shape.rate and rate != shape.rate:
        raise Undecodable(f"{rate} samples a second, not {shape.rate:g}; resample it first")
    return sound


def decode_with_rate(cell: Any, most: int = MAX_SAMPLES) -> tuple[Sound | None, int]:
    """One recording, ``(time, channel)``, and its samples a second; None and 0 where absent.

    Args:
        cell: The file.
        most: Samples at most, over all channels.

    Raises:
        Undecodable: It is not a whole recording of a known format.
        MissingError: Its format needs a package that is not installed.
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
    sound, rate = _wav(data, most) if format_ == "WAV" else _other(data, most)
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
    whole = _sixteen(sound)
    _soundfile().write(file, whole, rate, format=format.upper(), subtype="PCM_16")
    return file.getvalue()


def form(data: bytes) -> str:
    """What a file is by its first bytes: WAV, FLAC, Ogg, MP3 or AIFF.

    Raises:
        Undecodable: None of these.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "WAV"
    for magic, name in ((b"fLaC", "FLAC"), (b"OggS", "Ogg"), (b"ID3", "MP3"), (b"FORM", "AIFF")):
        if data.startswith(magic):
            return name
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:
        return "MP3"
    raise Undecodable("not a WAV, FLAC, Ogg, MP3 or AIFF recording" if data else "empty file")


def _wav(data: bytes, most: int) -> tuple[Sound, int]:
    layout: tuple[int, ...] | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        start = at + 8
        if name == b"fmt ":
            layout = _layout(data[start : start + size])
        elif name == b"data":
            if layout is None:
                raise Undecodable("not a whole WAV: data before its format")
            if size in UNTOLD:
                size = len(data) - start
            if start + size > len(data):
                raise Undecodable(f"not a whole WAV: {len(data) - start} bytes of {size}")
            if layout[0] not in {PCM, FLOAT}:
                return _other(data, most)
            _bounded(8 * size // max(1, layout[1]), most)
            return _values(data[start : start + size], *layout[:3]), layout[3]
        at = start + size + size % 2
    raise Undecodable("not a whole WAV: no data")


def _layout(chunk: bytes) -> tuple[int, int, int, int]:
    """Form, bits and channels of a value, and the rate, from a ``fmt`` chunk."""
    if len(chunk) < 16:
        raise Undecodable("not a whole WAV: its format is cut off")
    form_, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if form_ == EXTENSIBLE and len(chunk) >= 26:
        (form_,) = struct.unpack("<H", chunk[24:26])
    if not channels or not rate:
        raise Undecodable(f"{channels} channels at {rate} samples a second")
    return form_, bits, channels, rate


def _values(data: bytes, form_: int, bits: int, channels: int) -> Sound:
    frame = channels * bits // 8
    data = data[: len(data) // frame * frame] if frame else b""
    if form_ == FLOAT and bits in REAL:
        flat = np.frombuffer(data, REAL[bits]).astype(np.float32)
    elif form_ == PCM and bits in WHOLE:
        flat = (np.frombuffer(data, WHOLE[bits]) / 2.0 ** (bits - 1)).astype(np.float32)
    elif form_ == PCM and bits == 24:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        flat = (wide.view("<i4")[:, 0] / 2.0**31).astype(np.float32)
    elif form_ == PCM and bits == 8:
        flat = ((np.frombuffer(data, np.uint8) - 128.0) / 128.0).astype(np.float32)
    else:
        raise Undecodable(f"WAV of form {form_} with {bits} bits is not read")
    return flat.reshape(-1, channels)


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


def _other(data: bytes, most: int) -> tuple[Sound, int]:
    soundfile = _soundfile()
    with Parsing(lambda why: Undecodable(f"not a whole recording: {why}")):
        with soundfile.SoundFile(_Bytes(data)) as file:
            _bounded(file.frames * file.channels, most)
            sound = file.read(dtype="float32", always_2d=True)
        return sound, int(file.samplerate)


def _soundfile() -> Any:
    try:
        return importlib.import_module("soundfile")
    except (ImportError, OSError) as error:
        raise MissingError(
            "FLAC, Ogg, MP3, AIFF and telephone WAV need the package soundfile",
            fix=extras.line("soundfile"),
        ) from error


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


def _is_file(data: bytes) -> bool:
    if data[8:12] == b"WAVE" or (data.startswith(b"FORM") and data[8:11] == b"AIF"):
        return True
    return data.startswith(MAGIC)


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
    plural="sounds",
    is_file=_is_file,
    looks_like=(LooksLike(1, _media.claims(NAME)),),
    pieces=_arrays.stretches,
    features=features,
    size=_arrays.loudness,
    blocks=_arrays.blocks,
    show=_show,
    preview=_preview,
    weight=lambda data, of: _weight.sound(data, _Bytes, of.max_samples),
)
