"""Reading what people upload: encodings, separators, headers, and what is refused in which words."""

from __future__ import annotations

import io

import pytest
from pyarrow import parquet

from campaigns.segments.uploaded import decoding, quotes, reading
from campaigns.segments.uploaded.reading import Wanted, first_rows, read
from campaigns.segments.uploaded.refused import ListRefused


@pytest.fixture
def lines(tmp_path):
    return tmp_path / "lines.parquet"


@pytest.fixture
def reads(lines):
    """(how it was read, its rows) of a file."""

    def of(data, **wanted):
        data = data if isinstance(data, bytes) else data.encode()
        found = read(io.BytesIO(data), lines, "customer_id", Wanted(**wanted))
        return found, [tuple(row.values()) for row in parquet.read_table(lines).to_pylist()]

    return of


@pytest.fixture
def refusal(lines):
    def of(data, **wanted):
        data = data if isinstance(data, bytes) else data.encode()
        with pytest.raises(ListRefused) as refused:
            read(io.BytesIO(data), lines, "customer_id", Wanted(**wanted))
        return refused.value.message

    return of


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_the_encoding_is_found(reads, codec, label):
    found, rows = reads("email,name\nperson1@example.com,Zoë Müller\n".encode(codec))
    assert found.encoding == label
    assert rows == [("email", "name"), ("person1@example.com", "Zoë Müller")]


def test_what_windows_has_no_letter_for_is_latin_1(reads):
    found, rows = reads(b"email\nperson1@example.com\x81\n")
    assert found.encoding == "Latin-1"
    assert rows[1] == ("person1@example.com\x81",)


def test_a_letter_on_the_edge_of_a_block_is_read_whole(reads, monkeypatch):
    monkeypatch.setattr(decoding, "BLOCK", 3)
    _, rows = reads("email\r\nzoë@example.com\r\n".encode("utf-16"))
    assert rows == [("email",), ("zoë@example.com",)]


@pytest.mark.parametrize(
    ("separator", "words"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]
)
def test_the_separator_is_found(reads, separator, words):
    found, rows = reads(f'id{separator}city\n1{separator}"Doe{separator} Jo"\n')
    assert found.separator_in_words == words
    assert rows[1] == ("1", f"Doe{separator} Jo")


def test_one_column_needs_no_separator(reads):
    found, rows = reads("person1@example.com\nperson2@example.com")
    assert rows == [("person1@example.com",), ("person2@example.com",)]
    assert not found.has_header


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_one(reads, end):
    assert reads(f"id{end}C1{end}{end}C2{end}")[1] == [("id",), ("C1",), ("",), ("C2",)]


def test_quotes_hold_separators_line_ends_and_quotes(reads):
    _, rows = reads('id,note\nC1,"a, ""b""\nand c"\nC2,""\n')
    assert rows == [("id", "note"), ("C1", 'a, "b"\nand c'), ("C2", "")]


def test_a_blank_line_is_an_empty_row_of_any_number_of_columns(reads):
    assert reads("id,city\nC1,x\n\nC2,y\n\n")[1] == [
        ("id", "city"),
        ("C1", "x"),
        ("", ""),
        ("C2", "y"),
        ("", ""),
    ]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("customer_id\nC01\nC02\n", True),
        ("C01\nC02\nC03\n", False),
        ("email\nperson1@example.com\n", True),
        ("person1@example.com\nperson2@example.com\n", False),
        ("+1 202 555 0101\n202-555-0102\n", False),
        ("Phone,Name\n2025550101,Jo\n", True),
        ("who,where\nC01,Chicago\n", True),
        ("C01,Chicago\nC02,Boston\n", False),
    ],
)
def test_whether_the_first_line_names_the_columns_is_found(reads, text, header):
    assert reads(text)[0].has_header is header


def test_the_first_rows_are_those_below_the_header(reads, lines):
    found, _ = reads("id,x\nC1,1\nC2,2\nC3,3\n")
    assert first_rows(lines, found, header=True, count=2) == [("C1", "1"), ("C2", "2")]
    assert first_rows(lines, found, header=False, count=2) == [("id", "x"), ("C1", "1")]
    assert found.titles(header=False) == ["Column 1", "Column 2"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b" \r\n\r\n", "The file is empty."),
        (b"PK\x03\x04and more", "This is an Excel file, whatever its name says. Save it as “CSV UTF-8”"),
        (b"\xd0\xcf\x11\xe0and more", "This is an Excel file"),
        (b"%PDF-1.7", "This is no text file. Upload a CSV file."),
        (bytes(range(1, 32)) * 99, "This is no text file."),
        (b"id,x\nC1,2\nC2,\x003\n" + b"C3,4\n" * 99, "Line 3 has a NUL character"),
        (b"id,x\nC1,2\nC2,3,4\n", "Row 3 has 3 columns, but the first row has 2."),
        (b"id,x\nC1,2\nC2\n", "Row 3 has 1 column, but the first row has 2."),
        (b'id,x\nC1,"2\nC2,3\n', "Line 2 opens a quote that is not closed."),
        (b'id,x\nC1,"2\nC2,"3"\n', "Line 2 opens a quote that is not closed."),
        (b'id,x\nC1,2\nC2,3"4"5\n', "Line 3 has a quote in the middle of a value."),
        (b'id,x\nC1,"3"4\n', "Line 2 has a quote in the middle of a value."),
        (b"\xff\xfei\x00\x00\xd8", "The file begins as UTF-16 but cannot be read as that."),
        (b"email\n", "The file has a line of column names and nothing below it."),
        (b"a," * 600 + b"\n", "The file has 601 columns. 500 are the most; take out some."),
    ],
)
def test_what_is_no_list_is_refused_in_words_of_its_own(refusal, data, words):
    assert refusal(data).startswith(words)


