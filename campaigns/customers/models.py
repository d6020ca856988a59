"""Customer databases, and which of their columns feeds which destination."""

from __future__ import annotations

from django.db import models

from config import clock
from config.secrets import EncryptedJSONField
from destinations.models import Destination


def large(way: str = "") -> list[str]:
    """The fields that are large, for `defer` where many rows are listed; `way`: "customer_database__"."""
    return [f"{way}{name}" for name in ("catalogue", "catalogue_changes", "column_marks")]


class CustomerDatabaseQuerySet(models.QuerySet["CustomerDatabase"]):
    def active(self) -> CustomerDatabaseQuerySet:
        return self.filter(archived_at=None)


class CustomerDatabase(models.Model):
    """Where customers are read from, through Ibis."""

    name = models.CharField(max_length=100)
    # May hold a password, so it is encrypted as a whole.
    url = EncryptedJSONField()
    customer_key = models.CharField(max_length=200)
    profile_table = models.CharField(max_length=200, blank=True)
    contact_table = models.CharField(max_length=200, blank=True)
    # {"table": …, "amount": …, "ordered_at": …} or {}
    orders = models.JSONField(default=dict, blank=True)
    default_country = models.CharField(max_length=2, default="US")
    suppression = models.ForeignKey(
        "campaigns.Segment", null=True, blank=True, on_delete=models.SET_NULL, related_name="suppresses"
    )
    # As last read: see customers/catalogue.py for its shape.
    catalogue = models.JSONField(default=dict)
    catalogue_read_at = models.DateTimeField(null=True, blank=True)
    # What changed when it was last read and not found as it was: see customers/shown.py for its shape.
    catalogue_changes = models.JSONField(default=dict, blank=True)
    # What operators said of columns, by "table.column": see customers/marks.py.
    column_marks = models.JSONField(default=dict, blank=True)
    # Counts saves, so that the later of two editors is told.
    version = models.PositiveIntegerField(default=1)
    # Made with the empty form, so that one posted twice creates one customer database.
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerDatabaseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(archived_at=None), name="customer_database_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DefaultAttribute(models.Model):
    """Which column of a customer database feeds a destination's identifier, unless a campaign says otherwise."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="default_attributes")
    customer_database = models.ForeignKey(
        CustomerDatabase, on_delete=models.CASCADE, related_name="default_attributes"
    )
    column = models.CharField(max_length=400)  # "merged_customers.email"

    class Meta:
        ordering = ["customer_database__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "customer_database"], name="default_attribute_unique"
            )
        ]

    def __str__(self) -> str:
        return self.column
