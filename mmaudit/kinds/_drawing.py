"""Small drawings of values for previews: pictures, words one after the other, and curves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

INK, LOST, GAINED = (20, 20, 20), (190, 30, 30), (20, 110, 40)
PAPER, PALE = (255, 255, 255), (245, 245, 245)
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
POINTS, LINE, INDENT, BOTTOM = 12, 15, 4.0, 34  # of letters, and pixels of a line and its margins
CURVES = 4  # channels that are drawn at most

Size = tuple[int, int]  # width, height in pixels
Word = tuple[str, tuple[int, int, int]]  # and its colour


def picture(pixels: NDArray[Any], size: Size) -> Image.Image:
    """A picture as large as there is room for, of 16 bits the upper 8."""
    narrow = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    plain = narrow[..., 0] if narrow.shape[2] == 1 else narrow
    image = Image.fromarray(np.ascontiguousarray(plain), MODES[narrow.shape[2]])
    scale = min(size[0] / image.width, size[1] / image.height)
    fitting = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    cell = Image.new("RGB", size, PALE)
    cell.paste(image.convert("RGB").resize(fitting, Image.Resampling.BILINEAR), (0, 0))
    return cell


def words(listed: Sequence[Word], size: Size) -> Image.Image:
    """Words in their colours, as many as there is room for."""
    width, height = size
    cell = Image.new("RGB", size, PAPER)
    pen, font = ImageDraw.Draw(cell), ImageFont.load_default(POINTS)
    across, down = INDENT, INDENT
    for word, colour in listed:
        wide = pen.textlength(f"{word} ", font)
        if across + wide > width and across > INDENT:
            across, down = INDENT, down + LINE
        if down > height - BOTTOM:
            break
        pen.text((across, down), word, colour, font)
        across += wide
    return cell


def curves(clean: NDArray[Any], value: NDArray[Any], size: Size) -> Image.Image:
    """Channels as lines, in the range of the clean value and half of it on each side."""
    width, height = size
    cell = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(cell)
    finite = clean[np.isfinite(clean)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    margin = max(high - low, 1e-9) * 0.5
    for channel in value.reshape(len(value), -1).T[:CURVES]:
        x = np.linspace(4, width - 4, len(channel))
        y = (high + margin - channel) / (high - low + 2 * margin) * height
        y = np.clip(np.where(np.isfinite(y), y, 0), 0, height)
        pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), INK)
    return cell
