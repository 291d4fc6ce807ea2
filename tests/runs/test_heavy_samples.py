"""Memory follows bytes: heavy samples are decoded some at a time, and no number depends on it."""

import json
import subprocess
import sys
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
from mmaudit.audits.noisy_pairs.plain import PlainFeatures
from mmaudit.audits.noisy_pairs.sides import embedded
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.write.laid import joined
from mmaudit.kinds import audio, image
from mmaudit.samples import dataset as data

ROWS = 40


class Bright:
    """Row by row, so that no batch decides."""

    modalities, classes, accepts_missing = ("image", "sound"), ("dark", "light"), True

    def scores(self, batch, present):
        level = [float(p[::7, ::7].mean()) / 255 for p in batch["image"]]
        loud = [float(np.abs(s[::5]).mean()) for s in batch["sound"]]
        here = np.where(present["image"], level, 0.5), np.where(present["sound"], loud, 0.5)
        light = np.clip(0.7 * here[0] + 0.3 * here[1], 0, 1)
        return np.stack([1 - light, light], axis=1).astype(np.float32)


def made(folder, side, samples, rows=ROWS):
    """Pictures of several sizes and sounds, one picture damaged, some sounds absent."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    pictures, sounds = [], []
    for i in range(rows):
        shape = (side + i % 3, side - i % 2, 3)
        plain = np.full(shape, 40 + 4 * i, np.uint8)
        plain[::2] += rng.integers(0, 9, dtype=np.uint8)
        pictures.append(image.encode(plain, ("jpeg", "png")[i % 2]))
        tone = np.sin(np.arange(samples) / (3 + i)).astype(np.float32)[:, None] * 0.5
        sounds.append(None if i % 7 == 3 else audio.encode(tone, 16_000))
    pictures[5] = pictures[5][:60]
    labels = ["light" if i > rows // 2 else "dark" for i in range(rows)]
    columns = {"id": [f"s{i:03d}" for i in range(rows)], "image": pictures, "sound": sounds}
    parquet.write_table(pa.table({**columns, "y": labels}), folder / "rows.parquet")
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "heavy"\n[source]\npath = "rows.parquet"\nid = "id"\n'
        '[modality.image]\nkind = "image"\ncolumn = "image"\n'
        '[modality.sound]\nkind = "audio"\ncolumn = "sound"\nsample_rate = 16000\n'
        '[target]\ncolumn = "y"\nkind = "class"\n'
    )
    return folder / "dataset.toml"


def tree(folder):
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in {"run.json", ".lock", "card.json"}
    }


@pytest.mark.parametrize("memory", ["250kB", "1MB"])
def test_nothing_that_is_written_depends_on_the_memory(tmp_path, memory):
    data = made(tmp_path / "data", 64, 2000)
    common = {"max_skipped": 1, "batch_size": 8, "quiet": True}
    asked = {"corruptions": ("image/fog", "audio/babble"), "severities": (2,), "missing": True}
    for name, most in (("whole", None), ("cut", memory)):
        out = tmp_path / name
        more = {"memory": most, "replicates": 50, **common}
        mm.robustness(data, Bright(), out=out / "r", **asked, **more)
        mm.contributions(data, Bright(), out=out / "c", absent=("zeros", "mean"), **more)
        steps = ("image/fog:3", "audio/babble:2", "missing/mcar:2")
        mm.corrupt(data, out / "d", apply=steps, memory=most, max_skipped=1, quiet=True)
    whole, cut = tree(tmp_path / "whole"), tree(tmp_path / "cut")
    assert whole.keys() == cut.keys()
    assert [name for name in whole if whole[name] != cut[name]] == []
    cards = [json.loads((tmp_path / n / "d" / "card.json").read_text()) for n in ("whole", "cut")]
    assert cards[0]["content"] == cards[1]["content"]


PEAK = """
import resource, sys
import numpy as np
import mmaudit as mm
sys.path.insert(0, sys.argv[1])
from test_heavy_samples import Bright

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def run(data, out, memory):
    asked = {"memory": memory, "batch_size": 8, "max_skipped": 1, "quiet": True}
    if sys.argv[2] == "corrupt":
        del asked["batch_size"]
        mm.corrupt(data, out, apply=("image/brightness:3", "audio/gain:2"), **asked)
    elif sys.argv[2] == "noisy-pairs":
        mm.noisy_pairs(
            data, out=out, modalities=("image", "sound"), encoder="self", **asked
        )
    elif sys.argv[2] == "contributions":
        mm.contributions(data, Bright(), out=out, absent=("zeros", "mean"), **asked)
    else:
        corruptions = ("image/brightness", "audio/gain")
        mm.robustness(data, Bright(), out=out, corruptions=corruptions, severities=(3,), **asked)

