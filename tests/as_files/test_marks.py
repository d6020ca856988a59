"""YAML as a tree that knows its places."""

import pytest

from campaigns.as_files.marks import FileProblem, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("10:00", "10:00"),
        ("0123", "0123"),
        ("2027-03-01", "2027-03-01"),
        ("1e5", "1e5"),
        ("12", 12),
        ("-1.5", -1.5),
        ("true", True),
        ("~", None),
        ("", None),
        ('"12"', "12"),
    ],
)
def test_a_plain_word_is_what_it_looks_like(text, value):
    found = read(f"key: {text}").data()["key"]
    assert (found, type(found)) == (value, type(value))


def test_everything_knows_its_line_and_key():
    node = read("campaigns:\n  - name: A\n    include:\n      - B\n      - C\n")
    found = node.at(("campaigns", 0, "include", 1))
    assert (found.line, found.key, found.value) == (5, "campaigns[0].include[1]", "C")


def test_a_path_leads_as_far_as_the_file_goes():
    node = read("campaigns:\n  - name: A\n")
    assert node.at(("campaigns", 0, "include", 1)).key == "campaigns[0]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", "f.yaml, line 2, a: This key stands here twice."),
        ("a: [", "line 1: This is no YAML"),
        ("- 1", "The file begins with a key such as campaigns."),
        ("just words", "The file begins with a key such as campaigns."),
        ("a: !!python/object:os.system x", "line 1, a: The tag"),
        ("a: 1\nb: \x07", "line 2: This character cannot stand in a file."),
        ("a: &a [*a]", "nested more than 100 deep"),
        ("? [a]\n: 1", "A key is a word."),
        ("a: *nowhere", "undefined alias"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, words):
    with pytest.raises(FileProblem) as caught:
        read(text, "f.yaml")
    assert words in str(caught.value)
    assert str(caught.value).startswith("f.yaml, line ")


def test_an_empty_file_is_a_file_without_keys():
    assert read("# nothing\n").data() == {}
