"""Photos are known by a key, and what became of asking for them is kept."""

from typing import Any

from django.db import migrations, models
from django.db.models import F


def _outlook(apps: Any, schema_editor: Any) -> None:
    """Outlook does not say who has a photo: the version of a contact is the key."""
    contacts = apps.get_model("contacts", "Contact").objects
    contacts.filter(connection__provider="microsoft").update(photo_key=F("etag"))


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0002_apart"),
        ("integrations", "0001_initial"),
    ]

    operations = [
        migrations.RenameField("contact", "photo_url", "photo_key"),
        migrations.AlterField("contact", "photo_key", models.TextField(blank=True, editable=False)),
        migrations.AddField("contact", "photo_asked", models.TextField(blank=True, editable=False)),
        migrations.AddField(
            "contact",
            "photo_state",
            models.CharField(
                blank=True,
                choices=[
                    ("", "Not asked for"),
                    ("wanted", "Being fetched"),
                    ("settled", "Settled"),
                    ("failed", "Could not be fetched"),
                ],
                default="",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField("contact", "photo_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("contact", "photo_digest", models.CharField(blank=True, editable=False, max_length=32)),
        migrations.RunPython(_outlook, migrations.RunPython.noop, elidable=True),
    ]
