"""A folder of files as a customer database: what is counted is of one state of its files, or is no number."""

from __future__ import annotations

import os
import shutil
import threading
import time
from zoneinfo import ZoneInfo

import duckdb
import pytest

from campaigns.customers.catalogue import read_catalogue
from campaigns.customers.connection import CustomerDatabaseError, open_database
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.models import Segment
from campaigns.segments.rules import parse
from campaigns.segments.sizing import SizeUnknown, size

CHANGED = r"The file people\.parquet was changed while it was read\. Try again in a moment\."


def write(path, rows):
    """Beside it first, then in its place: as whoever writes files with care."""
    new = path.with_suffix(".new")
    duckdb.sql(
        f"COPY (SELECT 'c' || i AS customer_id, md5(i::VARCHAR) AS city FROM range({rows}) t(i))"
        f" TO '{new}' (FORMAT parquet)"
    )
    os.rename(new, path)


@pytest.fixture
def database(tmp_path):
    write(tmp_path / "people.parquet", 100_000)
    found = CustomerDatabase(name="Files", url=f"files:{tmp_path}", customer_key="customer_id")
    found.catalogue = read_catalogue(found, with_values=False).to_json()
    return found


def replace(path):
    write(path, 1_000)


def halve(path):
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path):
    """In place, as `cp` does."""
    other = path.with_suffix(".other")
    write(other, 1_000)
    path.write_bytes(other.read_bytes())


def _count(database, change):
    """Changed between the opening and the question."""
    with open_database(database) as opened:
        opened.lock()
        people = opened.table("people")
        change()
        return opened.row(people.aggregate(cities=people.city.nunique()))["cities"]


@pytest.mark.parametrize("change", [replace, halve, overwrite, os.unlink])
def test_no_number_comes_of_a_file_that_changed_before_the_answer(database, tmp_path, change):
    with pytest.raises(CustomerDatabaseError, match=CHANGED):
        _count(database, lambda: change(tmp_path / "people.parquet"))


def test_a_file_that_is_only_read_is_counted(database, tmp_path):
    assert _count(database, (tmp_path / "people.parquet").read_bytes) == 100_000


def _read_plainly(database, change):
    with open_database(database) as opened:
        opened.duckdb.execute("SELECT count(*) FROM people").fetchall()
        change()


def test_what_duckdb_s_own_statements_read_is_looked_at_in_the_end(database, tmp_path):
    with pytest.raises(CustomerDatabaseError, match=CHANGED):
        _read_plainly(database, lambda: replace(tmp_path / "people.parquet"))


def _stream(database, change):
    with open_database(database) as opened:
        for _ in opened.batches(opened.table("people")):
            change()


def test_a_stream_of_rows_stops_at_a_change(database, tmp_path):
    with pytest.raises(CustomerDatabaseError, match=CHANGED):
        _stream(database, lambda: replace(tmp_path / "people.parquet"))


@pytest.mark.django_db
def test_a_count_beside_a_writer_is_right_or_none(database, tmp_path):
    """Whoever counts while files are replaced gets the number of one of them, or is told."""
    path, done = tmp_path / "people.parquet", threading.Event()

    def write_on():
        while not done.is_set():
            for rows in (100_000, 1_000):
                write(path, rows)

    group, zone = parse({"all": [{"attribute": "people.city", "contains": "a"}]}), ZoneInfo("UTC")
    right = set()
    for rows in (100_000, 1_000):
        write(path, rows)
        found = size(database, group, zone)
        right.add((found.customers, found.everybody))
    writer = threading.Thread(target=write_on)
    writer.start()
    told, counted = set(), set()
    deadline = time.monotonic() + 20
    try:
        while not (told and counted) and time.monotonic() < deadline:
            try:
                found = size(database, group, zone)
                counted.add((found.customers, found.everybody))
            except SizeUnknown as error:
                told.add(error.message)
    finally:
        done.set()
        writer.join()
    assert counted <= right
    assert told == {CHANGED.replace("\\", "")}


def test_a_folder_that_goes_away_while_it_is_open_is_told_as_one_that_is_gone(database, tmp_path):
    with pytest.raises(CustomerDatabaseError) as before:
        _count(database, lambda: shutil.rmtree(tmp_path))
    with pytest.raises(CustomerDatabaseError) as after, open_database(database):
        pass
    assert before.value.detail == after.value.detail
    assert after.value.detail.startswith(f"There is no folder {tmp_path}.")


@pytest.mark.django_db
def test_only_who_can_mend_it_is_told_where_it_lies(database, operator, marketer, client_of, tmp_path):
    database.save()
    segment = Segment.objects.create(
        name="All",
        customer_database=database,
        rules={"version": 2, "rules": {"all": [{"attribute": "people.city", "is": "x"}]}},
    )
    shutil.rmtree(tmp_path)

    def told(person):
        return client_of(person).get(f"/segments/{segment.pk}/size/").content.decode()

    assert f"There is no folder {tmp_path}. Correct the URL of the customer database." in told(operator)
    assert "The folder of the customer database is not there. Ask an operator to look at it." in told(
        marketer
    )
    assert str(tmp_path) not in told(marketer)


def _refused(folder):
    database = CustomerDatabase(name="Files", url=f"files:{folder}", customer_key="customer_id")
    with pytest.raises(CustomerDatabaseError) as caught:
        read_catalogue(database)
    return caught.value.detail


@pytest.mark.parametrize("other", ["People.csv", "people.parquet", "people.CSV"])
def test_two_files_that_would_be_one_table_are_told_by_name(tmp_path, other):
    (tmp_path / "people.csv").write_text("customer_id,city\nc1,Boise\n")
    (tmp_path / other).write_text("customer_id,city\nc1,Boise\n")
    one, two = sorted(("people.csv", other))
    assert _refused(tmp_path) == f"{one} and {two} would be one table. Give one of them another name."


def test_a_folder_that_is_called_as_a_file_is_told(tmp_path):
    (tmp_path / "people.csv").write_text("customer_id,city\nc1,Boise\n")
    (tmp_path / "old.csv").mkdir()
    told = "old.csv is a folder, but is called as a file is. Give it another name, or take it away."
    assert _refused(tmp_path) == told


def test_a_line_break_in_the_name_of_a_column_is_told(tmp_path):
    (tmp_path / "people.csv").write_bytes(b'customer_id,"home\ncity",z\r\n001,x,q\r\n')
    told = "A column of people.csv has a line break in its name. Give it a name on one line."
    assert _refused(tmp_path) == told


def test_quotes_in_the_header_are_no_line_break(tmp_path):
    (tmp_path / "people.csv").write_bytes(b'customer_id,"the ""best"""\n\xff\xfe\n')
    assert "line break" not in _refused(tmp_path)
