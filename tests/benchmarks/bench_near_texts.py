"""Near copies of texts beside datasketch: what each finds of planted ones, and what a text costs.

    PYTHONPATH=. OMP_NUM_THREADS=1 python tests/benchmarks/bench_near_texts.py DATASET TEXT

DATASET is a manifest, TEXT its modality of texts. One text of ten is planted again with three
typing errors. datasketch has as many hashes of the same stretches of three characters; what it
calls alike at .5 is verified by our rule too, so that what differs is what each brings to it. CPU
time of one core, fingerprints and search apart.
"""

import sys
import time

import numpy as np
from datasketch import MinHash, MinHashLSH

from mmaudit.fingerprints.text import FINGERPRINT, HASHES, SHINGLE, letters
from mmaudit.measures.data.copies import candidates
from mmaudit.samples import dataset as data

THRESHOLD, EVERY, ERRORS = 0.5, 10, 3
LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def mistyped(text, rng):
    """A text with a letter replaced, one put in and two swapped."""
    signs = list(text)
    one, two, three = sorted(rng.choice(len(signs) - 1, ERRORS, replace=False).tolist())
    signs[three], signs[three + 1] = signs[three + 1], signs[three]
    signs[two] = str(rng.choice(LETTERS))
    signs.insert(one, str(rng.choice(LETTERS)))
    return "".join(signs)


def ours(texts):
    """Seconds of fingerprints and of the search, and the pairs that are close."""
    start = time.process_time()
    packed = np.frombuffer(b"".join(FINGERPRINT.take(t, 0.0) for t in texts), np.uint8)
    packed, printed = packed.reshape(len(texts), -1), time.process_time()
    pairs = set()
    for one, other in candidates(FINGERPRINT.stored(packed), FINGERPRINT.wanted(packed)):
        close = FINGERPRINT.close(packed, one, other)
        pairs |= set(zip(one[close].tolist(), other[close].tolist(), strict=True))
    return printed - start, time.process_time() - printed, pairs


def theirs(texts):
    """The same of datasketch."""
    start, hashes = time.process_time(), []
    for text in texts:
        plain, each = letters(text), MinHash(num_perm=HASHES)
        each.update_batch(
            {plain[i : i + SHINGLE].encode() for i in range(len(plain) - SHINGLE + 1)}
        )
        hashes.append(each)
    printed, pairs = time.process_time(), set()
    index = MinHashLSH(threshold=THRESHOLD, num_perm=HASHES)
    for i, each in enumerate(hashes):
        pairs |= {(other, i) for other in index.query(each)}
        index.insert(i, each)
    return printed - start, time.process_time() - printed, pairs


def main(manifest, modality):
    dataset = data.open(manifest)
    texts = [t for t in dataset.cells(modality, range(len(dataset))).to_pylist() if t]
    texts = [t for t in dict.fromkeys(texts) if len(letters(t)) > 20]
    rng, n = np.random.default_rng(0), len(texts)
    planted = {(i, n + k) for k, i in enumerate(range(0, n, EVERY))}
    texts += [mistyped(texts[i], rng) for i in range(0, n, EVERY)]
    ours(texts[:100])  # kernels are compiled
    print(f"{n} texts, {len(planted)} planted")
    print("| who | fingerprint, µs a text | search, µs a text | candidates | found | and others |")
    print("|---|---|---|---|---|---|")
    for name, work in (("inspect", ours), ("datasketch", theirs)):
        printed, searched, pairs = work(texts)
        right = {p for p in pairs if FINGERPRINT.same(texts[p[0]], 0.0, texts[p[1]], 0.0)}
        each = [1e6 * seconds / len(texts) for seconds in (printed, searched)]
        share = len(right & planted) / len(planted)
        print(
            f"| {name} | {each[0]:.1f} | {each[1]:.1f} | {len(pairs):,} | {share:.3f} "
            f"| {len(right - planted)} |"
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
