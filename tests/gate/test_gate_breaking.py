"""Breaking points are read off straight lines between what was measured."""

import pytest
from test_gate_command import config as gate_file
from test_gate_command import gate

import run_folders
from mmaudit.gate import config
from mmaudit.gate.breaking import breaking_points, crossing


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_folders.make(tmp_path_factory.mktemp("run"))


def points(run, metric="robustness.accuracy{corruption=image/*}", **limits):
    told = {"check": [{"id": "a", "metric": metric} | limits]}
    return breaking_points(run, config.build(told, "g"))


@pytest.mark.parametrize(
    ("values", "limit", "expected"),
    [
        ([0, 1, 3], 2, 2.0),  # severities 0, 1, 3: half way between the last two
        ([0, 1, 3], 3, None),
        ([0, 1, 3], 0, 0.0),
        ([5, 6, 7], 2, 0.0),
        ([0, 4, 1], 2, 0.5),
    ],
)
def test_crossings_by_hand(values, limit, expected):
    assert crossing([0, 1, 3], values, limit) == expected


def test_a_line_breaks_where_it_crosses(run):
    """The fixture loses 0.06 a severity, with a band of 0.01: 0.15 is lost at 2.5."""
    (blur,) = points(run, max_drop=0.15)
    assert blur.series == "image/motion_blur@image"
    assert blur.severity == pytest.approx(2.5)
    assert blur.low < 2.5 < blur.high
    assert str(blur).startswith("severity 2.5 [")
    (floor,) = points(run, min=0.75)
    assert floor.severity == pytest.approx(2.5)
    (loss,) = points(run, "robustness.nll{corruption=image/*}", max=0.45)
    assert loss.severity == pytest.approx(2.5)


def test_what_does_not_break_says_up_to_where(run):
    assert str(points(run, max_drop=0.5)[0]) == "not up to severity 5"
    assert "perhaps from" in str(points(run, max_drop=0.305)[0])
    assert points(run, max_drop_rel=0.1) == []
    assert points(run, "gone.metric", max=1.0) == []


def test_the_earliest_is_first(run):
    made = points(run, "robustness.accuracy{corruption=*/*_*}", max_drop=0.05)
    both = points(run, "robustness.accuracy{corruption=*}", max_drop=0.05)
    assert [b.series.partition("/")[0] for b in both] == ["image", "text"]
    assert made[0] == both[0]


def test_the_command_prints_them(run, tmp_path):
    path = gate_file(
        tmp_path / "g.toml", ("robustness.accuracy{corruption=image/*}", "max_drop = 0.15")
    )
    done = gate(run, "--config", path, "--breaking-points", "--json", tmp_path / "v.json")
    assert "breaks  0: image/motion_blur@image: severity 2.5 [" in done.stdout
    path = gate_file(tmp_path / "g.toml", ("robustness.accuracy{condition=clean}", "min = 0.1"))
    done = gate(run, "--config", path, "--breaking-points", "--json", tmp_path / "v.json")
    assert "no check is about severities" in done.stdout
