from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0011_matching_of_uploads")]

    operations = [
        migrations.AddField(
            model_name="campaign", name="same_groups", field=models.BooleanField(default=False)
        )
    ]
