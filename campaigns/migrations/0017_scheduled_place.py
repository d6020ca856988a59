from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0016_previous_list_again")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="scheduled_place",
            field=models.CharField(blank=True, default="", max_length=64),
        )
    ]
