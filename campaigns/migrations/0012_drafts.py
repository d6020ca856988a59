import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0011_matching_of_uploads'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='same_groups',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='UnsavedDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form_token', models.UUIDField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=0)),
                ('fields', models.JSONField()),
                ('changed_at', models.DateTimeField()),
                ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='unsaved_drafts', to='campaigns.campaign')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-changed_at'],
                'constraints': [models.UniqueConstraint(fields=('person', 'campaign'), name='one_unsaved_draft_of_a_campaign'), models.UniqueConstraint(fields=('person', 'form_token'), name='one_unsaved_draft_of_a_form')],
            },
        ),
    ]
