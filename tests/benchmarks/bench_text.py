"""Text corruptions against nlpaug 1.1.11: thread CPU time on one core, both in one process.

    pip install nlpaug==1.1.11 gdown          # in a scratch environment beside mmaudit
    OMP_NUM_THREADS=1 python tests/benchmarks/bench_text.py [texts]

Texts are captions of 8 to 14 words; the word rate is 0.15 on both sides. nlpaug gets the whole
list in one call. mmaudit's "batch" is from strings to strings for given keys; "keys" is what hashing
the ids to keys takes, which nlpaug, whose output is not a function of the sample, does not do.
"One by one" calls ``apply`` for each text with its words made from the id.
"""

import sys
import time

import nlpaug.augmenter.char as nac
import nlpaug.augmenter.word as naw
import numpy as np

from mmaudit import parts
from mmaudit.seeds import digests, words

WORDS = [
    "a",
    "man",
    "in",
    "red",
    "jacket",
    "the",
    "dog",
    "runs",
    "across",
    "green",
    "field",
    "two",
    "children",
    "playing",
    "with",
    "ball",
    "near",
    "street",
    "small",
    "black",
    "white",
    "young",
    "woman",
    "standing",
    "on",
    "beach",
    "people",
    "walking",
    "down",
    "city",
    "old",
    "wooden",
    "bench",
    "blue",
    "shirt",
    "holding",
    "large",
    "umbrella",
]
WORD, CHARACTER = 0.15, 0.3
PAIRS = {
    "keyboard": nac.KeyboardAug(aug_word_p=WORD, aug_char_p=CHARACTER),
    "ocr": nac.OcrAug(aug_word_p=WORD, aug_char_p=CHARACTER),
    "char_insert": nac.RandomCharAug("insert", aug_word_p=WORD, aug_char_p=CHARACTER),
    "char_substitute": nac.RandomCharAug("substitute", aug_word_p=WORD, aug_char_p=CHARACTER),
    "char_swap": nac.RandomCharAug("swap", aug_word_p=WORD, aug_char_p=CHARACTER),
    "char_delete": nac.RandomCharAug("delete", aug_word_p=WORD, aug_char_p=CHARACTER),
    "misspelling": naw.SpellingAug(aug_p=WORD),
    "whitespace": naw.SplitAug(aug_p=WORD),
    "word_swap": naw.RandomWordAug("swap", aug_p=WORD),
    "word_delete": naw.RandomWordAug("delete", aug_p=WORD),
    "mask_word": naw.RandomWordAug("substitute", aug_p=WORD, target_words=["_"]),
}
REPEATS, SEVERITY = 5, 3


def captions(n):
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, rng.integers(8, 15))) for _ in range(n)]


def fastest(work, repeats=REPEATS):
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def measure(name, theirs, texts, ids):
    corruption = parts.load("corruptions", f"text/{name}").CORRUPTION
    at, keys = corruption.at(SEVERITY), digests(0, name, ids)
    few = len(texts) // 10
    corruption.batch(texts, at, keys)  # compile and fill tables
    theirs.augment(texts[:50])
    alone = zip(texts[:few], ids[:few], strict=True)
    return {
        "nlpaug": fastest(lambda: theirs.augment(texts[:few]), 3) / few,
        "batch": fastest(lambda: corruption.batch(texts, at, keys)) / len(texts),
        "keys": fastest(lambda: digests(0, name, ids)) / len(texts),
        "one": fastest(
            lambda: [corruption.apply(t, at, words(0, name, i)) for t, i in list(alone)], 1
        )
        / few,
    }


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    texts, ids = captions(n), [f"sample-{i:06d}" for i in range(n)]
    print(f"{n} captions; microseconds of thread CPU time per caption")
    print(f"{'':16}{'nlpaug':>8}{'batch':>8}{'ratio':>8}{'keys':>8}{'ratio':>8}{'one by one':>12}")
    bare, whole = [], []
    for name, theirs in PAIRS.items():
        t = measure(name, theirs, texts, ids)
        bare.append(t["nlpaug"] / t["batch"])
        whole.append(t["nlpaug"] / (t["batch"] + t["keys"]))
        print(
            f"{name:16}{t['nlpaug'] * 1e6:8.1f}{t['batch'] * 1e6:8.2f}{bare[-1]:8.1f}"
            f"{t['keys'] * 1e6:8.2f}{whole[-1]:8.1f}{t['one'] * 1e6:12.1f}"
        )
    for title, ratios in (("given keys", bare), ("with keys", whole)):
        mean = np.exp(np.mean(np.log(ratios)))
        print(f"{title}: geometric mean {mean:.1f}, smallest {min(ratios):.1f}")


if __name__ == "__main__":
    main()
