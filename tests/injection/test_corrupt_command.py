"""The real command: its answers and its exit codes."""

import errno
import json
import signal
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import command
import keypad_like
from mmaudit.cli import main
from mmaudit.kinds import image
from mmaudit.tables import store


@pytest.fixture
def mmaudit(monkeypatch, capsys):
    """Run the command line in this process: the same code, without the time to start."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["mmaudit", "corrupt", *map(str, arguments)])
        capsys.readouterr()
        code = main()
        return SimpleNamespace(returncode=code, **capsys.readouterr()._asdict())

    return run


def test_one_corruption_at_severity_5_then_verified_then_damaged(everything, tmp_path, mmaudit):
    out = tmp_path / "out"
    done = mmaudit(
        everything,
        out,
        "--apply",
        "vector/dropout:5",
        "--fraction",
        "0.5",
        "--preview",
        tmp_path / "sheet.png",
    )
    assert done.returncode == 0, done.err
    assert 'vector/dropout on feature: {"0": 30, "5": 30}' in done.out
    assert str(out / "dataset.toml") in done.out
    assert (tmp_path / "sheet.png").is_file()
    checked = mmaudit("--verify", out / "card.json")
    assert checked.returncode == 0
    assert "match, byte for byte" in checked.out
    (out / "ledger.parquet").write_bytes(b"")
    checked = mmaudit("--verify", out / "card.json")
    assert checked.returncode == 1
    assert "differs from the card: ledger.parquet" in checked.out


def test_recipe_json_and_refusals(everything, tmp_path, mmaudit):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('apply = "missing/mcar:2"\nseed = 3\n')
    done = mmaudit(everything, tmp_path / "a", "--recipe", recipe, "--json")
    told = json.loads(done.out)
    assert told["options"]["seed"] == 3
    assert told["steps"][0]["realised"]["patterns"]
    for arguments, code, says in (
        ((everything, tmp_path / "b"), 2, "nothing is to be applied"),
        ((everything,), 2, "what to corrupt and where to"),
        ((everything, tmp_path / "b", "--apply", "vector/dropuot"), 2, "vector/dropout"),
        ((everything, tmp_path / "a", "--apply", "vector/dropout"), 2, "not empty"),
        ((tmp_path / "nowhere", tmp_path / "b", "--apply", "vector/dropout"), 3, "error"),
        (("--verify", tmp_path / "nowhere.json"), 3, "there is no such card"),
    ):
        refused = mmaudit(*arguments)
        assert refused.returncode == code, refused.err
        assert says in refused.err
        assert "Traceback" not in refused.err


def test_what_calibration_found_or_could_not_is_said(everything, tmp_path, mmaudit):
    steps = ("--apply", "text/word_delete", "--apply", "vector/dropout")
    done = mmaudit(everything, tmp_path / "a", *steps, "--calibrate", "edit_rate=0.1")
    cut, reached, other, unmeasured, _ = done.out.splitlines()
    assert cut == 'text/word_delete on caption: {"3": 60}, 25 of them as they were'
    assert reached.startswith("  edit_rate=0.1: share 0.1")
    assert other == 'vector/dropout on feature: {"3": 60}, 8 of them without a value'
    assert unmeasured == "  not measured by edit_rate: as it is"
    far = mmaudit(everything, tmp_path / "b", *steps[:2], "--calibrate", "edit_rate=0.9")
    assert "  edit_rate=0.9 cannot be reached: severities 1 to 5 have 0.0" in far.out


def test_a_step_that_changes_nothing_is_no_answer_and_of_a_pattern_is_left_out(tmp_path, mmaudit):
    data, out = tmp_path / "ta.csv", tmp_path / "out"
    data.write_text(
        "id,text\n" + "".join(f"s{i},ஒரு சிவப்பு பறவை மரத்தில் பாடுகிறது\n" for i in range(40)), "utf-8"
    )
    done = mmaudit(data, out / "named", "--apply", "text/keyboard:5")
    assert done.returncode == 5
    assert "text/keyboard changed nothing: 40 samples are as they were" in done.err
    told = store.read(out / "named" / "ledger.parquet")
    assert (sum(told["applied"].to_pylist()), sum(told["changed"].to_pylist())) == (40, 0)
    done = mmaudit(data, out / "drawn", "--apply", "text/[ck]*:5")
    assert done.returncode == 0
    (line,) = [line for line in done.out.splitlines() if "text/keyboard" in line]
    assert line.endswith(": left out, because no sample is changed by it")
    assert "left out" not in next(x for x in done.out.splitlines() if "text/char_delete" in x)
    assert mmaudit(data, out / "none", "--apply", "text/[kc][ea][ys]*:5").returncode == 5


def test_unreadable_files_are_not_swallowed_by_the_real_command(tmp_path):
    path = keypad_like.write(tmp_path / "data", n=6, broken={2})
    done = command.mmaudit("corrupt", path, tmp_path / "out", "--apply", "image/fog:5")
    assert done.returncode == 5
    assert "1 values could not be read" in done.stderr


def test_damaged_hashes_are_a_difference_not_an_error(everything, tmp_path, mmaudit):
    assert mmaudit(everything, tmp_path / "out", "--apply", "vector/dropout:5").returncode == 0
    (tmp_path / "out" / "hashes.parquet").write_bytes(b"")
    checked = mmaudit("--verify", tmp_path / "out" / "card.json")
    assert checked.returncode == 1
    assert "hashes.parquet" in checked.out


@pytest.fixture
def verified(tmp_path, mmaudit):
    """A corrupted dataset with its clean one beside it, and how to change its card."""
    keypad_like.write(tmp_path / "data", n=6)
    clean, out = tmp_path / "data" / "dataset.toml", tmp_path / "out"
    assert mmaudit(clean, out, "--apply", "text/ocr:3").returncode == 0
    card = out / "card.json"
    told = json.loads(card.read_text())

    def changed(**keys):
        card.write_text(json.dumps(told | keys))
        return mmaudit("--verify", card)

    return SimpleNamespace(clean=clean, card=card, told=told, changed=changed)


def test_clean_data_that_is_gone_is_said_and_may_be_named(verified, tmp_path, mmaudit):
    moved = verified.clean.parent.rename(tmp_path / "elsewhere")
    lost = mmaudit("--verify", verified.card)
    assert lost.returncode == 3
    assert lost.err.splitlines()[-3:] == [
        "error: the clean data of this card: there is no such file or folder",
        f"where: {tmp_path / 'data' / 'data.parquet'}",
        f"try: put it back, or say where it is: mmaudit corrupt DATASET --verify {verified.card}",
    ]
    assert mmaudit(moved / "dataset.toml", "--verify", verified.card).returncode == 0
    other = keypad_like.write(tmp_path / "other", n=7)
    refused = mmaudit(other, "--verify", verified.card)
    assert refused.returncode == 3
    assert "is not what the card was made from" in refused.err
    also = mmaudit(moved / "dataset.toml", "--verify", verified.card, "--seed", "3")
    assert also.returncode == 2
    assert "and not seed" in also.err


def test_a_url_that_does_not_answer_is_said(verified, monkeypatch):
    monkeypatch.setenv("MMAUDIT_HOSTS", "127.0.0.1")
    manifest = verified.told["dataset"]["manifest"].replace(
        "../data/data.parquet", "http://127.0.0.1:9/data.parquet"
    )
    lost = verified.changed(dataset=verified.told["dataset"] | {"manifest": manifest})
    assert lost.returncode == 4
    assert "the clean data of this card: cannot be fetched" in lost.err
    assert "where: http://127.0.0.1:9/data.parquet" in lost.err


def test_a_card_of_another_version_of_a_corruption_is_told_so(verified):
    (step,) = verified.told["steps"]
    other = verified.changed(steps=[step | {"version": 99}])
    assert other.returncode == 4
    assert f"text/ocr is here in version {step['version']}, and" in other.err


def test_a_card_that_was_changed_is_no_bug_of_ours(verified):
    told = verified.told
    (step,) = told["steps"]
    wrong = {"target": 1, "reached": 1, "ok": True, "parameters": {"sigma": 1}}
    for keys in (
        {"options": told["options"] | {"sed": 1}},
        {"options": told["options"] | {"seed": "a"}},
        {"dataset": {"manifest": "name = 1", "digests": {}}},
        {"dataset": {"manifest": "name = ", "digests": {}}},
        {"dataset": 3},
        {"steps": [1]},
        {"steps": [step | {"calibrated": {}}]},
        {"steps": [step | {"calibrated": {"dose": "x", "reachable": [0, 1], "levels": [wrong]}}]},
    ):
        refused = verified.changed(**keys)
        assert refused.returncode == 3, keys
        assert "the card was changed" in refused.err
    emptied = verified.changed(files={})
    assert emptied.returncode == 1
    assert "is not in the card: data/" in emptied.out


def test_a_preview_may_lie_in_the_folder_that_is_written(everything, tmp_path, mmaudit):
    out = tmp_path / "out"
    step = ("--apply", "vector/dropout:5")
    done = mmaudit(everything, out, *step, "--preview", out / "sheets" / "sheet.png")
    assert done.returncode == 0, done.err
    assert (out / "sheets" / "sheet.png").is_file()
    assert mmaudit("--verify", out / "card.json").returncode == 0
    plan = mmaudit(
        everything, tmp_path / "a", "--apply", "missing/mcar", "--preview", out / "x.png"
    )
    assert (plan.returncode, (tmp_path / "a").exists()) == (2, False)


def test_a_card_finds_the_data_from_behind_a_link(everything, tmp_path, mmaudit):
    (tmp_path / "really" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "really" / "deep")
    out = tmp_path / "link" / "out"
    assert mmaudit(everything, out, "--apply", "vector/dropout:5").returncode == 0
    checked = mmaudit("--verify", out / "card.json")
    assert checked.returncode == 0, checked.err
    assert mmaudit("--verify", tmp_path / "really/deep/out/card.json").returncode == 0


def test_places_that_cannot_be_written_are_no_bugs(everything, tmp_path, mmaudit):
    (tmp_path / "file").touch()
    step = ("--apply", "vector/dropout:5")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for out in (tmp_path / "file" / "out", tmp_path / ("long" * 80), tmp_path / "loop" / "out"):
        done = mmaudit(everything, out, *step)
        assert done.returncode == 2
        assert "try: another path" in done.err
        assert "bug" not in done.err
    done = mmaudit(everything, tmp_path / "none", *step, "--workers", 0)
    assert (done.returncode, (tmp_path / "none").exists()) == (2, False)


def test_a_full_disk_is_no_bug_and_the_end_of_a_file_is_no_answer(monkeypatch, mmaudit):
    def fails(error):
        def corrupt(*_arguments, **_options):
            raise error

        monkeypatch.setattr("mmaudit.runs.corrupt.corrupt", corrupt)
        return mmaudit("a", "b")

    full = fails(OSError(errno.ENOSPC, "No space left on device", "out/x.parquet"))
    assert full.returncode == 5
    assert full.err.splitlines()[:2] == ["error: No space left on device", "where: out/x.parquet"]
    folder = fails(IsADirectoryError(errno.EISDIR, "Is a directory", "rows"))
    assert folder.returncode == 2
    assert folder.err.splitlines()[:2] == ["error: Is a directory", "where: rows"]
    assert fails(EOFError("ends here")).returncode == 70
    stopped = fails(KeyboardInterrupt())
    assert stopped.returncode == 130
    assert "--resume" in stopped.err


def test_an_index_that_is_empty_or_changed_is_refused(everything, tmp_path, mmaudit, monkeypatch):
    index = tmp_path / "mask.npy"
    index.touch()
    step = (everything, tmp_path / "out", "--apply", "missing/subset:5@caption", "--index", index)
    assert mmaudit(*step).returncode == 3
    np.save(index, np.arange(60)[:, None] < 30)

    def stops(*_arguments, **_options):
        signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr("mmaudit.engines.local.write", stops)
        assert mmaudit(*step).returncode == 130
    np.save(index, np.arange(60)[:, None] < 20)
    other = mmaudit(*step, "--resume")
    assert (other.returncode, "was another one" in other.err) == (2, True)
    np.save(index, np.arange(60)[:, None] < 30)
    assert mmaudit(*step, "--resume").returncode == 0
    np.save(index, np.arange(60)[:, None] < 20)
    changed = mmaudit("--verify", tmp_path / "out" / "card.json")
    assert (changed.returncode, "index differs" in changed.err) == (3, True)


def test_out_may_not_lie_in_the_folder_that_is_read(tmp_path, mmaudit):
    for place in ("a/1", "a/2", "b/1"):
        (tmp_path / "read" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "read" / f"{place}.png").write_bytes(
            image.encode(np.full((8, 8, 3), 90, np.uint8), "png")
        )
    step = ("--apply", "image/brightness:2")
    inside = mmaudit(tmp_path / "read", tmp_path / "read" / "deep" / "out", *step)
    assert (inside.returncode, "lies in the one that is read" in inside.err) == (2, True)
    assert {p.name for p in (tmp_path / "read").iterdir()} == {"a", "b"}
    assert mmaudit(tmp_path / "read", tmp_path / "out", *step).returncode == 0
    assert mmaudit(tmp_path / "out", tmp_path / "out" / "again", *step).returncode == 0
    assert mmaudit("--verify", tmp_path / "out" / "again" / "card.json").returncode == 0
