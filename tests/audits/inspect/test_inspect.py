"""A stranger's folder is inspected by the real command: what is planted in it is found, and no more."""

import csv

import cv2
import numpy as np
import pytest

import mmaudit as mm
from command import mmaudit
from mmaudit.errors import UsageError
from mmaudit.samples import dataset

pytestmark = pytest.mark.long
N = 360
DARK, COPY, BROKEN, LEAK = 3, 7, 11, 60  # rows that are so


def scene(seed):
    """Soft discs on a slope of light, with a little noise: as even as photographs are."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(-30, 30, 128)[None, :, None] + np.linspace(-30, 30, 96)[:, None, None]
    picture = np.clip(slope + rng.integers(90, 170, 3), 25, 230).astype(np.uint8)
    for _ in range(20):
        at, colour = rng.integers(0, 128, 2).tolist(), rng.integers(25, 230, 3).tolist()
        cv2.circle(picture, at, int(rng.integers(3, 25)), colour, -1)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0, 3, picture.shape)
    return np.clip(soft, 0, 255).astype(np.uint8)


def sentence(seed):
    rng = np.random.default_rng(seed)
    return " ".join("".join(rng.choice(list("abcdeghilmnorst"), 6)) for _ in range(7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pictures and captions; texts of dogs are absent more often than others."""
    at = tmp_path_factory.mktemp("stranger")
    rng, rows = np.random.default_rng(0), []
    for i in range(N):
        picture = scene(COPY - 1 if i == COPY else LEAK - 1 if i == LEAK else i)
        if i == DARK:
            picture = (picture * 0.1).astype(np.uint8)
        if i == LEAK:
            picture = cv2.resize(picture, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(at / f"{i}.png"), picture)
        label = ("dog", "cat", "bird")[i % 3]
        absent = rng.random() < (0.6 if label == "dog" else 0.1)
        rows.append(
            (i, f"{i}.png", "" if absent else sentence(i), label, "test" if i % 5 == 0 else "train")
        )
    (at / f"{BROKEN}.png").write_bytes(b"no picture")
    with (at / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "photo", "caption", "label", "split"), *rows])
    return at


@pytest.fixture(scope="module")
def run(folder):
    done = mmaudit("inspect", "rows.csv", "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return mm.Run(folder / "run"), done


def rows(run, name="summary"):
    return run[f"inspect/{name}"].arrow().to_pylist()


def value(run, metric, **keys):
    keys = {"modality": "all", "check": "", "slice": "all", **keys}
    (row,) = [
        r for r in rows(run) if r["metric"] == metric and all(r[k] == v for k, v in keys.items())
    ]
    return row["estimate"]["value"]


def test_what_is_planted_is_found_and_no_more(run):
    run, done = run
    issues = {(r["id"], r["check"]) for r in rows(run, "issues") if r["flagged"]}
    dark = {(str(DARK), check) for check in ("image/dark", "image/contrast", "image/entropy")}
    assert issues >= {(str(DARK), "image/dark"), (str(BROKEN), "unreadable")}
    assert issues >= {(str(COPY), "one_sided_copy"), (str(LEAK), "across_splits")}
    others = issues - dark - {(str(i), c) for i, c in issues if i in map(str, (COPY, LEAK, BROKEN))}
    assert len({i for i, _ in others}) <= 0.02 * N, others
    assert "have findings" in done.stdout


def test_what_cannot_be_read_is_a_row_and_not_the_end(run):
    run, _ = run
    (row,) = [r for r in rows(run, "issues") if r["check"] == "unreadable"]
    assert (row["id"], row["modality"]) == (str(BROKEN), "image")
    assert "not a JPEG" in row["reason"]
    assert value(run, "unreadable_rate", modality="image") == pytest.approx(1 / N)


def test_absence_that_follows_the_label_is_called_a_leak(run):
    run, done = run
    assert "text is absent in" in done.stdout
    assert value(run, "present_rate", modality="text") < 0.9


def test_copies_are_counted_by_modality_and_across_splits(run):
    run, _ = run
    assert value(run, "duplicate_rate", modality="image") == pytest.approx(1 / (N - 1))
    assert value(run, "near_duplicate_rate", modality="image") == pytest.approx(2 / (N - 1))
    assert value(run, "across_splits", modality="image") == 2
    assert value(run, "duplicate_rate") == 0


def test_a_gate_takes_any_of_it(run, folder):
    gate = """
    [[check]]
    metric = "inspect.limit_rate{check=image/dark}"
    max = 0.05
    [[check]]
    metric = "inspect.across_splits{modality=image}"
    max = 0
    [[check]]
    metric = "inspect.shifts{slice=split=train}"
    max = 3
    """
    (folder / "gate.toml").write_text(gate)
    done = mmaudit("gate", "run", "--config", "gate.toml", cwd=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "across_splits" in done.stdout
    page = mmaudit("report", "run", "-o", "page.html", cwd=folder)
    assert page.returncode == 0, page.stderr
    html = (folder / "page.html").read_text()
    assert "Checks of single values" in html
    assert "The splits side by side" in html
    assert "How often each modality is there" in html
    assert "The worst values of each check" in html
    assert "subsets of the modalities image, text" in html
    assert "What was measured of each of the" in html
    assert "did the model" not in html


def test_the_dataset_is_written_without_the_findings_that_are_named(folder):
    words = ("--drop", "unreadable,image/dark", "--filtered", "clean", "--out", "run2", "--exact")
    done = mmaudit("inspect", "rows.csv", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "filtered: clean/dataset.toml" in done.stdout
    rest = set(dataset.open(folder / "clean" / "dataset.toml").column("id").to_pylist())
    assert rest == {str(i) for i in range(N)} - {str(DARK), str(BROKEN)}


def test_a_limit_of_ones_own_replaces_the_check_s(folder):
    ask = {"limit": 40, "checks": ["image/dark"], "exact": True, "quiet": True}
    run = mm.inspect(folder / "rows.csv", limits=["image/dark=0.99"], **ask)
    assert value(run, "limit_rate", modality="image", check="image/dark") > 0.2
    assert {r["check"] for r in rows(run)} == {"", "image/dark"}


def test_a_split_of_reference_says_what_is_worse(folder):
    run = mm.inspect(folder / "rows.csv", reference="train", checks=["image/dark"], quiet=True)
    assert all("reference" not in r["reason"] or r["id"] != "1" for r in rows(run, "issues"))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"checks": ["image/blurr"]}, "image/blur"),
        ({"limits": ["image/dark"]}, "is no limit"),
        ({"limits": ["image/drak=1"]}, "image/dark"),
        ({"reference": "training"}, "train"),
        ({"fdr": 1.5}, "no rate"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_could(folder, options, match):
    with pytest.raises(UsageError) as refusal:
        mm.inspect(folder / "rows.csv", quiet=True, **options)
    assert match in f"{refusal.value.what} {refusal.value.fix}"


def test_the_inventory_says_what_is_there_and_how_it_is_stored(run):
    facts = {(r["of"], r["fact"]): r["value"] for r in rows(run[0], "inventory")}
    assert facts["samples", "rows"] == str(N)
    assert facts["image", "values"] == f"present {N - 1}, not read 1"
    assert facts["image", "not read because"].startswith("not a JPEG, PNG")
    assert facts["image", "files"] == f"PNG {N - 1}, unknown 1"
    present = int(facts["text", "values"].split()[1].rstrip(","))
    assert facts["text", "scripts"] == f"Latin {present}"
    assert facts["text", "values"] == f"present {present}, absent {N - present}"
