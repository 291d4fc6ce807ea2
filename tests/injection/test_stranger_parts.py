"""Plans and corruptions of other packages say what they need, and no file of ours lists them."""

import importlib
import sys

import numpy as np
import pytest
import soundfile

from mmaudit import parts
from mmaudit.audits.robustness import audit
from mmaudit.audits.robustness.options import Options as Sweep
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.tables import store

PLAN = '''"""Twin: a text goes to the sample whose text comes next in the alphabet."""

from typing import NamedTuple

import numpy as np

from mmaudit.corruptions.base import Plan


class Severity(NamedTuple):
    """How many pairs are wrong."""

    rate: float


def donors(rows, severity, seed):
    texts = rows.texts[min(rows.texts)]
    order = sorted(range(len(texts)), key=lambda i: (texts[i], rows.ids[i]))
    out = np.arange(len(texts))
    k = round(severity.rate * len(texts))
    out[order[:k]] = np.roll(order[:k], -1)
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="ours",
    needs=("texts",),
)
'''
CORRUPTION = '''"""Hum: one of the recordings that a user brings along takes the place of the clip."""

from typing import NamedTuple

import numpy as np

from mmaudit.corruptions.base import Corruption, UserFolder
from mmaudit.doses.audio import SNR_DB


class Severity(NamedTuple):
    """How loud it is."""

    share: float


def apply(clean, severity, words, donors):
    return clean * np.float32(1 - severity.share) + severity.share * np.float32(donors[0].mean())


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the recording"},
    keeps=frozenset({"shape"}),
    dose=SNR_DB,
    source="ours",
    needs=("donors",),
    donors=1,
    folder=UserFolder(option="noise_dir", kind="audio", holds="recordings of hum", required=True),
)
'''


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Install a part of another package; what was looked through is forgotten before and after."""

    def forget():
        for cached in [f for f in vars(parts).values() if hasattr(f, "cache_clear")]:
            cached.cache_clear()
        importlib.invalidate_caches()

    def install(place, text):
        folder = tmp_path / "site"
        info = folder / "stranger-1.dist-info"
        info.mkdir(parents=True)
        (folder / "strangers_part.py").write_text(text)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[{parts.GROUP}]\n{place} = strangers_part\n")
        monkeypatch.syspath_prepend(str(folder))
        forget()

    yield install
    monkeypatch.undo()
    sys.modules.pop("strangers_part", None)
    forget()


def test_a_plan_that_reads_texts_gets_them(stranger, everything, tmp_path):
    stranger("corruptions/swaps/twin", PLAN)
    done = corrupt_dataset(
        everything, tmp_path / "a", CorruptOptions(apply=("swaps/twin:5@caption",)), quiet=True
    )
    assert done.card["steps"][0]["realised"]["replaced"] == 0.5
    ledger = store.read(tmp_path / "a" / "ledger.parquet")
    assert sum(ledger["applied"].to_pylist()) > 0


def test_a_plan_in_a_folder_of_its_own_is_swept_where_it_is_named(stranger, everything):
    stranger("corruptions/swaps/twin", PLAN)
    dataset = open_dataset(everything)
    for pattern, there in (("swaps/*", True), ("*/*", False)):
        options = Sweep(corruptions=(pattern,), severities=(3,))
        cells = audit.make_cells(options, dataset, dataset, ("caption", "camera"))
        named = [c for c in cells.conditions if c.corruption == "swaps/twin"]
        assert bool(named) == there
    options = Sweep(corruptions=("swaps/*",), severities=(3,))
    cells = audit.make_cells(options, dataset, dataset, ("caption", "camera"))
    worse = cells.unit(np.arange(20)).under(cells.conditions[1])
    assert list(worse.changed) == ["caption"]


def test_a_corruption_that_takes_a_folder_says_so_itself(stranger, everything, tmp_path):
    stranger("corruptions/audio/hum", CORRUPTION)
    with pytest.raises(UsageError) as refusal:
        corrupt_dataset(
            everything, tmp_path / "a", CorruptOptions(apply=("audio/hum",)), quiet=True
        )
    assert refusal.value.what == "audio/hum needs recordings of hum"
    assert refusal.value.fix == "--noise-dir FOLDER"
    hums = tmp_path / "hums"
    hums.mkdir()
    soundfile.write(hums / "hum.wav", np.full(800, 0.5), 8000)
    done = corrupt_dataset(
        everything,
        tmp_path / "b",
        CorruptOptions(apply=("audio/hum:5",), noise_dir=str(hums)),
        quiet=True,
    )
    assert done.card["steps"][0]["applied"] > 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('needs=("texts",)', 'needs=("words",)', "needs, of texts, scores, texts_or_scores"),
        ('makes="donors"', 'makes="pairs"', "makes, one of mask, donors, labels"),
        ('units={"rate"', 'units={"cell_rate"', "units, one for each of rate, and has cell_rate"),
        ("(0.1, 0.2, 0.3, 0.4, 0.5)", "(0.1, 0.2)", "severities, 5 named tuples"),
    ],
)
def test_a_plan_that_does_not_fit_together_is_refused(stranger, old, new, says):
    stranger("corruptions/swaps/twin", PLAN.replace(old, new))
    with pytest.raises(InputError, match="swaps/twin") as refusal:
        parts.load("corruptions", "swaps/twin")
    assert says in refusal.value.what
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    donors=1,\n", "", "donors, above 0 where it needs donors"),
        ("dose=SNR_DB", "dose=1", "dose, a Dose, and has 1"),
        ('option="noise_dir"', 'option="hum_dir"', "a folder with an option of frost_dir"),
    ],
)
def test_a_corruption_that_does_not_fit_together_is_refused(stranger, old, new, says):
    stranger("corruptions/audio/hum", CORRUPTION.replace(old, new))
    with pytest.raises(InputError) as refusal:
        parts.load("corruptions", "audio/hum")
    assert says in refusal.value.what
