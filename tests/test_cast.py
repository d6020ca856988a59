"""The cast itself: what other tests take for granted."""

from campaigns.customers.catalogue import stored


def test_the_customers_are_readable(customer_database):
    catalogue = stored(customer_database)
    assert [(table.name, table.many) for table in catalogue.tables] == [
        ("customer_360", False),
        ("merged_customers", False),
        ("orders", True),
    ]


def test_the_destination_answers(destination, sandbox):
    result = destination.the_kind.check(
        destination.settings, destination.credential.fields, destination.host_key
    )
    assert result.ok, result.message
    assert destination.identifier == "email"
