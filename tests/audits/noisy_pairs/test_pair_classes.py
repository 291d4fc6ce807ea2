"""Classes of the dataset are what the hard list is about, from the manifest to the sentence."""

import numpy as np

import mmaudit as mm
from clip_like import clip_like, mismatched, unit
from command import mmaudit
from pair_files import audited, written

TARGET = '[target]\ncolumn = "topic"\nkind = "class"\n'


def test_the_manifests_classes_hold_the_hard_list(tmp_path):
    left, right, topic = clip_like(500, 96, 0)
    topic = np.minimum(topic, 5)
    partner, wrong = mismatched(500, 0.3, 0, topic)
    named = [f"topic {k}" for k in topic]
    dataset = written(tmp_path, left, right[partner], rest=TARGET, topic=named)
    done = mmaudit("noisy-pairs", dataset, "--method", "similarity", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "from the same class only the list against re-pairings within a class does" in (
        " ".join((done.stdout + done.stderr).split())
    )
    kinds = mm.Run(tmp_path / "run")["noisy_pairs/kinds"].to_pandas().set_index("mismatch")
    assert kinds.loc["a partner of the same class", "matched_hard"] == "yes"
    rows = mm.Run(tmp_path / "run")["noisy_pairs/samples"].arrow()
    listed = {name: np.array(rows[name]) for name in ("matched", "matched_hard")}
    assert wrong[listed["matched_hard"]].mean() < 0.05 < wrong[listed["matched"]].mean()
    assert listed["matched_hard"].mean() > 0.1


def test_without_classes_the_hard_list_is_about_similar_items(tmp_path):
    left, right, _ = clip_like(300, 64, 0)
    run = audited(written(tmp_path, left, right), method="similarity")
    (help_,) = [
        field.metadata[b"help"].decode()
        for field in run["noisy_pairs/samples"].arrow().schema
        if field.name == "q_value_hard"
    ]
    assert "within the class, or similar items" in help_


def test_dense_topics_without_names_do_not_empty_the_hard_list(tmp_path):
    """In a tenth of the topics any two items fit; by scores as they are these alone are listed."""
    rng = np.random.default_rng(0)
    topic = np.repeat(np.arange(20), 30)
    own = np.where(topic < 2, 0.1, 1.0)[:, None] * rng.normal(size=(600, 64))
    item = 1.2 * rng.normal(size=(20, 64))[topic] + own
    level = np.where(topic < 2, 0.1, 0.5)[:, None]
    left, right = (unit(item + level * rng.normal(size=item.shape)) for _ in "ab")
    partner, wrong = mismatched(600, 0.2, 0, topic)
    run = audited(written(tmp_path, left, right[partner]), method="similarity")
    rows = run["noisy_pairs/samples"].arrow()
    listed = np.array(rows["matched_hard"])
    assert listed[~wrong].mean() > 0.6
    assert wrong[listed].mean() < 0.05 < wrong[np.array(rows["matched"])].mean()
