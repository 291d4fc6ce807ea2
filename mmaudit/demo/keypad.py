"""The keypad dataset: a pressed key as a picture, a tone and a few words, with known truth.

The pictures are scikit-learn's 1,797 real handwritten digits. The tone is the key's dual-tone
multi-frequency signal, 0.2 s at 8 kHz in noise. The text names the digit, or says only part of
it. On worn keys one of the two frequencies is silent, so the tone narrows the digit down to its
row or its column of the keypad: together with a partial text it may still tell (synergy), and a
clear picture tells alone (redundancy). Some pictures are smudged, so quality varies from sample to
sample. Which case a sample is, is written in its columns.

References:
    ITU-T Recommendation Q.23, the frequencies of push-button telephones
    Alpaydin and Kaynak 1998, "Cascading classifiers" (the digits; UCI, CC BY 4.0)
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from sklearn.datasets import load_digits

from mmaudit.seeds import Words, words

RATE = 8000
SECONDS = 0.2
SIDE = 32  # pixels
SNR_DB = 0.0
SMUDGED = 0.3  # share of pictures
SMUDGE = 140.0  # standard deviation of the noise on them, of 255
LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0)
KEYS = {1: (0, 0), 2: (0, 1), 3: (0, 2), 4: (1, 0), 5: (1, 1), 6: (1, 2), 7: (2, 0), 8: (2, 1)}
KEYS |= {9: (2, 2), 0: (3, 1)}
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPLITS = (("train", 0.6), ("validation", 0.8), ("test", 1.0))
MANIFEST = """\
schema = 1
name = "keypad"

[source]
path = "metadata.csv"
id = "id"
split = "split"
slices = ["picture", "text_tells", "tone_tells"]

[modality.image]
kind = "image"
column = "image_file_name"

[modality.audio]
kind = "audio"
column = "audio_file_name"
sample_rate = 8000

[modality.text]
kind = "text"
column = "text"

[target]
column = "digit"
kind = "class"
classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
"""


@dataclass(frozen=True, slots=True)
class Key:
    """One pressed key.

    Attributes:
        id: Its id, ``key-0000``.
        digit: Which key.
        split: ``train``, ``validation`` or ``test``.
        text: What was said of it.
        text_tells: ``all``, or ``part`` where the text fits several digits.
        tone_tells: ``all``, or ``row`` or ``column`` of the keypad.
        picture: ``clear`` or ``smudged``.
    """

    id: str
    digit: int
    split: str
    text: str
    text_tells: str
    tone_tells: str
    picture: str


def make(folder: Path, seed: int = 0) -> Path:
    """Write the dataset and return its manifest.

    Args:
        folder: Where ``dataset.toml``, ``metadata.csv``, ``images/`` and ``audio/`` go.
        seed: Seed of texts, worn keys and the noise.
    """
    for name in ("images", "audio"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    digits = load_digits()
    rows = []
    for index, (levels, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
        drawn = words(seed, "keypad", f"key-{index:04d}")
        key = _key(f"key-{index:04d}", int(digit), drawn)
        image, audio = f"images/{key.id}.png", f"audio/{key.id}.wav"
        cv2.imwrite(str(folder / image), _picture(key, levels, drawn))
        wavfile.write(folder / audio, RATE, _tone(key, drawn))
        values = [key.text, key.digit, key.split, key.picture, key.text_tells, key.tone_tells]
        rows.append([key.id, image, audio, *values])
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        head = ["id", "image_file_name", "audio_file_name", "text", "digit", "split"]
        writer.writerow([*head, "picture", "text_tells", "tone_tells"])
        writer.writerows(rows)
    manifest = folder / "dataset.toml"
    manifest.write_text(MANIFEST, "utf-8")
    return manifest


def _key(id: str, digit: int, drawn: Words) -> Key:
    wording, worn, place, touched = drawn.uniforms(4, stream=0)
    split = next(name for name, end in SPLITS if place < end)
    text, tells = _text(digit, float(wording), drawn)
    tone = "all" if worn < 0.4 else "row" if worn < 0.7 else "column"
    picture = "smudged" if touched < SMUDGED else "clear"
    return Key(id, digit, split, text, tells, tone, picture)


def texts(digit: int) -> tuple[str, ...]:
    """All that is true of a digit: in words, in figures, and three descriptions of several."""
    parity = "an even digit" if digit % 2 == 0 else "an odd digit"
    size = "above five" if digit > 5 else "below five" if digit < 5 else "in the middle"
    name = f"a {NAMES[digit]}" if digit != 8 else "an eight"
    return name, str(digit), f"{parity} {size}", parity, f"a digit {size}"


def _text(digit: int, wording: float, drawn: Words) -> tuple[str, str]:
    """The digit in words or figures, or a description that fits several digits."""
    name, figure, *vague = texts(digit)
    if wording < 0.4:
        return name if wording < 0.2 else figure, "all"
    return vague[int(drawn.integers(1, len(vague), stream=1)[0])], "part"


def _picture(key: Key, levels: NDArray[np.float64], drawn: Words) -> NDArray[np.uint8]:
    """The 8 x 8 picture of 17 grey levels, smudged or not, enlarged."""
    small = levels * (255 / 16)
    if key.picture == "smudged":
        small = small + SMUDGE * drawn.normals(levels.size, stream=3).reshape(levels.shape)
    grey = np.rint(np.clip(small, 0, 255)).astype(np.uint8)
    return cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def _tone(key: Key, drawn: Words) -> NDArray[np.int16]:
    """Two sines of equal power in white noise, 16 bit."""
    row, column = KEYS[key.digit]
    time = np.arange(round(RATE * SECONDS)) / RATE
    low, high = (np.sin(2 * np.pi * hz * time) for hz in (LOW_HZ[row], HIGH_HZ[column]))
    clean = {"all": low + high, "row": low, "column": high}[key.tone_tells] * 0.25
    noise = drawn.normals(time.size, stream=2)
    gain = np.sqrt(np.mean(clean**2) / np.mean(noise**2) / 10 ** (SNR_DB / 10))
    return np.rint(np.clip(clean + gain * noise, -1, 1) * 32767).astype(np.int16)
