"""The real command: its answers and its exit codes."""

import json
import subprocess
import sys

import keypad_like


def mmaudit(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "mmaudit", "corrupt", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_corruption_at_severity_5_then_verified_then_damaged(everything, tmp_path):
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
    assert done.returncode == 0, done.stderr
    assert 'vector/dropout on feature: {"0": 30, "5": 30}' in done.stdout
    assert str(out / "dataset.toml") in done.stdout
    assert (tmp_path / "sheet.png").is_file()
    checked = mmaudit("--verify", out / "card.json")
    assert checked.returncode == 0
    assert "match, byte for byte" in checked.stdout
    (out / "ledger.parquet").write_bytes(b"")
    checked = mmaudit("--verify", out / "card.json")
    assert checked.returncode == 1
    assert "differs from the card: ledger.parquet" in checked.stdout


def test_recipe_json_and_refusals(everything, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('apply = "missing/mcar:2"\nseed = 3\n')
    done = mmaudit(everything, tmp_path / "a", "--recipe", recipe, "--json")
    told = json.loads(done.stdout)
    assert told["options"]["seed"] == 3
    assert told["steps"][0]["realised"]["patterns"]
    for arguments, code, says in (
        ((everything, tmp_path / "b"), 2, "nothing is to be applied"),
        ((everything,), 2, "what to corrupt and where to"),
        ((everything, tmp_path / "b", "--apply", "vector/dropuot"), 2, "vector/dropout"),
        ((everything, tmp_path / "a", "--apply", "vector/dropout"), 2, "not empty"),
        ((tmp_path / "nowhere", tmp_path / "b", "--apply", "vector/dropout"), 3, "error"),
        (("--verify", tmp_path / "nowhere.json"), 3, "cannot read the card"),
    ):
        refused = mmaudit(*arguments)
        assert refused.returncode == code, refused.stderr
        assert says in refused.stderr
        assert "Traceback" not in refused.stderr


def test_unreadable_files_are_not_swallowed(tmp_path):
    path = keypad_like.write(tmp_path / "data", n=6, broken={2})
    done = mmaudit(path, tmp_path / "out", "--apply", "image/fog:5")
    assert done.returncode == 5
    assert "1 values could not be read" in done.stderr
