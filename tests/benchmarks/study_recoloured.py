"""Near copies of drawings whose parts have other colours: what is found, and what is called so.

By hand; nothing of it is committed. Needed: the emoji of shared/data, and a folder of photos.

    PYTHONPATH=.:tests/fingerprints:tests/kits python tests/benchmarks/study_recoloured.py PHOTOS

The yellow parts of pictures of people and hands are given each of five tones. Printed: the share of
(picture, tone) that is found; of all pairs of emoji, how many are called near copies that have the
same name but for words of colours, and how many that do not; and near copies among the photos and
among drawn scenes, which are strangers all.
"""

import re
import sys
from pathlib import Path

import cv2
from test_fingerprints import scene
from test_recoloured_pictures import EMOJI, TONES, near, people, recoloured

from mmaudit.samples import dataset
from mmaudit.samples.decode import column

COLOURS = "light blue|white|black|red|blue|green|yellow|orange|purple|brown|pink|grey|blond|large"


def colourless(name):
    """A name without its words of colours; the closed book is the red one of four."""
    some = re.sub(rf"\b({COLOURS})\b", "", name.replace("closed book", "book"))
    return " ".join(some.split())


def main(photos):
    data = dataset.open(EMOJI)
    names = data.cells("text", range(len(data.rows))).to_pylist()
    pictures, _ = column(data.cells("image", range(len(names))), "image", data.shape("image"))
    some = [pictures[i] for i in people(names, pictures)]
    for tone in TONES:
        pairs = near(some + [recoloured(picture, tone)[0] for picture in some])
        share = sum((i, i + len(some)) in pairs for i in range(len(some))) / len(some)
        print(f"tone {tone}: {share:.3f} of {len(some)}", flush=True)
    bare = [colourless(name) for name in names]
    pairs = near(pictures)
    of_colours = sum(bare[a] == bare[b] for a, b in pairs)
    every = sum(bare[a] == bare[b] for a in range(len(bare)) for b in range(a))
    print(f"emoji: {of_colours} of {every} of other colours; {len(pairs) - of_colours} others")
    paths = sorted(p for p in Path(photos).iterdir() if p.suffix.lower() in {".jpg", ".png"})
    for title, values in (
        ("photos", [cv2.imread(str(path))[..., ::-1].copy() for path in paths]),
        ("scenes", [scene(seed) for seed in range(600)]),
    ):
        print(f"{title}: {len(near(values))} pairs of {len(values)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
