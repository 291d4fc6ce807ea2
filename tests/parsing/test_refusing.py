import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from loading import load
from mmaudit.errors import InputError, UsageError
from mmaudit.kinds.base import Undecodable
from mmaudit.parsing.base import refusing
from mmaudit.runs import config


class PanicException(BaseException):
    """What a native library raises."""


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("first line\nsecond line"), "bad: first line"),
        (KeyError("x"), "bad: KeyError: 'x'"),
        (OSError(22, "Invalid argument"), "bad: Invalid argument"),
        (RecursionError(), "bad: it is nested too deeply"),
        (MemoryError(), "bad: it asks for more memory than there is"),
        (PanicException("no such byte"), "bad: no such byte"),
        (NotImplementedError(), "bad: NotImplementedError"),
    ],
)
def test_whatever_a_library_raises_is_said_of_the_file(error, why):
    with pytest.raises(InputError) as caught, refusing("bad", "a.x", "another"):
        raise error
    assert (caught.value.what, caught.value.where, caught.value.fix) == (why, "a.x", "another")


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(0), UsageError("no", fix="yes"), Undecodable("it")]
)
def test_our_own_words_and_the_persons_pass(error):
    with pytest.raises(type(error)) as caught, refusing("bad", "a.x", "another"):
        raise error
    assert caught.value is error


def test_answers_that_are_not_finite_are_refused_by_their_column(tmp_path):
    rows = {"id": ["a", "b"], "condition": ["clean"] * 2}
    rows |= {"prob_x": [0.5, np.nan], "prob_y": [0.5, 0.5]}
    parquet.write_table(pa.table(rows), tmp_path / "p.parquet")
    with pytest.raises(InputError, match="1 value of the column 'prob_x': not finite"):
        load(f"predictions:{tmp_path}/p.parquet")


@pytest.mark.parametrize("line", ["model = 1.5", "sha256 = true"])
def test_a_config_says_texts_where_texts_are_meant(tmp_path, line):
    text = f'schema = 1\ndataset = "d.toml"\n{line}\n[robustness]\n'
    (tmp_path / "audit.toml").write_text(text)
    with pytest.raises(UsageError, match="is not a text"):
        config.read(tmp_path / "audit.toml")
