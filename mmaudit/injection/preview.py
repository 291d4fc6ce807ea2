"""Preview: a contact sheet of a few samples, clean and at every severity, one line a sample."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mmaudit.corruptions.base import SEVERITIES
from mmaudit.corruptions.sizes import sized
from mmaudit.errors import UsageError
from mmaudit.injection.prepare import Preparation
from mmaudit.injection.steps import Step
from mmaudit.injection.values import corrupt_values
from mmaudit.kinds.base import load_kind

SAMPLES = 3
WIDTH, HEIGHT, EDGE = 220, 150, 6
HEAD, TITLE = 26, 18
INK, GREY, PALE = (20, 20, 20), (110, 110, 110), (245, 245, 245)


def sheet(prepared: Preparation) -> Image.Image:
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
        head = "clean" if place == 0 else f"severity {place}"
        pen.text((_across(place) + 4, 6), head, INK, _font(13))
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


def _lines(prepared: Preparation, step: Step) -> list[tuple[str, list[Image.Image]]]:
    work = prepared.work
    dataset = work.dataset.select(limit=SAMPLES, seed=work.seed)
    kind = load_kind(dataset.kinds[step.modality])
    cells = dataset.cells(step.modality, range(len(dataset)))
    values, _ = kind.column(cells, dataset.shape(step.modality))
    ids = dataset.column("id").to_pylist()
    rows = np.searchsorted(work.dataset.rows, dataset.rows)
    there = np.array([i for i, value in enumerate(values) if value is not None], np.int64)
    levels = [list(values)] + [[None] * len(values) for _ in range(SEVERITIES)]
    for severity in range(1, SEVERITIES + 1):
        for at, part, _ in sized(step.part, severity, there, values, scale=work.scale_with_size):
            worse, _ = corrupt_values(
                [values[i] for i in at],
                [ids[i] for i in at],
                corruption=step.name,
                modality=step.modality,
                severity=severity,
                seed=work.seed,
                context=work.surroundings[step.modality].contexts(step, rows[at]),
                dose=False,
                part=part,
            )
            for i, value in zip(at, worse, strict=True):
                levels[severity][i] = value
    draw = kind.preview
    return [
        (f"{step.name}  {ids[i]}", [draw(clean, level[i], (WIDTH, HEIGHT)) for level in levels])
        for i, clean in enumerate(values)
        if clean is not None and draw is not None
    ]


def _across(place: int) -> int:
    return EDGE + place * (WIDTH + EDGE)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)
