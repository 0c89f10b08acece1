"""The full-text index over the search documents: FTS5 on SQLite, a tsvector on PostgreSQL."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    """CREATE VIRTUAL TABLE guide_search_index USING fts5(title_words, alias_words, body_words,
        content='guide_searchdocument', content_rowid='id',
        tokenize='unicode61 remove_diacritics 0', prefix='1 2 3')""",
    """CREATE TRIGGER guide_search_insert AFTER INSERT ON guide_searchdocument BEGIN
        INSERT INTO guide_search_index(rowid, title_words, alias_words, body_words)
        VALUES (new.id, new.title_words, new.alias_words, new.body_words); END""",
    """CREATE TRIGGER guide_search_delete AFTER DELETE ON guide_searchdocument BEGIN
        INSERT INTO guide_search_index(guide_search_index, rowid, title_words, alias_words, body_words)
        VALUES ('delete', old.id, old.title_words, old.alias_words, old.body_words); END""",
    """CREATE TRIGGER guide_search_update AFTER UPDATE ON guide_searchdocument BEGIN
        INSERT INTO guide_search_index(guide_search_index, rowid, title_words, alias_words, body_words)
        VALUES ('delete', old.id, old.title_words, old.alias_words, old.body_words);
        INSERT INTO guide_search_index(rowid, title_words, alias_words, body_words)
        VALUES (new.id, new.title_words, new.alias_words, new.body_words); END""",
]
SQLITE_BACK = [
    "DROP TRIGGER guide_search_insert",
    "DROP TRIGGER guide_search_delete",
    "DROP TRIGGER guide_search_update",
    "DROP TABLE guide_search_index",
]
POSTGRESQL = [
    """ALTER TABLE guide_searchdocument ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, title_words), 'A') ||
        setweight(to_tsvector('simple'::regconfig, alias_words), 'B') ||
        setweight(to_tsvector('simple'::regconfig, body_words), 'D')) STORED""",
    "CREATE INDEX guide_search_words ON guide_searchdocument USING gin (words)",
]
POSTGRESQL_BACK = ["ALTER TABLE guide_searchdocument DROP COLUMN words"]


def create(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    is_postgresql = editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL_BACK if is_postgresql else SQLITE_BACK:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("guide", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
