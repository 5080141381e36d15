"""The full-text index, with the words of what is here already."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mail.search import schema
from mail.store import reindexing


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema.make(schema_editor.connection)
    reindexing.everything(apps.get_model("mail", "Message"))


def empty(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("mail", "0002_fewer_indexes")]
    operations = [migrations.RunPython(fill, empty)]
