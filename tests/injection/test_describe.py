"""What `mmaudit list` shows: everything that is known of a corruption, in lines that fit."""

import sys

import pytest

from mmaudit import parts
from mmaudit.cli import main
from mmaudit.corruptions.groups import SUBSETS
from mmaudit.injection.describe import describe
from mmaudit.injection.spec import load_part

NAMES = parts.names("corruptions")


@pytest.fixture
def listed(monkeypatch, capsys):
    def run(*arguments, columns=100):
        monkeypatch.setattr(sys, "argv", ["mmaudit", "list", *arguments])
        monkeypatch.setenv("COLUMNS", str(columns))
        code = main()
        return code, capsys.readouterr().out

    return run


@pytest.mark.parametrize("name", NAMES)
def test_a_corruption_is_described_whole(name):
    part, text = load_part(name), " ".join(" ".join(describe(name, 10**4)).split())
    assert text.startswith(f"{name} {parts.summary('corruptions', name)}")
    for field in part.severities[0]._fields:
        values = [getattr(severity, field) for severity in part.severities]
        shown = " ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values)
        assert f" {field} {shown} {part.units[field]} " in text
        assert part.units[field] != "1", "of what is it a share?"
    assert f"version {part.version} " in text
    assert text.endswith(" ".join(part.source.split()))


def test_all_doses_of_the_ledger_are_told():
    for name, doses in (
        ("image/brightness", "psnr_db [dB], ssim, cosine with --encoder"),
        ("image/fog", "ssim, psnr_db [dB], cosine with --encoder"),
        ("text/ocr", "edit_rate, cosine with --encoder"),
        ("audio/white_noise", "snr_db [dB]"),
        ("vector/dropout", "share_changed"),
        ("missing/mcar", "missing"),
        ("pairing/shuffle", "mismatch"),
        ("label/symmetric", "label_changed"),
    ):
        assert ["dose", doses] in [line.split(maxsplit=1) for line in describe(name)], name


@pytest.mark.parametrize("columns", [80, 100])
def test_no_line_is_wider_than_the_terminal_and_no_corruption_is_left_out(listed, columns):
    code, out = listed("corruptions", columns=columns)
    assert code == 0
    lines = out.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == list(NAMES)
    assert max(map(len, lines)) <= columns


def test_without_a_kind_the_names_of_all_are_listed(listed):
    code, out = listed(columns=80)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    firsts = {line.split()[0] for line in out.splitlines() if line and not line.startswith(" ")}
    assert firsts >= {*NAMES, *parts.names("audits"), *parts.names("models/adapters")}


def test_a_subset_or_a_pattern_chooses(listed):
    for pattern, names in (
        ("weather", SUBSETS["weather"]),
        ("pairing/*", [n for n in NAMES if n.startswith("pairing/")]),
        ("image/fog", ["image/fog"]),
    ):
        _, out = listed("corruptions", pattern)
        assert [x for x in out.splitlines() if x and not x.startswith(" ")] == list(names)
    assert listed("models", "onnx")[1].startswith("onnx  ")
    assert listed("corruptions", "nothing")[0] == 2
