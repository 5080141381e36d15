"""When a grant is renewed next is one column, whatever its connection's state; no other column of it has an index."""

from datetime import timedelta
from typing import Any

from django.db import migrations, models
from django.db.models.functions import Coalesce

KEEP_ALIVE = timedelta(days=7)


def reschedule(apps: Any, schema_editor: object) -> None:
    """Paused connections are renewed weekly, others than these and active ones not at all."""
    Grant = apps.get_model('integrations', 'Grant')
    paused = Grant.objects.filter(connection__state='paused')
    paused.update(renew_at=Coalesce('refreshed_at', 'issued_at') + KEEP_ALIVE)
    Grant.objects.exclude(connection__state__in=('active', 'paused')).update(renew_at=None)


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0010_pull_key'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='grant',
            name='integration_access__f3822d_idx',
        ),
        migrations.AlterField(
            model_name='grant',
            name='access_token_key',
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='grant',
            name='refresh_token_key',
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='grant',
            name='renew_at',
            field=models.DateTimeField(
                db_index=True,
                help_text="When it is renewed ahead of need; empty: not in its connection's state.",
                null=True,
            ),
        ),
        migrations.RunPython(reschedule, migrations.RunPython.noop, elidable=True),
    ]
