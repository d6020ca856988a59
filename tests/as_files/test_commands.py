"""`manage.py apply` and `manage.py export` from the command line: what is printed where, and how they end."""

import pytest

from campaigns.management.commands.apply import Command as Apply
from campaigns.management.commands.export import Command as Export
from campaigns.segments.models import Segment
from tests.as_files.conftest import CAMPAIGN, SEGMENTS


@pytest.fixture
def run(db, capsys, monkeypatch):
    """(exit code, standard output, error output) of a command line."""
    monkeypatch.setattr("config.command.connections.close_all", lambda: None)

    def run_line(command, *arguments):
        try:
            command().run_from_argv(
                ["manage.py", command.__module__.rpartition(".")[2], *map(str, arguments)]
            )
            code = 0
        except SystemExit as error:
            code = error.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_line


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "muster.yaml"
    path.write_text(SEGMENTS + CAMPAIGN)
    return path


def test_apply_prints_what_changed(run, destination, file):
    code, out, err = run(Apply, file)
    assert code == 0
    assert "+ campaign “Spring Sale”" in out
    assert err == ""
    assert run(Apply, file) == (0, "= 4 unchanged\n", "")


def test_a_dry_run_says_so(run, destination, file):
    code, out, err = run(Apply, file, "--dry-run")
    assert (code, err) == (0, "")
    assert out.endswith("This was a dry run: nothing is stored.\n")
    assert not Segment.objects.exists()


def test_warnings_go_to_the_error_output_and_do_not_fail(run, destination, file):
    file.write_text(file.read_text().replace("GoldOffer", "Recipient1"))
    code, _, err = run(Apply, file)
    assert code == 0
    assert err.startswith(f"Warning: {file}, line ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.yaml"], "nowhere.yaml: The file cannot be read (no such file or directory)."),
        (["."], "The file cannot be read (is a directory)."),
        ([], "the following arguments are required: FILE.yaml"),
        (["a.yaml", "--wrong"], "unrecognized arguments: --wrong"),
    ],
)
def test_a_failure_is_one_sentence_and_1(run, arguments, words):
    code, out, err = run(Apply, *arguments)
    assert (code, out) == (1, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_wrong_file_is_one_sentence_with_its_place(run, file):
    file.write_bytes(b"campaigns:\n  - name: \xff\n")
    assert run(Apply, file)[2] == f"{file}: The file is not in UTF-8. Save it so.\n"
    file.write_text("campaign: []\n")
    code, _, err = run(Apply, file)
    assert code == 1
    assert err.startswith(f"{file}, line 1, campaign: This key is unknown.")


def test_export_writes_to_the_standard_output_or_a_file(run, destination, tmp_path):
    code, out, _ = run(Export)
    assert code == 0
    assert "Attentive Segments (email)" in out
    assert run(Export, "-o", tmp_path / "out.yaml") == (0, "", "")
    assert (tmp_path / "out.yaml").read_text() == out


def test_export_says_where_it_cannot_write(run, tmp_path):
    code, out, err = run(Export, "-o", tmp_path / "none" / "out.yaml")
    assert (code, out) == (1, "")
    assert "cannot be written (no such file or directory). Choose another file.\n" in err
