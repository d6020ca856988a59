from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0009_uploaded_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="customerdatabase",
            name="catalogue_changes",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="customerdatabase",
            name="column_marks",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
