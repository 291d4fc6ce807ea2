"""Pairs of pictures and texts that were held out, of which one in ten does not belong together."""

import csv
from pathlib import Path

import numpy as np

from mmaudit.demo import keypad
from mmaudit.seeds import digests, permanent, words

SHARE = 0.1  # of the texts that are wrong
TRUTH = "mismatched"
COLUMNS = ("id", "image_file_name", "text", "picture", "text_tells")
MANIFEST = """\
schema = 1
name = "keypad pairs"

[source]
path = "pairs.csv"
id = "id"
slices = ["picture", "text_tells"]

[modality.image]
kind = "image"
column = "image_file_name"

[modality.text]
kind = "text"
column = "text"
"""


def make(folder: Path, seed: int = 0) -> Path:
    """Write the pairs beside the keypad dataset and return their manifest.

    They are the samples of its splits ``validation`` and ``test``. A tenth of them, chosen by
    permanent random numbers of their ids, say what another one of them says and what is false of
    their own digit: a description that happens to fit would be no mismatch. The column
    ``mismatched`` says which.

    Args:
        folder: Where `keypad.make` wrote the dataset.
        seed: Seed of the choice.
    """
    with (folder / "metadata.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] != "train"]
    keys = permanent(digests(seed, "keypad pairs", [row["id"] for row in rows]))[:, 0]
    wrong = set(np.argsort(keys, kind="stable")[: round(SHARE * len(rows))].tolist())
    with (folder / "pairs.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, TRUTH])
        for number, row in enumerate(rows):
            donor = _donor(rows, row, seed) if number in wrong else row
            said = {**row, "text": donor["text"], "text_tells": donor["text_tells"]}
            writer.writerow([*(said[name] for name in COLUMNS), str(number in wrong).lower()])
    manifest = folder / "pairs.toml"
    manifest.write_text(MANIFEST, "utf-8")
    return manifest


def _donor(rows: list[dict[str, str]], row: dict[str, str], seed: int) -> dict[str, str]:
    """A row whose text is false of another row's digit."""
    fitting = keypad.texts(int(row["digit"]))
    others = [other for other in rows if other["text"] not in fitting]
    drawn = words(seed, "keypad pairs/donor", row["id"])
    return others[int(drawn.integers(1, len(others))[0])]
