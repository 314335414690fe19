"""The hot tables, and what the database itself knows about money: plain SQL in `storage/sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("storage", "0001_nouns")]
    operations = [
        migrations.RunSQL((SQL / "events.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "money.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "proving.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
