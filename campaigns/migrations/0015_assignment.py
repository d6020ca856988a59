from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0014_launch_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="subaudience",
            name="moves_after_edit",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="launchgroup",
            name="carried",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
