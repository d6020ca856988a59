from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0019_folders")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="scheduled_place",
            field=models.CharField(blank=True, default="", max_length=64),
        )
    ]
