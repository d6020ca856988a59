from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def from_destinations(apps, schema_editor):
    """Where the named files of earlier launches went."""
    destinations = apps.get_model("destinations", "Destination").objects.filter(pk=OuterRef("destination"))
    files = apps.get_model("campaigns", "LaunchFile").objects.exclude(name="")
    files.update(drop_point=Subquery(destinations.values("drop_point")[:1]))


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_launch_group_dealt")]

    operations = [
        migrations.AddField(
            model_name="launchfile",
            name="drop_point",
            field=models.CharField(blank=True, default="", max_length=1000),
            preserve_default=False,
        ),
        migrations.RunPython(from_destinations, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="launchfile", name="file_name_unique_per_destination"),
        migrations.AddConstraint(
            model_name="launchfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("name", ""), _negated=True),
                fields=("drop_point", "name"),
                name="file_name_unique_per_drop_point",
            ),
        ),
    ]
