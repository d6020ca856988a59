from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0013_runs")]

    operations = [
        migrations.AddField(
            model_name="launch", name="people_sha256", field=models.JSONField(blank=True, default=dict)
        )
    ]
