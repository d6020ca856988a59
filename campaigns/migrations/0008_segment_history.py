"""Segments as they were saved, and how large they were; what is stored now becomes the first version that is kept."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.clock


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
        migrations.CreateModel(
            name='SizeCounting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('not_before', models.DateTimeField(default=config.clock.now)),
                ('customer_database', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.customerdatabase')),
            ],
        ),
        migrations.CreateModel(
            name='SegmentSize',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('counted_at', models.DateTimeField()),
                ('customers', models.PositiveBigIntegerField()),
                ('everybody', models.PositiveBigIntegerField()),
                ('launch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='segment_sizes', to='campaigns.launch')),
                ('segment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sizes', to='campaigns.segment')),
            ],
            options={
                'ordering': ['counted_at'],
                'indexes': [models.Index(fields=['segment', 'counted_at'], name='segment_size_counted')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('launch', None)), fields=('segment', 'day'), name='one_daily_size_of_a_segment'), models.UniqueConstraint(condition=models.Q(('launch__isnull', False)), fields=('segment', 'launch'), name='one_size_of_a_segment_in_a_launch')],
            },
        ),
        migrations.RunPython(keep_what_is, migrations.RunPython.noop),
    ]