run(sys.argv[3], sys.argv[5] + "/light", None)
before = peak()
run(sys.argv[4], sys.argv[5] + "/heavy", sys.argv[6] if len(sys.argv) > 6 else None)
print(peak() - before)
"""


def grown(what, light, heavy, out, *memory):
    """Megabytes that a run over heavy samples takes more than one over light ones."""
    here = str(__file__).rpartition("/")[0]
    command = [sys.executable, "-c", PEAK, here, what, str(light), str(heavy), str(out), *memory]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """13 samples, of which ten are pairs; and as many photos of 3 Mpx with sounds of 4 MB."""
    folder = tmp_path_factory.mktemp("photos")
    return made(folder / "light", 64, 2000, 13), made(folder / "heavy", 1732, 1_000_000, 13)


MB = {"noisy-pairs": 165}  # which decodes ahead: three samples of 55 MB are there at a time


@pytest.mark.parametrize("what", ["corrupt", "robustness", "contributions", "noisy-pairs"])
def test_a_run_over_large_photos_and_long_sounds_keeps_to_its_memory(tmp_path, what, photos):
    """The samples are 169 MB decoded, in each copy."""
    most = MB.get(what, 100)
    assert grown(what, *photos, tmp_path / "out", f"{most}MB") <= most


class Blind(Bright):
    """Takes no mask, so that other samples stand in."""

    accepts_missing = False


def test_what_stands_in_for_absent_values_is_of_the_memory_too(tmp_path):
    """What does not fit is refused with the least that does, and that gives the same numbers."""
    data = made(tmp_path / "data", 64, 2000, 20)
    more = {"replicates": 20, "quiet": True, "max_skipped": 1, "batch_size": 8}
    for name, run in {
        "r": partial(mm.robustness, data, Blind(), corruptions=("image/fog",), severities=(1,)),
        "c": partial(mm.contributions, data, Blind()),
    }.items():
        for absent, most in (("marginal:16", "300kB"), ("marginal:2", "500kB")):
            with pytest.raises(InputError, match=r"stand in for absent values take") as refused:
                run(absent=(absent,), memory=most, **more)
            assert refused.value.fix.startswith("--memory of 0.")
        least = refused.value.fix.split(" or more")[0].removeprefix("--memory of ")
        for out, memory in (("least", f"{float(least[:-3]) + 0.1} MB"), ("whole", None)):
            policies = ("marginal:2", "mean") if name == "c" else ("marginal:2",)
            run(absent=policies, memory=memory, out=tmp_path / out / name, **more)
    least, whole = tree(tmp_path / "least"), tree(tmp_path / "whole")
    assert least == whole


def test_what_is_written_of_a_unit_does_not_lie_in_memory(tmp_path):
    tables = [pa.table({"x": [bytes([i]) * 1000], "n": [i]}) for i in range(40)]
    for most in (10**9, 5000, 1):
        before = pa.total_allocated_bytes()
        whole = joined(iter(tables), most)
        assert whole.equals(pa.concat_tables(tables))
        assert pa.total_allocated_bytes() - before <= min(most, 40_000) + 1100
        assert whole.column("x").num_chunks == len(tables)


def test_a_sample_that_the_memory_cannot_hold_is_refused_and_amounts_are_checked(tmp_path):
    data = made(tmp_path / "data", 64, 2000, 6)
    for run in (
        lambda memory: mm.robustness(data, Bright(), memory=memory, quiet=True),
        lambda memory: mm.contributions(data, Bright(), memory=memory, quiet=True),
        lambda memory: mm.corrupt(
            data, tmp_path / memory, apply=("image/fog",), memory=memory, quiet=True
        ),
    ):
        with pytest.raises(InputError, match=r"'s00\d' takes .* has 20,000 bytes of --memory"):
            run("20kB")
        with pytest.raises(UsageError, match="'much' is no amount of memory"):
            run("much")


def test_embeddings_of_pairs_do_not_depend_on_the_memory(tmp_path):
    dataset = data.open(made(tmp_path / "data", 64, 2000))
    whole, cut = (
        embedded(
            dataset,
            ("image", "sound"),
            PlainFeatures(dataset.kinds),
            batch=8,
            workers=2,
            memory=most,
        )
        for most in (None, "700kB")
    )
    assert whole.positions.tolist() == cut.positions.tolist()
    assert whole.skipped == cut.skipped
    assert np.array_equal(whole.left, cut.left)
    assert np.array_equal(whole.right, cut.right)
