"""The index keeps who wrote apart from whom it went to: it is made anew."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mail.search import schema
from mail.store import reindexing


def remake(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema.drop(schema_editor.connection)
    schema.make(schema_editor.connection)
    reindexing.everything(apps.get_model("mail", "Message"))


class Migration(migrations.Migration):
    dependencies = [("mail", "0003_words")]
    operations = [migrations.RunPython(remake, migrations.RunPython.noop)]
