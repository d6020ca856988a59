"""The invented customers: the same every time, and as awkward as real ones."""

import hashlib
from pathlib import Path

import duckdb
import pytest
from django.core.management import call_command

from campaigns.customers.normalise import normalised_sql, teach
from campaigns.customers.sample_data import make_sample_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("sample") / "demo"
    make_sample_data(found)
    return found


def ask(sql, folder):
    with duckdb.connect() as connection:
        for path in folder.iterdir():
            connection.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
        teach(connection, "US")
        return connection.execute(sql).fetchone()


def test_it_is_the_same_every_time(folder, tmp_path):
    make_sample_data(tmp_path / "again")
    digests = [
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in one.iterdir()}
        for one in (folder, tmp_path / "again")
    ]
    assert digests[0] == digests[1]
    assert set(digests[0]) == {"customer_360.parquet", "merged_customers.parquet", "orders.parquet"}


def test_it_has_50000_customers_and_200000_orders(folder):
    assert ask("SELECT count(DISTINCT customer_id) FROM customer_360", folder) == (50_000,)
    assert ask("SELECT count(*) FROM orders SEMI JOIN customer_360 USING (customer_id)", folder) == (200_000,)


@pytest.mark.parametrize(
    "condition",
    [
        "email IS NULL",
        "email = ''",
        "email <> trim(email, ' \t')",
        "email <> lower(email)",
        "first_name LIKE '%é%'",
        "last_name LIKE '%,%'",
        "last_name LIKE '%\"%'",
        "last_name LIKE '%🌸%'",
        "last_name LIKE '%''%'",
        "phone IS NULL",
        "phone LIKE '(%'",
        "phone LIKE '+1%'",
        "phone LIKE '%.%.%'",
    ],
)
def test_real_life_is_in_it(folder, condition):
    (found,) = ask(f"SELECT count(*) FROM merged_customers WHERE {condition}", folder)
    assert found > 50


def test_most_can_be_reached_and_some_share_an_address(folder):
    email, phone = normalised_sql("email", "email", "US"), normalised_sql("phone", "phone", "US")
    reached, distinct, called = ask(
        f"SELECT count({email}), count(DISTINCT {email}), count({phone}) FROM merged_customers", folder
    )
    assert reached > 44_000
    assert 1_000 < reached - distinct < 5_000
    assert called > 35_000


def test_only_reserved_domains_and_numbers_are_in_it(folder):
    strange = "regexp_matches(lower(email), '@') AND NOT regexp_matches(lower(email), '@example[.](com|org|net)\\s*$')"
    assert ask(f"SELECT count(*) FILTER ({strange}) FROM merged_customers", folder)[0] < 600
    valid = normalised_sql("phone", "phone", "US")
    other = f"NOT regexp_full_match({valid}, '[+]1[0-9]{{3}}55501[0-9]{{2}}')"
    assert ask(f"SELECT count(*) FILTER ({other}) FROM merged_customers", folder) == (0,)


def test_the_command_leaves_what_is_there(tmp_path: Path, capsys):
    (tmp_path / "demo").mkdir()
    call_command("sample_data", folder=tmp_path / "demo")
    assert "is there already" in capsys.readouterr().err
    assert not list((tmp_path / "demo").iterdir())
    call_command("sample_data", folder=tmp_path / "demo", again=True)
    assert len(list((tmp_path / "demo").iterdir())) == 3


def test_a_folder_of_somebody_elses_is_never_replaced(tmp_path: Path, capsys):
    (tmp_path / "letters.txt").write_text("dear Zoë")
    with pytest.raises(SystemExit):
        call_command("sample_data", folder=tmp_path, again=True)
    assert "cannot be written (it holds letters.txt)" in capsys.readouterr().err
    assert (tmp_path / "letters.txt").exists()