def test_a_line_without_end_is_refused_before_it_is_read_whole(refusal):
    assert refusal(b"id\n" + b"x" * 3_000_000).startswith("Line 2 is longer than 1,000,000 characters.")
    assert refusal(b"id\nC1\n" + b"x" * 1_500_000 + b"\n").startswith("Line 3 is longer")


def test_a_quote_that_nothing_closes_is_found_without_reading_on(refusal, monkeypatch):
    monkeypatch.setattr(quotes, "LONGEST_VALUE", 1000)
    monkeypatch.setattr(quotes, "BLOCK", 1000)
    text = b'id,x\nC1,2\nC2,"3\n' + b"C3,4\n" * 1000 + b'C4,"5'
    assert refusal(text).startswith("Line 3 opens a quote that is not closed.")


def test_quotes_are_right_across_blocks(reads, monkeypatch):
    monkeypatch.setattr(quotes, "BLOCK", 7)
    _, rows = reads('id,x\nC1,"a\nb, ""c"""\nC2,"d"\n')
    assert rows == [("id", "x"), ("C1", 'a\nb, "c"'), ("C2", "d")]


def test_too_many_lines_are_refused_with_their_number(refusal, reads, monkeypatch):
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    assert reads("email\n" + "person1@example.com\n" * 3)[0].lines == 4
    assert refusal("email\n" + "person1@example.com\n" * 4) == (
        "The file has 4 lines. 3 are the most; divide it into several lists."
    )


# A first line that says the separator -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "separator"),
    [("sep=;", ";"), ("SEP=,", ","), ("sep=\t", "\t"), ('"sep=|"', "|"), ("sep=~", "~"), ("sep=;\r", ";")],
)
def test_a_line_by_which_excel_says_the_separator_is_obeyed_and_no_row(reads, first, separator):
    """Here even against what the lines look like."""
    text = "email;x~y|z,w\tv\nperson1@example.com;x~y|z,w\tv\n"
    found, rows = reads(f"{first}\n{text}".encode("utf-8-sig"))
    assert (found.separator, found.says_separator, found.lines) == (separator, True, 2)
    assert list(found.first) == text.partition("\n")[0].split(separator)
    assert rows == [tuple(line.split(separator)) for line in text.splitlines()]


def test_a_column_called_sep_is_a_column(reads):
    found, rows = reads("sep=;,email\n1,person1@example.com\n")
    assert (found.says_separator, len(rows)) == (False, 2)


def test_a_file_that_says_its_separator_and_nothing_else_is_empty(refusal):
    assert refusal("sep=;\n") == "The file is empty. Choose another one."


def test_lines_are_told_as_they_stand_in_the_file_below_one_that_says_the_separator(refusal):
    assert refusal('sep=;\nid;x\nC1;"2\nC2;3\n').startswith("Line 3 opens a quote that is not closed.")


# What a person has chosen -----------------------------------------------------------------------------------------


def test_a_separator_that_was_chosen_goes_before_what_the_lines_look_like_or_say(reads):
    text = "email;name\nperson1@example.com;a,b\n"
    assert reads(text.replace(";", ",", 1), separator=",")[0].first == ("email", "name")
    assert reads(text, separator="|")[0].first == ("email;name",)
    assert reads("sep=,\n" + text, separator=";")[0].first == ("email", "name")


@pytest.mark.parametrize(
    ("codec", "wanted", "name"),
    [
        ("utf-8", "utf-8", "Zoë"),
        ("utf-8-sig", "utf-8", "Zoë"),
        ("utf-16", "utf-16", "Zoë"),
        ("utf-16-le", "utf-16", "Zoë"),
        ("utf-16-be", "utf-16", "Zoë"),
        ("utf-8", "cp1252", "ZoÃ«"),
        ("latin-1", "latin-1", "Zoë"),
    ],
)
def test_an_encoding_that_was_chosen_is_used(reads, codec, wanted, name):
    found, rows = reads("email,name\nperson1@example.com,Zoë\n".encode(codec), encoding=wanted)
    assert rows == [("email", "name"), ("person1@example.com", name)]
    assert decoding.encoding_of(found.encoding) == wanted


@pytest.mark.parametrize(("data", "wanted"), [("Zoë".encode("cp1252"), "utf-8"), (b"id\x81", "cp1252")])
def test_a_file_that_cannot_be_read_as_chosen_says_so(refusal, data, wanted):
    label = decoding.ENCODINGS[wanted]
    assert refusal(data, encoding=wanted) == f"The file cannot be read as {label}. Choose another encoding."
