"""Invented customers for trying Muster: 50,000 customers and 200,000 orders in Parquet, the same every time.

Everything follows from a customer's number by hashing, so nothing is random. Dates count back from `today`, which is
fixed unless somebody asks for another: rules such as "in the last 90 days" find people for as long as orders reach (the
last ones lie 400 days ahead of it, as a shop that goes on selling would have them).
"""

from __future__ import annotations

import os
import shutil
from datetime import date
from errno import ENOTEMPTY
from pathlib import Path

from campaigns.customers.normalise import quoted

# Where they lie in the data folder, unless somebody asks for another place.
FOLDER = "demo"
CUSTOMERS = 50_000
ORDERS = 200_000
TODAY = date(2026, 11, 24)
DAYS_AHEAD = 400
FILES = frozenset({"customer_360.parquet", "merged_customers.parquet", "orders.parquet"})

# Cities with their state, as often as people live there.
_PLACES = """(VALUES
    ('Chicago', 'IL', 0), ('Springfield', 'IL', 1), ('Milwaukee', 'WI', 2), ('Madison', 'WI', 3),
    ('Seattle', 'WA', 4), ('Spokane', 'WA', 5), ('New York', 'NY', 6), ('Buffalo', 'NY', 7),
    ('San Francisco', 'CA', 8), ('San José', 'CA', 9), ('Austin', 'TX', 10), ('Houston', 'TX', 11),
    ('St. Paul', 'MN', 12), ('Coeur d''Alene', 'ID', 13), ('Winston-Salem', 'NC', 14), ('Boston', 'MA', 15)
) AS place(city, state, place)"""
_FIRST = (
    "['Jordan', 'Zoë', 'Léa', 'Mary Ann', 'José', 'Amara', 'Siobhán', 'Bjørn', 'Priya', 'Łukasz', 'Nguyên', 'Ana-María',"
    " 'Noah', 'Yuki', 'Fatima', 'Oleksandr']"
)
_LAST = (
    "['O''Brien', 'García', 'Smith, Jr.', 'Müller', 'Kowalczyk', 'van der Berg', 'D’Angelo', 'Lee \"Buddy\"', 'Okafor',"
    " 'Nilsson', 'Brown', 'Sørensen', 'Patel', 'Ünal', 'Smith-Jones', 'Tanaka 🌸']"
)
# Area codes in use; in each of them 555-0100 to 555-0199 is kept for fiction.
_AREAS = (
    "[202, 212, 206, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260,"
    " 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321,"
    " 323, 325, 330, 331, 334, 336, 337, 339, 347, 351, 352, 360, 361, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413,"
    " 414, 415, 417, 419, 423, 424, 425, 430, 432, 434, 435, 440, 443, 469, 478, 479, 480, 484, 501, 502, 503, 504, 505, 507, 508,"
    " 509, 510, 512, 513, 515, 516, 517, 518, 520, 530, 540, 541, 551, 559, 561, 562, 563, 567, 570, 571, 573, 574, 580, 585, 586,"
    " 601, 602, 603, 605, 606, 607, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 620, 623, 626, 630, 631, 636, 641, 646, 650,"
    " 651, 660, 661, 662, 678, 682, 701, 702, 703, 704, 706, 707, 708, 712, 713, 714, 715, 716, 717, 718, 719, 720, 724, 727, 731,"
    " 732, 734, 740, 754, 757, 760, 763, 765, 770, 772, 773, 774, 775, 781, 785, 786, 801, 802, 803, 804, 805, 806, 808, 810, 812,"
    " 813, 814, 815, 816, 817, 818, 828, 830, 831, 832, 843, 845, 847, 848, 850, 856, 857, 858, 859, 860, 862, 863, 864, 865, 870,"
    " 878, 901, 903, 904, 906, 907, 908, 909, 910, 912, 913, 914, 915, 916, 917, 918, 919, 920, 925, 928, 931, 936, 937, 940, 941,"
    " 947, 949, 951, 952, 954, 956, 970, 971, 972, 973, 978, 979, 980, 985, 989]"
)


def _pick(salt: str, below: int, number: str = "i") -> str:
    """A number from 0 that follows from `number`; each salt gives another one."""
    return f"CAST(md5_number_lower('{salt}' || {number}) % {below} AS INTEGER)"


def _customers() -> str:
    return f"""
        SELECT i, format('c_{{:07d}}', i) AS customer_id, {_pick("place", 16)} AS place,
               {_pick("tier", 100)} AS tier, {_pick("born", 22_000)} AS born, {_pick("since", 2_000)} AS since,
               {_pick("email", 1000)} AS email_luck, {_pick("phone", 1000)} AS phone_luck
        FROM range(1, {CUSTOMERS + 1}) AS t(i)
    """


