"""Planted faults of pictures: what `inspect` lists, beside cleanvision, judged by what was planted.

By hand; nothing of it is committed. Needed: a folder of a thousand good photos. cleanvision runs
beside where it can be imported; its packages may lie in an environment of their own, SITE.

    python tests/benchmarks/study_image_checks.py PHOTOS OUT [SITE]

Into the photos, written anew as JPEG of quality 95, 20 of each fault are planted, each in a photo
of its own. The real command is asked, and its list compared with what was planted: recall of each
fault, and false alarms over the photos in which nothing was planted.
"""

import contextlib
import io
import site
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq

import mmaudit as mm

PLANTED = 20


def dark(photo, _i):
    return (photo * 0.18).astype(np.uint8)


def light(photo, _i):
    return (235 + photo * 0.08).astype(np.uint8)


def little(photo, _i):
    grey = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)
    levels = np.repeat((grey[..., None] // 128) * 90 + 60, 3, 2)
    return levels.astype(np.uint8)


def blurred(photo, i):
    return cv2.GaussianBlur(photo, (0, 0), (3, 9)[i % 2])


def narrow(photo, i):
    return photo[: photo.shape[0] // 4] if i % 2 else photo[:, : photo.shape[1] // 4]


def sized(photo, i):
    side = (40, 1400)[i % 2]
    return cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA if i % 2 == 0 else 2)


def grey(photo, _i):
    return cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


def same(photo, _i):
    return photo


def edited(photo, i):
    side = round(photo.shape[1] * 0.7), round(photo.shape[0] * 0.7)
    edge = [round(0.025 * n) for n in photo.shape[:2]]
    return (
        cv2.resize(photo, side, interpolation=cv2.INTER_AREA),
        photo[edge[0] : -edge[0], edge[1] : -edge[1]],
        photo[:, ::-1].copy(),
        photo,
    )[i % 4]


FAULTS = {  # what is planted: our check, and cleanvision's
    dark: ("image/dark", "dark"),
    light: ("image/light", "light"),
    little: ("image/entropy", "low_information"),
    blurred: ("image/blur", "blurry"),
    narrow: ("image/aspect", "odd_aspect_ratio"),
    sized: ("image/size", "odd_size"),
    grey: ("image/grayscale", "grayscale"),
    same: ("duplicate", "exact_duplicates"),
    edited: ("near_duplicate", "near_duplicates"),
}


def plant(photos, out):
    """Write the photos, some of them with a fault or a copy; the planted files of each fault."""
    paths = sorted(p for p in Path(photos).iterdir() if p.suffix.lower() in {".jpg", ".png"})
    out.mkdir(parents=True)
    places = np.random.default_rng(16).permutation(len(paths))
    planted = {fault: set() for fault in FAULTS}
    for k, place in enumerate(places):
        photo = cv2.imread(str(paths[place]))
        turn, i = divmod(k, PLANTED)
        fault = list(FAULTS)[turn] if turn < len(FAULTS) else None
        name = f"{place:04}.jpg"
        if fault in {same, edited}:
            planted[fault].add(f"copy_{name}")
            write(out / f"copy_{name}", fault(photo, i), 60 if fault is edited else 95)
        elif fault:
            planted[fault].add(name)
            photo = fault(photo, i)
        write(out / name, photo, 95)
    return planted, len(paths)


def write(path, photo, quality):
    cv2.imwrite(str(path), photo, [cv2.IMWRITE_JPEG_QUALITY, quality])


def ours(folder, out):
    began = time.process_time()
    mm.inspect(folder, out=out)
    spent = time.process_time() - began
    issues = pq.read_table(out / "inspect" / "issues.parquet").to_pylist()
    lists = {}
    for row in issues:
        lists.setdefault(row["check"], set()).add(Path(row["id"]).name)
    return {fault: lists.get(check, set()) for fault, (check, _) in FAULTS.items()}, spent, lists


def cleanvision(folder):
    from cleanvision import Imagelab

    began = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        lab = Imagelab(data_path=str(folder))
        lab.find_issues(n_jobs=1)
    spent = time.process_time() - began
    found = lab.issues
    lists = {
        fault: {Path(p).name for p in found.index[found[f"is_{issue}_issue"]]}
        for fault, (_, issue) in FAULTS.items()
    }
    return lists, spent


def report(title, lists, planted, count):
    """A list that names either of two copies has found them."""
    faulty = {original(name) for names in planted.values() for name in names}
    for fault, names in planted.items():
        listed = {original(name) for name in lists[fault]}
        hits = listed & {original(name) for name in names}
        false = listed - faulty
        print(
            f"{title:12} {fault.__name__:8} recall {len(hits) / len(names):.2f}  "
            f"false alarms {len(false) / (count - len(faulty)):.4f} ({len(false)})",
            flush=True,
        )


def original(name):
    return Path(name).stem.removeprefix("copy_")


def main(photos, out, *sites):
    for place in sites:
        site.addsitedir(place)
    cv2.setNumThreads(1)
    out = Path(out)
    planted, count = plant(photos, out / "photos")
    lists, spent, every = ours(out / "photos", out / "run")
    report("inspect", lists, planted, count)
    print(
        f"inspect, all checks and copies: {spent:.1f} s CPU;", {k: len(v) for k, v in every.items()}
    )
    if sites:
        lists, spent = cleanvision(out / "photos")
        report("cleanvision", lists, planted, count)
        print(f"cleanvision: {spent:.1f} s CPU")


if __name__ == "__main__":
    main(*sys.argv[1:])
