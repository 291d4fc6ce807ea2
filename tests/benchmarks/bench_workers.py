"""`mmaudit corrupt` of JPEG files with one worker and with two: seconds on the clock, in turns.

The whole command is timed, its start included, on every corruption of ImageNet-C at severity 3,
JPEG in and JPEG out in Parquet shards. Nothing else may run on the machine:

    python tests/benchmarks/bench_workers.py --files 16000 --folder /dev/shm
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from mmaudit.corruptions.groups import SUBSETS

NAMES = (*SUBSETS["common"], *SUBSETS["validation"])
DIFFERENT = 1000  # pictures; a larger set names each several times
MANIFEST = """schema = 1
name = "pictures"
[source]
path = "NAME.csv"
id = "id"
[modality.image]
kind = "image"
column = "file_name"
"""


def dataset(folder, name, files, size):
    """A manifest of JPEG files with edges, smooth parts and grain, as photographs have."""
    pictures = folder / "images"
    if not pictures.exists():
        pictures.mkdir()
        rng = np.random.default_rng(0)
        for i in range(DIFFERENT):
            coarse = rng.integers(0, 256, (size // 16, size // 16, 3), np.uint8)
            smooth = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
            grain = rng.normal(0, 6, smooth.shape)
            cv2.imwrite(f"{pictures}/{i}.jpg", np.clip(smooth + grain, 0, 255).astype(np.uint8))
    rows = "".join(f"{i},images/{i % DIFFERENT}.jpg\n" for i in range(files))
    (folder / f"{name}.csv").write_text("id,file_name\n" + rows)
    path = folder / f"{name}.toml"
    path.write_text(MANIFEST.replace("NAME", name))
    return path


def seconds(manifest, part, workers):
    with TemporaryDirectory(dir=manifest.parent) as out:
        command = [sys.executable, "-m", "mmaudit", "corrupt", manifest, Path(out, "out")]
        command += ["--apply", f"{part}:3", "--workers", str(workers), "--format", "parquet"]
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=16_000)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--folder", help="where files are made and removed")
    parser.add_argument("--only", help="corruptions, separated by commas")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else NAMES
    sums = np.zeros(2)
    with TemporaryDirectory(dir=options.folder) as made:
        few = dataset(Path(made), "few", 10, options.size)
        many = dataset(Path(made), "many", options.files, options.size)
        for name in names:
            seconds(few, name, 1)  # whatever is compiled is compiled here
            one, two = (seconds(many, name, workers) for workers in (1, 2))
            sums += one, two
            print(f"{name:24s} {one:6.1f} s {two:6.1f} s {one / two:.2f}x", flush=True)
    print(f"{'together':24s} {sums[0]:6.1f} s {sums[1]:6.1f} s {sums[0] / sums[1]:.2f}x")


if __name__ == "__main__":
    main()
