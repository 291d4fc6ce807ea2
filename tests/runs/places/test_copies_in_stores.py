"""Corrupted copies in an object store: the same files as on a disk, put as they are finished."""

import json
import os

import pytest

import mmaudit as mm
import s3_server
from command import mmaudit
from mmaudit.errors import MissingError
from named_pictures import pictures, put

OUT = "s3://bucket/worse"
STEP = "image/gaussian_noise:3"


@pytest.fixture
def local(tmp_path):
    return pictures(tmp_path / "local", 8)


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def stored(s3):
    names = [n for n in s3.names() if n.startswith("worse/") and "/.mmaudit" not in n]
    return {name.removeprefix("worse/"): s3.content(name) for name in names}


def test_a_copy_in_a_store_is_the_copy_on_a_disk(s3, local, tmp_path):
    mm.corrupt(local / "dataset.toml", OUT, apply=STEP, format="folder", quiet=True)
    mm.corrupt(local / "dataset.toml", tmp_path / "worse", apply=STEP, format="folder", quiet=True)
    there, here = stored(s3), files(tmp_path / "worse")
    assert sum(name.endswith(".png") for name in there) == 8
    cards = [json.loads(some.pop("card.json")) for some in (there, here)]
    assert there == here
    assert cards[0]["steps"] == cards[1]["steps"]
    copy = mm.load(f"{OUT}/dataset.toml")
    assert copy.digests == mm.load(tmp_path / "worse" / "dataset.toml").digests


def test_a_copy_that_stopped_on_the_way_goes_on(s3, local):
    s3.fault(s3_server.unavailable, times=99, method="PUT", ending="ledger.parquet")
    with pytest.raises(MissingError, match="cannot be reached"):
        mm.corrupt(local / "dataset.toml", OUT, apply=STEP, format="folder", quiet=True)
    s3.faults.clear()
    assert any("/.parts/" in name for name in s3.names())
    mm.corrupt(local / "dataset.toml", OUT, apply=STEP, format="folder", resume=True, quiet=True)
    assert "worse/card.json" in s3.names()
    assert not any("/.parts/" in name for name in s3.names())


def test_the_command_says_where_a_copy_is_and_verifies_it(s3, local, tmp_path):
    put(s3, local)
    words = ("corrupt", "s3://bucket/sets/one", OUT, "--apply", STEP)
    done = mmaudit(*words, env=dict(os.environ), loaded=("s3fs",))
    assert done.returncode == 0, done.stderr
    assert f"dataset: {OUT}/dataset.toml\n" in done.stdout
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "other")}
    card = ("corrupt", "--verify", f"{OUT}/card.json", "s3://bucket/sets/one")
    done = mmaudit(*card, env=env, loaded=("s3fs",))
    assert done.returncode == 0, done.stdout + done.stderr
