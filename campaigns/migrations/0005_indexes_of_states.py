from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0004_drop_point_of_files'),
        ('destinations', '0002_form_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='launch',
            index=models.Index(fields=['state'], name='launch_state'),
        ),
        migrations.AddIndex(
            model_name='launchfile',
            index=models.Index(fields=['state'], name='launch_file_state'),
        ),
        migrations.AddIndex(
            model_name='launchfile',
            index=models.Index(fields=['confirmed_at'], name='launch_file_confirmed_at'),
        ),
    ]
