import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.errors import InputError
from mmaudit.manifest.readers import jsonl


def opened(folder, text, **options):
    path = folder / "data.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return jsonl.open((path,), **options)


def column(reader, name):
    return reader.column(name).to_pylist()


def test_numbers_of_two_forms_are_one_type_and_absent_keys_are_absent(tmp_path):
    reader = opened(tmp_path, '{"a": 1}\n\n{"a": 0.5, "b": [1, 2.5]}\n{"b": null}\n')
    assert column(reader, "a") == [1.0, 0.5, None]
    assert column(reader, "b") == [None, [1.0, 2.5], None]
    assert reader.place(1).endswith(":3")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('{"a": 1}\n{"a": "x"}\n', 2, "column 'a' holds a number and text"),
        ('{"a": 1}\n{"a": true}\n', 2, "a number and true or false"),
        ('{"a": [1]}\n{"a": 2}\n', 2, "a list of a number and a number"),
        ('{"a": [1, "x"]}\n', 1, "column 'a' holds a number and text"),
        ('{"a": 1\n', 1, "not a JSON object"),
        ("[1]\n", 1, "not a JSON object but list"),
        (b'{"a": "\xff"}\n', 1, "UTF-8"),
        ('{"a": 1}\n{"a": ' + "[" * 100_000, 2, "not a JSON object"),
        ('{"a": "x"}\n{"a": "\\ud800"}\n', 2, "half a letter"),
        ('{"a": 1}\n{"a": 99999999999999999999}\n', 2, "does not fit"),
    ],
)
def test_a_bad_line_is_named(tmp_path, text, line, what):
    with pytest.raises(InputError) as caught:
        opened(tmp_path, text)
    assert what in str(caught.value)
    assert caught.value.where == f"{tmp_path / 'data.jsonl'}:{line}"


def test_a_line_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(InputError, match="more than 20 bytes"):
        opened(tmp_path, json.dumps({"a": "x" * 50}), most=20)


values = (
    st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=9)) | st.none()
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries({"a": values, "b": st.lists(st.floats(width=32, allow_nan=False), max_size=3)}), min_size=1, max_size=20))  # fmt: skip
def test_what_the_standard_library_writes_is_read(tmp_path_factory, table):
    reader = opened(tmp_path_factory.mktemp("j"), "\n".join(map(json.dumps, table)))
    assert column(reader, "a") == [row["a"] for row in table]
    assert column(reader, "b") == [row["b"] for row in table]
