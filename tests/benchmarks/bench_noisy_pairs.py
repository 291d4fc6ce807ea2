"""What noisy pairs costs, in CPU seconds of one thread.

    OMP_NUM_THREADS=1 python tests/benchmarks/bench_noisy_pairs.py [pairs|combined|neighbours|mixture|encoder]

`pairs`: similarity, its exact null, both nulls' statistics of 1,000,000 pairs in 512 dimensions
(memory-mapped). `combined`: the default method on 50,000 and 100,000 pairs against a reference of
50,000, so that its cost at a million can be told. `neighbours`: by blocks and by faiss.
`mixture`: the split of 10,000,000 losses beside scikit-learn's. `encoder`: open_clip's ViT-B/32 on
JPEG files, through the audit's own reading, beside a bare loop of both towers over tensors that are
ready; with one torch thread, and with as many as torch takes (so run this one without OMP_NUM_THREADS).
"""

import json
import sys
import threading
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


class Anonymous:
    """The most memory of its own that the process had meanwhile, without mapped files, in GiB."""

    def __enter__(self):
        self.peak, self.over = 0.0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def watch(self):
        while not self.over.wait(0.05):
            told = Path("/proc/self/status").read_text()
            own = next(int(x.split()[1]) for x in told.splitlines() if x.startswith("RssAnon"))
            self.peak = max(self.peak, own / 2**20)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def pairs(method="similarity", n=N):
    from mmaudit.measures.pairs.evidence.statistics import statistics
    from mmaudit.measures.pairs.nulls import Pairs
    from mmaudit.measures.pairs.study import study

    with TemporaryDirectory() as folder:
        left, right = embeddings(folder, n)
        study(Pairs(left=left[:500], right=right[:500], group=np.arange(500)), "similarity", 0)

        def work():
            found = study(Pairs(left=left, right=right, group=np.arange(n)), method, 0)
            for against in (found.random, found.hard):
                told = statistics(found, against)
            return told

        with Anonymous() as memory:
            _, cpu, wall = clocked(work)
    print(
        f"{method}: {n:,} pairs, d = {D}: {cpu:.1f} s CPU, {wall:.1f} s, "
        f"{memory.peak:.1f} GiB beside the mapped embeddings"
    )


def neighbours(n=50_000):
    """Nearest of one side among all of 50,000, by blocks and by faiss in turn."""
    from mmaudit.measures.pairs import neighbours as exact

    with TemporaryDirectory() as folder:
        values, rows = embeddings(folder, n)[0], np.arange(n)
        exact.nearest(values[:2000], rows[:2000])
        for faiss in [False, True] * 2 if exact.installed() else [False]:
            _, cpu, _ = clocked(lambda faiss=faiss: exact.nearest(values, rows, faiss=faiss))
            way = "faiss" if faiss else "blocks"
            print(
                f"neighbours by {way}: {n:,} of {n:,}: {cpu:.1f} s CPU, {cpu * N / n:.0f} s a million"
            )


def mixture(n=10_000_000):
    from sklearn.mixture import GaussianMixture

    from mmaudit.measures.pairs import mixture as binned

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


B32 = {
    "embed_dim": 512,
    "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 512,
        "heads": 8,
        "layers": 12,
    },
}


def photos(folder, n):
    """JPEG files of 500 x 375 with captions, as photo collections have them, and their manifest."""
    import cv2
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(0)
    for k in range(n):
        small = rng.integers(0, 256, (47, 63, 3), np.uint8)
        large = cv2.resize(small, (500, 375), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(f"{folder}/{k}.jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 90])
    texts = [f"a photo with the number {k} of a dog that runs after a ball" for k in range(n)]
    files = [f"{k}.jpg" for k in range(n)]
    table = pa.table({"id": [str(k) for k in range(n)], "image": files, "text": texts})
    parquet.write_table(table, f"{folder}/data.parquet")
    path = Path(folder) / "dataset.toml"
    path.write_text(
        'schema = 1\nname = "bench"\n[source]\npath = "data.parquet"\nid = "id"\n'
        '[modality.image]\nkind = "image"\ncolumn = "image"\n'
        '[modality.text]\nkind = "text"\ncolumn = "text"\n'
    )
    return path, texts


class Watched:
    """An encoder that notes how long it waited for each batch."""

    def __init__(self, encoder, waits):
        self.encoder, self.waits, self.since = encoder, waits, 0.0

    def __getattr__(self, name):
        return getattr(self.encoder, name)

    def encode(self, *args):
        self.waits.append(time.perf_counter() - self.since)
        try:
            return self.encoder.encode(*args)
        finally:
            self.since = time.perf_counter()


def encoder(n=96, batch=16, rounds=2):
    """ViT-B/32 with random weights: the audit's reading beside a bare loop, at equal threads."""
    import cv2
    import torch
    from safetensors.torch import save_file

    from mmaudit.audits.noisy_pairs import sides
    from mmaudit.audits.noisy_pairs.encoders import opened
    from mmaudit.models.access import PERSON, Access
    from mmaudit.models.towers import from_config
    from mmaudit.samples.dataset import open as open_dataset

    with TemporaryDirectory() as folder:
        config, weights = f"{folder}/config.json", f"{folder}/weights.safetensors"
        Path(config).write_text(json.dumps(B32))
        state = from_config(config).module.state_dict()
        save_file({k: v.contiguous() for k, v in state.items()}, weights)
        manifest, texts = photos(folder, n)
        dataset = open_dataset(manifest)
        encoder = opened(f"openclip:{config}@{weights}", Access(named_by=PERSON))
        loaded = encoder.models["image"]
        towers, device = loaded.model.towers, loaded.info.device
        some = [cv2.imread(f"{folder}/{k}.jpg")[..., ::-1] for k in range(batch)]
        pixels = towers.numbers(towers.pixels(some)).to(device)
        tokens = towers.tokenise(texts[:batch]).to(device)

        def bare():
            with torch.inference_mode():
                for _ in range(n // batch):
                    towers.module.encode_image(pixels, normalize=True).cpu()
                    towers.module.encode_text(tokens, normalize=True).cpu()

        waits = []
        watched = Watched(encoder, waits)

        def whole(workers):
            waits.clear()
            watched.since = time.perf_counter()
            sides.embedded(dataset, ("image", "text"), watched, batch=batch, workers=workers)

        print(f"encoder: ViT-B/32 on {device}, {n} JPEG of 500 x 375, batches of {batch}")
        for threads, workers in ((1, 1), (torch.get_num_threads(), 2)):
            torch.set_num_threads(threads)
            bare()
            for _ in range(rounds):
                _, cpu, wall = clocked(bare)
                _, cpu_whole, wall_whole = clocked(lambda workers=workers: whole(workers))
                print(
                    f"  {threads} torch threads, {workers} that decode: bare {n / wall:.1f} pairs/s, "
                    f"audit {n / wall_whole:.1f}: {wall / wall_whole:.1%} of its throughput; "
                    f"CPU {cpu:.2f} s and {cpu_whole:.2f} s: {cpu / cpu_whole:.1%}; the encoder waits "
                    f"{waits[0]:.2f} s for its first batch, {sum(waits[1:]):.3f} s for the others"
                )


if __name__ == "__main__":
    asked = sys.argv[1:] or ["pairs", "combined", "neighbours", "mixture", "encoder"]
    if "pairs" in asked:
        pairs()
    if "combined" in asked:
        pairs("combined", 50_000)
        pairs("combined", 100_000)
    if "neighbours" in asked:
        neighbours()
    if "mixture" in asked:
        mixture()
    if "encoder" in asked:
        encoder()
