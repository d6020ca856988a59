"""Segments as they were saved; what is stored now becomes the first version that is kept."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def keep_what_is(apps: Any, schema_editor: Any) -> None:
    segments = apps.get_model("campaigns", "Segment").objects.order_by("pk").iterator()
    version = apps.get_model("campaigns", "SegmentVersion")
    made = (
        version(
            segment_id=one.pk,
            number=one.version,
            name=one.name,
            description=one.description,
            time_zone=one.time_zone,
            rules=one.rules,
            saved_by_id=one.edited_by_id,
            saved_at=one.updated_at,
        )
        for one in segments
    )
    version.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0007_rules_version_2"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SegmentVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("description", models.CharField(blank=True, max_length=500)),
                ("time_zone", models.CharField(max_length=100)),
                ("rules", models.JSONField()),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="campaigns.segment",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("segment", "number"), name="segment_version_unique")
                ],
            },
        ),
        migrations.RunPython(keep_what_is, migrations.RunPython.noop),
    ]
