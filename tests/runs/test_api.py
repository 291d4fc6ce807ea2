"""The Python API: the same names, defaults and help as the command's flags, and tables to look at."""

import dataclasses
import inspect
from io import StringIO

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from rich.console import Console

import mmaudit as mm
from command import mmaudit
from mmaudit import parts
from mmaudit.cli.audits import audit_command
from mmaudit.errors import UsageError
from mmaudit.runs.folder import Run

AUDITS = parts.names("audits")


class Half:
    """Says yes to what is above a half."""

    modalities = ("x",)
    classes = ("no", "yes")

    def scores(self, batch, present):
        p = np.clip(np.asarray(batch["x"])[:, :1], 0, 1)
        return np.concatenate([1 - p, p], 1).astype(np.float32)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    x = np.linspace(0, 1, 60, dtype=np.float32)
    table = {"id": [f"<b>{i}" for i in range(60)], "x": [[v, v / 2] for v in x.tolist()]}
    table["y"] = ["yes" if v > 0.5 else "no" for v in x]
    parquet.write_table(pa.table(table), folder / "rows.parquet")
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "half"\n[source]\npath = "rows.parquet"\nid = "id"\n'
        '[modality.x]\nkind = "vector"\ncolumn = "x"\n[target]\ncolumn = "y"\nkind = "class"\n'
    )
    return mm.load(folder / "dataset.toml")


@pytest.fixture(scope="module")
def run(dataset):
    return mm.robustness(
        dataset, Half(), corruptions=("vector/dropout",), absent=("zeros",), quiet=True
    )


@pytest.mark.parametrize("name", AUDITS)
def test_function_flags_and_options_are_in_step(name):
    options = {f.name: f for f in dataclasses.fields(parts.load("audits", name).Options)}
    function = inspect.signature(getattr(mm, name)).parameters
    flags = inspect.signature(audit_command(name)).parameters
    for key, field in options.items():
        assert function[key].default == field.default or field.default is dataclasses.MISSING
        assert key in flags
        text = flags[key].annotation.__metadata__[0].help
        assert text.startswith(field.metadata["help"])
        assert f"{key}: {field.metadata['help']}" in getattr(mm, name).__doc__


@pytest.mark.parametrize("name", AUDITS)
def test_every_flag_is_in_the_help(name):
    done = mmaudit(name.replace("_", "-"), "--help")
    assert done.returncode == 0, done.stderr
    for field in dataclasses.fields(parts.load("audits", name).Options):
        flag = field.metadata.get("flag") or field.name.replace("_", "-")
        assert f"--{flag}" in done.stdout


def test_completion_offers_the_api():
    assert {"load", "corrupt", "Corrupted", *AUDITS} <= set(dir(mm))
    for name in dir(mm):
        assert getattr(mm, name)
    with pytest.raises(AttributeError):
        _ = mm.no_such_thing


def test_tables_show_in_a_terminal_a_notebook_and_pandas(run):
    screen = StringIO()
    Console(file=screen, width=200).print(run["robustness/summary"])
    assert "accuracy" in screen.getvalue()
    assert "more rows" in screen.getvalue()
    page = run["robustness/samples"]._repr_html_()
    assert "<td>&lt;b&gt;0</td>" in page
    assert "<b>0" not in page
    frame = run["robustness/summary"].to_pandas()
    assert {"condition", "metric", "estimate.value", "estimate.low"} <= set(frame.columns)
    assert run.tables == ("robustness/examples", "robustness/summary", "skipped")


def test_a_notebook_shows_what_the_run_says_and_not_what_it_holds(run):
    page = run._repr_html_()
    assert "Clean accuracy is" in page
    assert "<td>robustness/samples</td><td>" in page
    assert len(page) < 3000
    examples = run["robustness/examples"]
    assert len(examples._repr_html_()) < 400 * (len(examples.arrow().column_names) * 42)
    assert "\\x" not in examples._repr_html_()


def test_a_table_that_is_not_there_is_refused_with_the_close_one(run):
    with pytest.raises(UsageError, match="no table 'robustness/sumary'") as refusal:
        run["robustness/sumary"]
    assert "robustness/summary" in refusal.value.fix


def test_one_of_several_may_be_said_alone_as_on_the_command_line(dataset, run):
    again = mm.robustness(dataset, Half(), corruptions="vector/dropout", absent="zeros", quiet=True)
    assert again["robustness/summary"].arrow().equals(run["robustness/summary"].arrow())


def test_a_temporary_run_lives_as_long_as_its_tables(dataset):
    table = mm.robustness(
        dataset,
        Half(),
        corruptions=("vector/dropout",),
        severities=(1,),
        absent=("zeros",),
        replicates=20,
        quiet=True,
    )["robustness/summary"]
    path = table.run.path
    assert path.exists()
    assert len(table.arrow())
    del table
    assert not path.exists()


def test_a_run_directory_opens_again(run):
    again = Run(str(run.path))
    assert again["robustness/summary"].arrow().equals(run["robustness/summary"].arrow())


def test_a_mistyped_option_is_refused_with_the_close_one(dataset):
    with pytest.raises(UsageError) as refusal:
        mm.robustness(dataset, Half(), severites=(1,))
    assert "severities" in refusal.value.fix


def test_the_callers_arrays_and_global_randomness_are_left_alone(dataset):
    import random

    before = np.random.get_state()[1:3], random.getstate()
    mm.robustness(
        dataset, Half(), corruptions=("vector/*",), absent=("zeros",), replicates=20, quiet=True
    )
    after = np.random.get_state()[1:3], random.getstate()
    assert before[1] == after[1]
    assert before[0][1] == after[0][1]
    assert np.array_equal(before[0][0], after[0][0])
