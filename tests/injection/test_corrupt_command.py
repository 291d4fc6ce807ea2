"""The real command: its answers and its exit codes."""

import json
import subprocess
import sys
from types import SimpleNamespace

import keypad_like
import pytest

from mmaudit.cli import main


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
        (("--verify", tmp_path / "nowhere.json"), 3, "cannot read the card"),
    ):
        refused = mmaudit(*arguments)
        assert refused.returncode == code, refused.err
        assert says in refused.err
        assert "Traceback" not in refused.err


def test_unreadable_files_are_not_swallowed_by_the_real_command(tmp_path):
    path = keypad_like.write(tmp_path / "data", n=6, broken={2})
    told = [sys.executable, "-m", "mmaudit", "corrupt", str(path), str(tmp_path / "out")]
    done = subprocess.run(
        [*told, "--apply", "image/fog:5"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert "1 values could not be read" in done.stderr


def test_damaged_hashes_are_a_difference_not_an_error(everything, tmp_path, mmaudit):
    assert mmaudit(everything, tmp_path / "out", "--apply", "vector/dropout:5").returncode == 0
    (tmp_path / "out" / "hashes.parquet").write_bytes(b"")
    checked = mmaudit("--verify", tmp_path / "out" / "card.json")
    assert checked.returncode == 1
    assert "hashes.parquet" in checked.out
