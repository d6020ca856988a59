
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0005_indexes_of_states'),
    ]

    operations = [
        migrations.AddField(
            model_name='launch',
            name='recipients_sha256',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
