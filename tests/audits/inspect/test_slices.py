"""What is wrong gathers in a slice where it is planted there, and seldom where it falls by chance."""

import csv

import cv2
import numpy as np
import pytest

import mmaudit as mm
from command import mmaudit
from inspected import drawn, kinds_of_findings
from mmaudit.audits.inspect import partitions
from mmaudit.audits.inspect.comparisons import slices
from mmaudit.audits.inspect.comparisons.finding_kinds import FindingKind
from mmaudit.audits.inspect.packed import packed

SETS = 20


def gatherings(contents, kinds=None):
    return slices.gatherings(contents, kinds_of_findings(contents) if kinds is None else kinds)


@pytest.mark.parametrize("how", [{}, {"copied": 0.15, "group_size": 5}])
def test_what_falls_by_chance_seldom_gathers(how):
    """In .05 of the sets or less; of 20 sets more than 5 are in 1 of 3,000 at that."""
    every = [gatherings(drawn(seed, 300, **how)) for seed in range(SETS)]
    assert sum(bool(some.every) for some in every) <= 5
    assert min(sum(some.compared.values()) for some in every) > 30


def planted(contents, those):
    every = np.ones(len(those), bool)
    return gatherings(
        contents,
        [FindingKind("image", "image/blur", packed(those), packed(every), None, contents.groups)],
    )


def test_what_is_planted_in_a_class_is_named_with_its_rates():
    contents = drawn(0, 600)
    rng, cats = np.random.default_rng(9), contents.names_of_labels == "cat"
    some = planted(contents, rng.random(600) < np.where(cats, 0.15, 0.03))
    (one,) = slices.table(some).to_pylist()
    assert one["slice"] == "class=cat"
    assert one["low"] < one["rate"] < one["high"]
    assert one["excess"] == pytest.approx(one["count"] - one["n"] * one["rate_of_rest"])
    (note,) = slices.notes(some)
    assert note.startswith("findings gather in 1 place: image/blur of image in ")
    rows = {r["slice"]: r["estimate"].value for r in slices.rows(some)}
    assert (rows["class=cat"], rows["class=dog"], rows["site=site 1"], rows["all"]) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("check", "modality", "words"),
    [
        ("absent", "text", "absent text in"),
        ("duplicate", "all", "copies of whole samples in"),
        ("label", "target", "doubtful labels in"),
        ("disagreement", "image,text", "contradictions of image and text in"),
    ],
)
def test_what_is_no_check_is_said_in_words(check, modality, words):
    contents = drawn(0, 600)
    those, every = contents.names_of_labels == "cat", np.ones(600, bool)
    some = gatherings(
        contents, [FindingKind(modality, check, packed(those), packed(every), None, None)]
    )
    assert words in next(iter(slices.notes(some)))


def test_the_largest_excess_comes_first():
    contents = drawn(0, 2000)
    rng, share = np.random.default_rng(9), np.full(2000, 0.03)
    share[contents.names_of_labels == "cat"] = 0.15
    share[contents.slices["site"] == "site 2"] = 0.5
    names = [one.slice for one in planted(contents, rng.random(2000) < share).every]
    assert names[:2] == ["site=site 2", "class=cat"]


def test_what_a_group_has_is_one_finding():
    """Two groups of one class are all bad: many samples, and no more than two units."""
    contents = drawn(0, 600, group_size=20)
    first = contents.names_of_labels[0]
    groups = np.unique(contents.groups[contents.names_of_labels == first])[:2]
    those = np.isin(contents.groups, groups)
    assert those.sum() > 25
    assert not planted(contents, those).every
    contents.groups = None
    assert f"class={first}" in {one.slice for one in planted(contents, those).every}


def test_few_groups_are_slices_of_their_own():
    contents = drawn(0, 300)
    contents.groups = np.arange(300) % 4
    those = (contents.groups == 2) & (np.arange(300) % 3 == 0)
    assert [one.slice for one in planted(contents, those).every] == ["group=2"]


def test_columns_of_many_values_are_named_and_passed():
    contents = drawn(0, 300)
    contents.slices["age"] = np.arange(300).astype(str)
    some = gatherings(contents)
    assert not any(name.startswith("age") for name in some.compared)
    assert [*slices.notes(some)][-1].startswith("age has 300 values")


def test_the_command_says_where_findings_gather(tmp_path):
    rng = np.random.default_rng(0)
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "photo", "label"])
        for i in range(120):
            picture = rng.integers(60, 200, (32, 32, 3)).astype(np.uint8)
            bad = i % 3 == 0 and i % 2 == 0
            cv2.imwrite(str(tmp_path / f"{i}.png"), picture // 12 if bad else picture)
            out.writerow([i, f"{i}.png", "cat" if i % 3 == 0 else "dog"])
    run = mm.inspect(tmp_path / "rows.csv", out=tmp_path / "run", checks=["image/dark"], quiet=True)
    rows = run["inspect/slices"].arrow().to_pylist()
    assert [(r["slice"], r["check"], r["count"]) for r in rows][:1] == [
        ("class=cat", "image/dark", 20)
    ]
    mm.report(tmp_path / "run", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "Where findings gather" in page
    assert "photo, class=cat" not in page  # presence is drawn by split alone
    rates = {
        r["slice"]: r["estimate"]
        for r in run["inspect/summary"].arrow().to_pylist()
        if r["metric"] == "limit_rate"
    }
    assert {name: (r["value"], r["n"]) for name, r in rates.items()} == {
        "all": (20 / 120, 120),
        "class=cat": (20 / 40, 40),
        "class=dog": (0, 80),
    }
    assert rates["class=dog"]["high"] == pytest.approx(1 - 0.025 ** (1 / 80))  # Clopper-Pearson


@pytest.mark.parametrize(
    ("limit", "code"), [("class=dog,max = 0.06", 0), ("class=cat,max = 0.06", 1)]
)
def test_a_gate_decides_by_the_rate_in_a_slice(tmp_path, limit, code):
    rows = {
        "id": [str(i) for i in range(120)],
        "label": ["cat" if i % 3 == 0 else "dog" for i in range(120)],
    }
    rows["x"] = [f"{i} words of a text" + " http://a.b" * (i % 6 == 0) for i in range(120)]
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([rows, *zip(*rows.values(), strict=True)])
    mm.inspect(tmp_path / "rows.csv", out=tmp_path / "run", limits=["text/markup=0.1"], quiet=True)
    name, _, most = limit.partition(",")
    (tmp_path / "gate.toml").write_text(
        f'[[check]]\nmetric = "inspect.limit_rate{{check=text/markup,slice={name}}}"\n{most}\n'
    )
    done = mmaudit("gate", "run", "--config", "gate.toml", cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr


def test_groups_count_as_one_in_the_rate_of_a_part():
    """Ten groups of 20 of which one has it whole: one in ten units, and not 20 of 200 samples."""
    contents = drawn(0, 200)
    contents.groups = np.arange(200) // 20
    contents.splits = np.where(np.arange(200) < 100, "train", "test")
    every = {p.name: p for p in partitions.parts(contents)}
    assert set(every) >= {"all", "split=train", "split=test", "group=3", "class=cat"}
    share = every["split=train"].share(contents.groups == 3)
    assert (share.value, share.n) == (0.2, 5)
    assert share.high > 0.5
    assert every["split=test"].share(contents.groups == 3).value == 0
    assert every["split=test"].share(contents.groups == 3, contents.groups == 3) is None
