import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0015_assignment")]

    operations = [
        migrations.AddField(
            model_name="launch",
            name="instead_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="put_back_by",
                to="campaigns.launch",
            ),
        ),
        migrations.AddField(
            model_name="launchfile",
            name="rows_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.launchfile",
            ),
        ),
        migrations.AddField(
            model_name="sentsegment",
            name="rows_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.launch",
            ),
        ),
    ]