def _profiles(today: str) -> str:
    return f"""
        SELECT customer_id,
               CASE WHEN tier = 7 THEN NULL WHEN tier = 8 THEN '' ELSE city END AS city,
               state,
               CASE WHEN place = 13 AND tier < 50 THEN 'CA' ELSE 'US' END AS country,
               CASE WHEN tier % 9 <> 0 THEN DATE '1945-01-01' + born END AS birthday,
               CASE WHEN tier < 8 THEN 'gold' WHEN tier < 30 THEN 'silver' WHEN tier < 75 THEN 'bronze' END AS loyalty_tier,
               coalesce(spent, 0) AS lifetime_value,
               CAST(coalesce(bought, 0) AS INTEGER) AS orders,
               first_order, last_order,
               CASE WHEN email_luck % 20 <> 0 THEN email_luck % 5 <> 0 END AS email_opt_in,
               CASE WHEN phone_luck % 20 <> 0 THEN phone_luck % 3 <> 0 END AS sms_opt_in,
               ['en', 'es', 'fr', 'pl'][1 + {_pick("language", 4)}] AS language,
               {today} - since AS created_on
        FROM customers JOIN {_PLACES} USING (place)
        LEFT JOIN (SELECT customer_id, round(sum(amount), 2) AS spent, count(*) AS bought,
                          min(ordered_at) AS first_order, max(ordered_at) AS last_order
                   FROM bought WHERE ordered_at < {today} + 1 GROUP BY ALL) USING (customer_id)
        ORDER BY customer_id
    """


def _contacts() -> str:
    plain = "'person' || i || '@example.' || ['com', 'org', 'net'][1 + i % 3]"
    area, last = f"{_AREAS}[1 + i // 100 % len({_AREAS})]", "lpad(CAST(i % 100 AS VARCHAR), 2, '0')"
    return f"""
        SELECT customer_id, {_FIRST}[1 + {_pick("first", 16)}] AS first_name, {_LAST}[1 + {_pick("last", 16)}] AS last_name,
               CASE WHEN email_luck < 60 THEN NULL WHEN email_luck < 70 THEN ''
                    WHEN email_luck < 90 THEN ['none', 'person@', '@example.com', 'a b@example.com', 'person.example.com'][1 + i % 5]
                    WHEN email_luck < 190 THEN upper({plain})
                    WHEN email_luck < 240 THEN '  ' || {plain} || chr(9)
                    WHEN email_luck < 290 THEN 'household' || i % 700 || '@example.com'
                    ELSE {plain} END AS email,
               CASE WHEN phone_luck < 250 THEN NULL WHEN phone_luck < 255 THEN ''
                    WHEN phone_luck < 275 THEN ['555', 'n/a', '+1 202 555 0100 ext. 4', '000-000-0000'][1 + i % 4]
                    WHEN phone_luck < 400 THEN '+1' || {area} || '55501' || {last}
                    WHEN phone_luck < 500 THEN '(' || {area} || ') 555-01' || {last}
                    WHEN phone_luck < 600 THEN {area} || '-555-01' || {last}
                    WHEN phone_luck < 700 THEN {area} || '.555.01' || {last}
                    WHEN phone_luck < 800 THEN '1 ' || {area} || ' 555 01' || {last}
                    WHEN phone_luck < 900 THEN {area} || '55501' || {last}
                    ELSE '+1 (' || {area} || ') 555 01' || {last} || ' ' END AS phone
        FROM customers ORDER BY customer_id
    """


def _orders(today: str) -> str:
    """Half of the customers buy often; the last days are as busy as those before."""
    who = f"1 + CAST(floor(pow({_pick('who', 1_000_000)} / 1e6, 2) * {CUSTOMERS}) AS INTEGER)"
    days = f"{_pick('day', 1100 + DAYS_AHEAD)} - {DAYS_AHEAD}"
    seconds = _pick("second", 86_400)
    return f"""
        SELECT i AS order_id, format('c_{{:07d}}', {who}) AS customer_id,
               round(5 + pow({_pick("amount", 10_000)} / 1e4, 3) * 400, 2) AS amount,
               1 + {_pick("items", 6)} AS items,
               ['web', 'app', 'store', 'phone'][1 + {_pick("channel", 4)}] AS channel,
               CASE WHEN {_pick("known", 50)} > 0
                    THEN ['shoes', 'coats', 'home & garden', 'toys', 'books'][1 + {_pick("category", 5)}] END AS category,
               CAST({today} - ({days}) AS TIMESTAMP) + to_seconds({seconds}) AS ordered_at
        FROM range(1, {ORDERS + 1}) AS t(i) ORDER BY order_id
    """


def make_sample_data(folder: Path, today: date = TODAY) -> None:
    """Write customer_360, merged_customers and orders below `folder`: whole, or not at all.

    What is there already is replaced. OSError where it holds anything else.
    """
    import duckdb

    if folder.exists() and (others := sorted({path.name for path in folder.iterdir()} - FILES)):
        raise FileExistsError(ENOTEMPTY, f"it holds {others[0]}")
    at = f"DATE '{today.isoformat()}'"
    made = folder.with_name(f".{folder.name}.{os.getpid()}")
    made.mkdir(parents=True)
    try:
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")  # row groups in one order: the same bytes
            connection.execute(f"CREATE TABLE customers AS {_customers()}")
            connection.execute(f"CREATE TABLE bought AS {_orders(at)}")
            queries = {
                "orders": "FROM bought ORDER BY order_id",
                "customer_360": _profiles(at),
                "merged_customers": _contacts(),
            }
            for name, query in queries.items():
                path = quoted(str(made / f"{name}.parquet"))
                connection.execute(f"COPY ({query}) TO {path} (FORMAT parquet)")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
