"""Another seed is other donors: what a run says by name does not hang on them."""

import numpy as np
import pytest

import mmaudit as mm
import vector_files
from mmaudit.tables import store
from mmaudit.tables.provenance import provenance


class Sum:
    """A model that takes no mask: donors stand in for what is absent."""

    modalities, classes, output, accepts_missing = ("a", "b"), ("0", "1"), "probabilities", False

    def scores(self, batch, present):
        p = 1 / (1 + np.exp(-sum(np.asarray(batch[m])[:, 0] for m in "ab")))
        return np.stack([1 - p, p], axis=1).astype(np.float32)


def planted(rng):
    """The class is in a alone."""
    labels = rng.integers(0, 2, 120)
    return labels, {"a": 4.0 * labels - 2 + rng.normal(size=120), "b": rng.normal(size=120)}


def alike(rng):
    """What a is for one half of the samples b is for the other."""
    labels = np.tile(rng.integers(0, 2, 60), 2)
    one, other = 2.0 * labels[:60] - 1 + rng.normal(size=(2, 60))
    return labels, {"a": np.concatenate([one, other]), "b": np.concatenate([other, one])}


def said(folder, plant, seeds):
    """The headline and the raised flags of each seed."""
    labels, values = plant(np.random.default_rng(0))
    rows = {"id": [f"r{i}" for i in range(labels.size)], "label": labels.astype(str).tolist()}
    rows |= {m: v[:, None].tolist() for m, v in values.items()}
    manifest = vector_files.write(folder, rows, "a", "b", target=vector_files.CLASS_OF_LABEL)
    for seed in range(seeds):
        run = mm.contributions(
            manifest, Sum(), seed=seed, value=("p_true",), absent=("marginal:16",),
            unimodal=("none",), replicates=100, quiet=True,
        )  # fmt: skip
        flags = run["contributions/flags"].to_pandas().query("raised")
        sentence = provenance(store.metadata(run["contributions/summary"].parts[0])).headline
        yield sentence, tuple(sorted(flags["flag"] + ":" + flags["modality"]))


@pytest.mark.long
def test_no_seed_names_another_leader_or_flag(tmp_path):
    sentences, flags = zip(*said(tmp_path / "planted", planted, 10), strict=True)
    assert all(one.startswith("a brings most") for one in sentences)
    assert len(set(flags)) == 1
    sentences, flags = zip(*said(tmp_path / "alike", alike, 5), strict=True)
    assert all(one.startswith("which modality brings most is not shown") for one in sentences)
    assert len(set(flags)) == 1
