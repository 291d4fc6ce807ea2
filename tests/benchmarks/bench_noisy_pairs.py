"""What noisy pairs costs, in CPU seconds of one thread.

    OMP_NUM_THREADS=1 python tests/benchmarks/bench_noisy_pairs.py [pairs|combined|mixture|encoder]

`pairs`: similarity, its exact null, both nulls' statistics of 1,000,000 pairs in 512 dimensions
(memory-mapped). `combined`: the default method on 100,000 pairs against a reference of 50,000.
`mixture`: the split of 10,000,000 losses beside scikit-learn's. `encoder`: an open_clip model
through the audit's own reading beside a bare loop over tensors that are ready.
"""

import json
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

N, D = 1_000_000, 512
ROWS = 50_000


def embeddings(folder, n, d=D):
    """Two memory-mapped sides with one pair in ten mismatched."""
    rng = np.random.default_rng(0)
    paths = [Path(folder) / f"{side}.npy" for side in ("left", "right")]
    sides = [np.lib.format.open_memmap(p, "w+", np.float32, (n, d)) for p in paths]
    for start in range(0, n, ROWS):
        size = min(ROWS, n - start)
        item = rng.standard_normal((size, d), np.float32) + np.float32(0.3)
        other = np.where(
            rng.random((size, 1)) < 0.1, rng.standard_normal((size, d), np.float32), item
        )
        for side, base in zip(sides, (item, other), strict=True):
            rows = base + np.float32(1.1) * rng.standard_normal((size, d), np.float32)
            side[start : start + size] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return [np.load(p, mmap_mode="r") for p in paths]


def clocked(work):
    cpu, wall = time.process_time(), time.perf_counter()
    answer = work()
    return answer, time.process_time() - cpu, time.perf_counter() - wall


def pairs(method="similarity", n=N):
    from mmaudit.measures.pair_nulls import Pairs
    from mmaudit.measures.pair_statistics import statistics
    from mmaudit.measures.pair_study import study
    from mmaudit.seeds import words

    with TemporaryDirectory() as folder:
        left, right = embeddings(folder, n)
        study(Pairs(left=left[:500], right=right[:500], group=np.arange(500)), "similarity", 0)

        def work():
            found = study(Pairs(left=left, right=right, group=np.arange(n)), method, 0)
            draw = words(0, "bench")
            for against in (found.random, found.hard):
                told = statistics(found.score, against, found.unit, draw)
            return told

        _, cpu, wall = clocked(work)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{method}: {n:,} pairs, d = {D}: {cpu:.1f} s CPU, {wall:.1f} s, peak {peak:.1f} GiB")


def mixture(n=10_000_000):
    from sklearn.mixture import GaussianMixture

    from mmaudit.measures import mixture as binned

    rng = np.random.default_rng(0)
    losses = np.where(rng.random(n) < 0.3, rng.normal(3, 0.7, n), rng.normal(1, 0.4, n))

    def ours():
        counted = binned.histogram(losses)
        fit = binned.gaussian(counted)
        return fit, binned.clean_probability(counted, fit, losses)

    def theirs():
        scaled = ((losses - losses.min()) / (losses.max() - losses.min()))[:, None]
        fit = GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=0).fit(scaled)
        return fit, fit.predict_proba(scaled)

    binned.gaussian(binned.histogram(losses[:1000]))
    (fit, _), mine, _ = clocked(ours)
    (other, _), his, _ = clocked(theirs)
    gap = np.abs(fit.means - np.sort(other.means_.ravel())).max()
    print(
        f"mixture of {n:,} losses: {mine:.2f} s against {his:.1f} s, {his / mine:.0f} times; means differ by {gap:.1e}"
    )


def encoder(n=512, batch=64):
    import pyarrow as pa
    import torch
    from PIL import Image
    from pyarrow import parquet
    from safetensors.torch import save_file

    from mmaudit.audits._pairs.sides import from_encoder
    from mmaudit.models import torchvision
    from mmaudit.models.load import load
    from mmaudit.samples.dataset import open as open_dataset

    torchvision.ensure()
    from open_clip.model import CLIP

    config = {
        "embed_dim": 512,
        "vision_cfg": {"image_size": 224, "layers": 12, "width": 384, "patch_size": 32},
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 256,
            "heads": 4,
            "layers": 6,
        },
    }
    rng = np.random.default_rng(0)
    with TemporaryDirectory() as name:
        folder = Path(name)
        with torch.random.fork_rng():
            module = CLIP(**config).eval()
        (folder / "config.json").write_text(json.dumps(config))
        save_file(
            {k: v.contiguous() for k, v in module.state_dict().items()}, folder / "w.safetensors"
        )
        files = []
        for k in range(n):
            pixels = rng.integers(0, 255, (30, 40, 3), np.uint8)
            Image.fromarray(pixels).resize((320, 240)).save(folder / f"{k}.jpg", quality=90)
            files.append(f"{k}.jpg")
        texts = [f"a picture with the number {k}" for k in range(n)]
        table = pa.table({"id": [str(k) for k in range(n)], "image": files, "text": texts})
        parquet.write_table(table, folder / "data.parquet")
        (folder / "dataset.toml").write_text(
            'schema = 1\nname = "bench"\n[source]\npath = "data.parquet"\nid = "id"\n'
            '[modality.image]\nkind = "image"\ncolumn = "image"\n'
            '[modality.text]\nkind = "text"\ncolumn = "text"\n'
        )
        dataset = open_dataset(folder / "dataset.toml")
        loaded = load(f"openclip:{folder}/config.json@{folder}/w.safetensors", device="auto")
        model = loaded.model
        pixels = np.zeros((240, 320, 3), np.uint8)
        ready = {
            "image": model.prepare("image", [pixels] * batch),
            "text": model.prepare("text", texts[:batch]),
        }
        there = {m: np.ones(batch, bool) for m in ready}

        def bare():
            for _ in range(n // batch):
                model.scores(ready, there)

        def whole():
            from_encoder(dataset, ("image", "text"), loaded, batch=batch, workers=2)

        model.scores(ready, there)
        for _ in range(2):
            _, cpu, wall = clocked(bare)
            _, cpu_whole, wall_whole = clocked(whole)
            print(
                f"encoder: bare loop {n / wall:.0f} pairs/s, through the audit {n / wall_whole:.0f} "
                f"({wall / wall_whole:.0%}; CPU {cpu:.1f} s and {cpu_whole:.1f} s)"
            )


if __name__ == "__main__":
    asked = sys.argv[1:] or ["pairs", "combined", "mixture", "encoder"]
    if "pairs" in asked:
        pairs()
    if "combined" in asked:
        pairs("combined", 100_000)
    if "mixture" in asked:
        mixture()
    if "encoder" in asked:
        encoder()
