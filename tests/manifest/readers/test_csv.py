import csv as standard

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.errors import InputError
from mmaudit.manifest.readers import csv


def opened(folder, text, name="data.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return csv.open((path,))


def rows(reader):
    return list(zip(*(reader.column(n).to_pylist() for n in reader.schema.names), strict=True))


def test_an_empty_cell_is_absent_and_blank_lines_are_no_rows(tmp_path):
    assert rows(opened(tmp_path, 'a,b\n1,\n\n"",x\n')) == [("1", None), (None, "x")]


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path):
    assert rows(opened(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n")) == [("1", "2")]


def test_tabs_separate_in_tsv(tmp_path):
    assert rows(opened(tmp_path, "a\tb\n1,5\t2\n", "data.tsv")) == [("1,5", "2")]
    assert rows(opened(tmp_path, "a\tb\n1,5\t2\n", "DATA.TSV")) == [("1,5", "2")]


def test_a_row_is_placed_at_the_line_it_starts_at(tmp_path):
    reader = opened(tmp_path, 'a,b\n1,"two\nlines"\n3,4\n')
    assert [reader.place(i).rpartition(":")[2] for i in range(2)] == ["2", "4"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "no name"),
        ("a,\n1,2\n", 1, "no name"),
        ("a,a\n1,2\n", 1, "'a' twice"),
        ("a,b\n1,2\n1,2,3\n", 3, "3 cells, the header has 2"),
        ("a,b\n1\n", 2, "1 cells"),
        ('a,b\n1,"never closed\n2,3\n', 2, "unexpected end"),
        ('a,b\n1,"x"y\n', 2, "expected after"),
        (b"a,b\n1,2\n1,\xff\n", 3, "not UTF-8"),
        (b"a,\xff\n1,2\n", 1, "not UTF-8"),
    ],
)
def test_a_bad_line_is_named(tmp_path, text, line, what):
    with pytest.raises(InputError) as caught:
        opened(tmp_path, text)
    assert what in caught.value.what
    assert caught.value.where == f"{tmp_path / 'data.csv'}:{line}"


def test_files_with_other_columns_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.csv").write_text("b,a\n1,2\n")
    with pytest.raises(InputError, match=r"columns b, a are not those of a\.csv"):
        csv.open((tmp_path / "a.csv", tmp_path / "b.csv"))


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=30))
def test_what_the_standard_library_writes_is_read(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = standard.writer(file, quoting=standard.QUOTE_ALL)
        writer.writerows([("a", "b"), *table])
    wanted = [tuple(cell or None for cell in row) for row in table]
    assert rows(csv.open((path,))) == wanted


def test_a_quote_in_the_header_that_is_never_closed_is_told(tmp_path):
    with pytest.raises(InputError, match="not CSV") as caught:
        opened(tmp_path, 'id,"text\n1,a\n')
    assert caught.value.where.endswith("data.csv:1")


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_not_taken_for_one_column(tmp_path, separator):
    with pytest.raises(InputError, match="separated by"):
        opened(tmp_path, f"id{separator}text\n1{separator}one of them\n")
