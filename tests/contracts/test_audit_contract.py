"""Every audit is asked the same questions about small runs of it, one for each task it knows."""

import pickle

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from ray import cloudpickle

import two_vectors
from clip_like import clip_like, mismatched
from mmaudit import parts
from mmaudit.engines import local
from mmaudit.testing import audits

VECTOR = '[modality.{0}]\nkind = "vector"\ncolumn = "{0}"\n'


class Sum:
    """Answers with a number."""

    modalities, classes, output, accepts_missing = ("left", "right"), None, "values", True

    def scores(self, batch, present):
        sums = (np.asarray(batch[m]).sum(1) * present[m] for m in self.modalities)
        return sum(sums).astype(np.float32)


class Same:
    """Answers with embeddings."""

    modalities, classes, output = ("left", "right"), None, "embeddings"

    def scores(self, batch, present):
        return np.stack([np.asarray(batch[m]) for m in self.modalities], 1).astype(np.float32)


def vectors(folder, n=40):
    return two_vectors.make(folder, n)


def write(folder, target="", n=40, **columns):
    left, right, _ = clip_like(n, 32, 0)
    partner, wrong = mismatched(n, 0.2, 0)
    table = {
        "id": [f"r{i:03d}" for i in range(n)],
        "left": list(left),
        "right": list(right[partner]),
    }
    table |= {"y": left.sum(1) + 0.1, "wrong": wrong, "site": [f"site{i % 2}" for i in range(n)]}
    folder.mkdir()
    parquet.write_table(pa.table(table), folder / "rows.parquet")
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "pairs"\n[source]\npath = "rows.parquet"\nid = "id"\n'
        'slices = ["site"]\n' + VECTOR.format("left") + VECTOR.format("right") + target
    )
    return folder / "dataset.toml"


def numbers(folder):
    return write(folder, '[target]\ncolumn = "y"\nkind = "number"\n')


def pairs(folder):
    return write(folder, n=300)


def halves(folder):
    """Classes, and a half to train on."""
    path = vectors(folder, 120)
    table = parquet.read_table(folder / "rows.parquet")
    half = pa.array(["train" if i % 3 else "test" for i in range(table.num_rows)])
    parquet.write_table(table.append_column("part", half), folder / "rows.parquet")
    path.write_text(path.read_text().replace('id = "id"', 'id = "id"\nsplit = "part"'))
    return path


SWEEP = {"corruptions": ("vector/gaussian_noise",), "severities": (1, 5), "replicates": 40}
RUNS = {  # audit, what it is run on, the model, and how it is asked
    "robustness of classes": ("robustness", vectors, two_vectors.Nearest, SWEEP),
    "robustness with absence": (
        "robustness", vectors, two_vectors.Nearest, SWEEP | {"missing": True, "joint": True},
    ),
    "robustness to a breaking point": (
        "robustness", vectors, two_vectors.Nearest,
        {"corruptions": ("vector/gaussian_noise",), "breaking_point": "drop:0.05", "replicates": 40},
    ),
    "robustness of numbers": ("robustness", numbers, Sum, SWEEP | {"absent": ("zeros",)}),
    "robustness of embeddings": ("robustness", write, Same, SWEEP | {"absent": ("zeros",)}),
    "contributions": (
        "contributions", vectors, two_vectors.NearestOfTwo,
        {"replicates": 40, "absent": ("model", "zeros")},
    ),
    "adaptivity": ("adaptivity", vectors, two_vectors.NearestOfTwo, {"replicates": 40}),
    "adaptivity of numbers": (
        "adaptivity", numbers, Sum, {"replicates": 40, "absent": "zeros"},
    ),
    "noisy pairs": ("noisy_pairs", pairs, None, {"truth": "wrong", "plant": 0.1}),
    "inspect": ("inspect", pairs, None, {}),
    "remedies": (
        "remedies", halves, None,
        {"methods": ("control/*",), "steps": 6, "width": 4, "seeds": 3},
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=RUNS)
def subject(request, tmp_path_factory):
    name, make, model, options = RUNS[request.param]
    folder = tmp_path_factory.mktemp("audit")
    dataset = make(folder / "data")
    return audits.AuditSubject(name, dataset, model() if model else None, options, folder)


@pytest.mark.parametrize("question", audits.QUESTIONS, ids=lambda q: q.__name__)
def test_it_keeps_the_contract(subject, question):
    question(subject)


# remedies travel to the second of two workers, as above
@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name == "noisy pairs" else [])
        for name in RUNS
        if name != "remedies"
    ],
    indirect=True,
)
def test_its_work_travels_to_other_machines_and_makes_the_same(subject, monkeypatch):
    """As an engine of a cluster sends it; a model that was handed over goes with it."""
    here = local.run

    def there(work, units, folder, **how):
        here(pickle.loads(cloudpickle.dumps(work)), units, folder, **how)

    monkeypatch.setattr(local, "run", there)
    one, other = subject.summary.path.parent, subject.run("sent").path.parent
    files = sorted(path.relative_to(one) for path in one.rglob("*.parquet"))
    assert [name for name in files if name.parts[0] == "samples"]
    assert {n: (one / n).read_bytes() for n in files} == {
        n: (other / n).read_bytes() for n in files
    }


def test_no_audit_is_left_out():
    assert {name for name, *_ in RUNS.values()} == set(parts.own(audits.KIND))
