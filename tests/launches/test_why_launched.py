"""The same question to a launch that ran from the customer database to the far side."""

from __future__ import annotations

from campaigns.launches.models import Launch
from campaigns.launches.why.words import explain


def test_a_launch_tells_of_everybody_it_considered(launched, marketer, uploads):
    launch = launched()
    verdicts: dict[str, int] = {}
    for number in range(1, 61):
        for person in explain(launch, f"C{number:02d}", marketer).people:
            verdicts[person.verdict] = verdicts.get(person.verdict, 0) + 1
    counts = launch.counts
    sent = sum(delivery.outcomes["sent"] for delivery in launch.deliveries.all())
    rejected = sum(sum(delivery.outcomes.values()) for delivery in launch.deliveries.all()) - sent
    assert verdicts == {
        "Not in the list: excluded by Gold.": counts["excluded"][0][1],
        "Not in the list: in control, which receives nothing.": counts["control"],
        "In the list: sent to Attentive Segments (email).": sent,
        "Not in the list: there is no value to send to.": rejected,
    }
    assert sum(verdicts.values()) == counts["considered"]


def test_the_file_that_it_names_holds_the_value(launched, marketer, uploads):
    launch = launched()
    told = [explain(launch, f"C{number:02d}", marketer).people for number in range(2, 61, 2)]
    sent = [person.parts[0].places[0].lines[0] for people in told for person in people if person.is_in]
    assert sent
    for line in sent:
        assert line.file is not None
        assert f"{line.value}," in (uploads / line.file.name).read_text()


def test_what_the_customers_hold_today_changes_no_answer(launched, marketer, customer_database, tmp_path):
    launch = launched()
    before = explain(launch, "person2@example.com", marketer)
    for path in (tmp_path / "customers").glob("*.parquet"):
        path.unlink()
    assert explain(Launch.objects.get(pk=launch.pk), "person2@example.com", marketer) == before
    assert before.total == 1
