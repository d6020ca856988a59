import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0022_campaign_versions")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="warn_past_change",
            field=models.PositiveIntegerField(
                default=25,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1000),
                ],
            ),
        )
    ]
