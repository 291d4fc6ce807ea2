"""Preview: a contact sheet of a few samples, clean and at every severity, one line a sample."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mmaudit.corruptions.base import SEVERITIES
from mmaudit.errors import UsageError
from mmaudit.injection.apply import corrupt_values
from mmaudit.injection.prepare import Prepared
from mmaudit.injection.steps import Step
from mmaudit.samples.decode import column

SAMPLES = 3
WIDTH, HEIGHT, EDGE = 220, 150, 6
HEAD, TITLE = 26, 18
INK, GREY, PALE = (20, 20, 20), (110, 110, 110), (245, 245, 245)
LOST, GAINED = (190, 30, 30), (20, 110, 40)
WINDOW, HOP = 256, 64
FLOOR_DB = -80.0


def sheet(prepared: Prepared) -> Image.Image:
    """Draw every step that changes values.

    Pictures are shown as they are, sounds as spectrograms, texts with what is gone in red and
    what is new in green, series and vectors as lines.

    Raises:
        UsageError: No step changes values.
    """
    steps = [step for step in prepared.steps if step.makes == "values"]
    if not steps:
        raise UsageError("there is nothing to draw: plans change no value", fix="no --preview")
    lines = [line for step in steps for line in _lines(prepared, step)]
    drawn = Image.new("RGB", (_across(SEVERITIES + 1), HEAD + len(lines) * (HEIGHT + TITLE)), PALE)
    pen = ImageDraw.Draw(drawn)
    for place in range(SEVERITIES + 1):
        told = "clean" if place == 0 else f"severity {place}"
        pen.text((_across(place) + 4, 6), told, INK, _font(13))
    for row, (title, cells) in enumerate(lines):
        top = HEAD + row * (HEIGHT + TITLE)
        for place, cell in enumerate(cells):
            drawn.paste(cell, (_across(place), top))
        pen.text((EDGE, top + HEIGHT + 1), title, GREY, _font(11))
    return drawn


def save(drawn: Image.Image, path: str | Path) -> Path:
    """Write a sheet as a PNG, and the folders that it is in."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.save(path, "PNG")
    return path


def _lines(prepared: Prepared, step: Step) -> list[tuple[str, list[Image.Image]]]:
    work = prepared.work
    dataset = work.dataset.select(limit=SAMPLES, seed=work.seed)
    kind = dataset.kinds[step.modality]
    cells = dataset.cells(step.modality, range(len(dataset)))
    values, _ = column(cells, kind, dataset.usual(step.modality))
    ids = dataset.column("id").to_pylist()
    rows = np.searchsorted(work.dataset.rows, dataset.rows)
    around = work.around[step.modality].contexts(step, rows)
    levels = [
        corrupt_values(
            values,
            ids,
            corruption=step.name,
            modality=step.modality,
            severity=severity,
            seed=work.seed,
            context=around,
            dose=False,
            part=step.part,
        )[0]
        for severity in range(SEVERITIES + 1)
    ]
    shown = SHOWN[kind]
    return [
        (f"{step.name}  {ids[i]}", [shown(clean, level[i]) for level in levels])
        for i, clean in enumerate(values)
        if clean is not None
    ]


def _picture(_clean: NDArray[Any], value: NDArray[Any]) -> Image.Image:
    narrow = value if value.dtype == np.uint8 else (value >> 8).astype(np.uint8)
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    pixels = narrow[..., 0] if narrow.shape[2] == 1 else narrow
    image = Image.fromarray(np.ascontiguousarray(pixels), modes[narrow.shape[2]])
    scale = min(WIDTH / image.width, HEIGHT / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    cell = Image.new("RGB", (WIDTH, HEIGHT), PALE)
    cell.paste(image.convert("RGB").resize(size, Image.Resampling.BILINEAR), (0, 0))
    return cell


def _spectrogram(_clean: NDArray[Any], value: NDArray[Any]) -> Image.Image:
    mono = np.pad(value.mean(axis=1).astype(np.float64), (0, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), axis=1)) ** 2
    level = 10 * np.log10(np.maximum(power / (WINDOW / 4) ** 2, 10 ** (FLOOR_DB / 10)))
    grey = np.clip(255 * (1 - level / FLOOR_DB), 0, 255).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(grey.T[::-1]))
    return image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR).convert("RGB")


def _text(clean: str, value: str) -> Image.Image:
    """The corrupted text word by word, compared with the clean one."""
    before, after = clean.split(), value.split()
    words: list[tuple[str, tuple[int, int, int]]] = []
    same = SequenceMatcher(None, before, after, autojunk=False)
    for what, i, j, k, m in same.get_opcodes():
        if what == "equal":
            words += [(word, INK) for word in after[k:m]]
        else:
            words += [(word, LOST) for word in before[i:j]]
            words += [(word, GAINED) for word in after[k:m]]
    return _written(words)


def _row(clean: NDArray[Any], value: NDArray[Any]) -> Image.Image:
    pairs = zip(clean.tolist(), value.tolist(), strict=True)
    return _written([(_short(b), INK if a == b else GAINED) for a, b in pairs])


def _written(words: Sequence[tuple[str, tuple[int, int, int]]]) -> Image.Image:
    cell = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    pen, font = ImageDraw.Draw(cell), _font(12)
    across, down = 4.0, 4.0
    for word, colour in words:
        wide = pen.textlength(f"{word} ", font)
        if across + wide > WIDTH and across > 4:
            across, down = 4.0, down + 15
        if down > HEIGHT - 34:
            break
        pen.text((across, down), word, colour, font)
        across += wide
    return cell


def _curves(clean: NDArray[Any], value: NDArray[Any]) -> Image.Image:
    cell = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    pen = ImageDraw.Draw(cell)
    known = clean[np.isfinite(clean)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    margin = max(high - low, 1e-9) * 0.5
    for channel in value.reshape(len(value), -1).T[:4]:
        x = np.linspace(4, WIDTH - 4, len(channel))
        y = (high + margin - channel) / (high - low + 2 * margin) * HEIGHT
        y = np.clip(np.where(np.isfinite(y), y, 0), 0, HEIGHT)
        pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), INK)
    return cell


def _short(value: Any) -> str:
    return "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _across(place: int) -> int:
    return EDGE + place * (WIDTH + EDGE)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


SHOWN: dict[str, Callable[[Any, Any], Image.Image]] = {
    "image": _picture,
    "audio": _spectrogram,
    "text": _text,
    "table": _row,
    "series": _curves,
    "vector": _curves,
}
