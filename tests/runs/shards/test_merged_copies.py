"""A copy made in shards and joined has the files of one that was made at once, in every form."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

import hub
import keypad_like
import mmaudit as mm
import own_sources
import sharded
from command import mmaudit
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.injection.prepare import UnitSize
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.write.layout import OWN
from mmaudit.runs import corrupt as copies
from mmaudit.runs.shards.merge import merge

N = 10
APPLY = ("image/brightness:2", "missing/mcar:2", "text/keyboard:3", "label/symmetric:3")
SMALL = UnitSize(content=1, fewest=3, most=3)


def facts():
    return [
        {"id": f"s{i}", "caption": f"a text of {i}", "x": i / 4, "age": i, "kind": "uv"[i % 2]}
        for i in range(N)
    ]


def picture(i):
    """A small picture that is none of the others."""
    pixels = Image.linear_gradient("L").resize((32, 32)).rotate(7 * i).convert("RGB")
    return hub.encoded(pixels, "JPEG" if i % 2 else "PNG")


def saved(folder):
    rows = [{**fact, "emb": [fact["x"], 1.0]} for fact in facts()]
    hub.save({"train": rows}, [picture(i) for i in range(N)], folder / "saved")
    return folder / "saved"


SOURCES = {
    "coco": lambda folder: own_sources.coco(folder, facts(), picture),
    "npz": lambda folder: own_sources.npz(folder, facts()),
    "hdf5": lambda folder: own_sources.hdf5(folder, facts()),
    "croissant": lambda folder: own_sources.croissant(folder, facts(), picture),
    "arrow": saved,
}
FORMS = ("parquet", "folder", "webdataset", *SOURCES)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Units of three samples, so that there are several."""
    monkeypatch.setattr(copies, "corrupt_dataset", partial(corrupt_dataset, size=SMALL))


def source(form, folder):
    folder.mkdir()
    if form in SOURCES:
        return SOURCES[form](folder), {"apply": [*APPLY]}
    return keypad_like.write(folder, n=N), {"apply": [*APPLY, "pairing/shuffle:3@caption"],
                                            "format": form}  # fmt: skip


def test_every_form_of_its_own_is_here():
    assert set(SOURCES) == set(OWN)


@pytest.mark.parametrize("form", FORMS)
def test_shards_end_in_the_files_of_a_whole_copy(form, tmp_path):
    dataset, asked = source(form, tmp_path / "data")
    mm.corrupt(dataset, tmp_path / "whole", **asked, quiet=True)
    parts = [tmp_path / f"part-{i}" for i in (1, 2, 3)]
    for i, out in enumerate(parts, 1):
        assert not mm.corrupt(dataset, out, shard=f"{i}/3", **asked, quiet=True).card
        assert not (out / "dataset.toml").exists()
    before = [sharded.contents(part) for part in parts]
    done = merge(tmp_path / "copy", parts[::-1], quiet=True)
    assert before == [sharded.contents(part) for part in parts]
    assert sharded.contents(done.path) == sharded.contents(tmp_path / "whole")
    assert merge(tmp_path / "copy", parts, quiet=True).card == done.card


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        here.setattr(copies, "corrupt_dataset", partial(corrupt_dataset, size=SMALL))
        path = keypad_like.write(Path("data"), n=N)
        for i in (1, 2):
            mm.corrupt(path, f"part-{i}", apply=APPLY, format="folder", shard=f"{i}/2", quiet=True)
    return folder


@pytest.fixture
def place(parts, tmp_path, monkeypatch):
    """A folder with the parts in it, that a test may change."""
    shutil.copytree(parts, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def joined(out="copy", **more):
    return merge(out, ["part-1", "part-2"], quiet=True, **more)


def test_a_file_that_is_damaged_or_away_is_refused(place):
    picture = next(Path("part-2/data").rglob("p*.*"))
    picture.write_bytes(picture.read_bytes()[:-1])
    with pytest.raises(InputError, match="damaged") as refusal:
        joined()
    assert refusal.value.where == str(picture)
    assert refusal.value.fix.startswith("remove part-2, then mmaudit corrupt data/")
    picture.unlink()
    with pytest.raises(InputError, match="is not there"):
        joined()
    shutil.rmtree("part-2")
    words = refusal.value.fix.partition("then mmaudit ")[2].split()
    assert mmaudit(*words).returncode == 0  # in one unit of its usual size, which is of the first
    with pytest.raises(UsageError, match="units changed, 4 in part-1 and 1 in part-2"):
        joined()


def test_a_part_that_is_not_finished_is_refused(place):
    Path("part-1/.parts/files.json").unlink()
    with pytest.raises(IncompleteError, match="part 1/2 is not finished") as refusal:
        joined()
    assert "--apply image/brightness:2" in refusal.value.fix
    assert refusal.value.fix.endswith("--format folder --shard 1/2 --resume")
    path = Path("data/dataset.toml")
    mm.corrupt(path, "part-1", apply=APPLY, format="folder", shard="1/2", resume=True, quiet=True)
    joined()


def test_a_list_that_leads_out_of_a_part_is_refused(place):
    from mmaudit.tables.signed import signed

    path = Path("part-1/.parts/files.json")
    content = json.loads(path.read_text())
    content["files"]["../outside"] = "0" * 64
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="was changed"):
        joined()
    path.write_text(json.dumps(signed({"files": content["files"]})))
    with pytest.raises(InputError, match="outside of it"):
        joined()


def test_a_copy_that_was_killed_while_it_was_joined_is_joined_again(place, monkeypatch):
    whole = sharded.contents(joined("other").path)

    def stops(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as here:
        here.setattr("mmaudit.injection.run.finish", stops)
        with pytest.raises(KeyboardInterrupt):
            joined()
    assert not Path("copy/card.json").exists()
    next(Path("copy/data").rglob("p*.*")).unlink()
    assert sharded.contents(joined().path) == whole


def test_a_part_is_no_copy_and_a_copy_no_part(place):
    path = Path("data/dataset.toml")
    with pytest.raises(UsageError, match="shard changed"):
        mm.corrupt(path, "part-1", apply=APPLY, format="folder", resume=True, quiet=True)
    joined()
    with pytest.raises(UsageError, match="not empty"):
        mm.corrupt(path, "copy", apply=APPLY, format="folder", shard="1/2", resume=True, quiet=True)
    with pytest.raises(UsageError, match="asked no model"):
        joined("more", model="openclip:a.json@b")
    done = mmaudit("report", "part-1")
    assert (done.returncode, done.stdout) == (5, "")
    assert "this is part 1/2 of what corrupt does" in done.stderr


def test_the_command_makes_parts_and_joins_them(place):
    shared = ("data/dataset.toml", "--apply", "vector/dropout:3", "--apply", "missing/mcar:2")
    for i in (1, 2):
        done = mmaudit("corrupt", shared[0], f"p{i}", *shared[1:], "--shard", f"{i}/2")
        assert done.returncode == 0, done.stderr
        assert f"part {i}/2: {2 - i} unit" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("mmaudit merge RUN PART-1 p2")
    done = mmaudit("merge", "copy", "p1", "p2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "dataset: copy/dataset.toml"
    assert mmaudit("corrupt", "--verify", "copy/card.json").returncode == 0
    done = mmaudit("merge", "more", "p1", "p2", "part-1", "part-2")
    assert done.returncode == 2
