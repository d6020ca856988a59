"""Stored rules of version 1 mean the same in version 2, which adds queries and uploaded lists."""

from typing import Any

from django.db import migrations


def raise_version(apps: Any, schema_editor: Any) -> None:
    for name in ("Segment", "SubAudience"):
        changed = []
        for one in apps.get_model("campaigns", name).objects.exclude(rules=None).iterator():
            if one.rules.get("version") == 1:
                one.rules = {**one.rules, "version": 2}
                changed.append(one)
        apps.get_model("campaigns", name).objects.bulk_update(changed, ["rules"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_recipients_sha256")]

    operations = [migrations.RunPython(raise_version, migrations.RunPython.noop)]
