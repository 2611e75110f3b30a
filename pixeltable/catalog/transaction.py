"""What a commit in progress carries: its id, the counter of row keys, and the few statements that most changes share.

Lives inside one database transaction. The changes themselves are in `apply/`, one file a family.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.removals import NOTHING
from pixeltable.catalog.tables import insert_live, live, tables
from pixeltable.errors import ErrorCode, NotFoundError

LIVE_TABLE = select(tables.c.path, tables.c.schema_version, tables.c.doc).where(
    tables.c.id == bindparam('table'), live(tables)
)
_INSERT_TABLE = insert_live(tables)
_END_TABLE = update(tables).where(tables.c.id == bindparam('table'), live(tables)).values(end=bindparam('commit'))


def end_where(table: Table, column: str) -> Any:
    """Ends the live rows of `table` whose `column` is `:key`."""
    return update(table).where(table.c[column] == bindparam('key'), live(table)).values(end=bindparam('commit'))


def table_not_found(table_id: str) -> NotFoundError:
    return NotFoundError(
        ErrorCode.TABLE_NOT_FOUND, f'The table with id {table_id!r} does not exist; it may have been dropped.'
    )


class Transaction:
    """The state of one commit while its changes are carried out."""

    def __init__(self, connection: Connection, commit: int, last_row: int) -> None:
        self.connection = connection
        self.commit = commit
        self.last_row = last_row
        self.first_ids: list[int] = []
        self.segment_ids: list[int] = []
        self.removed = NOTHING
        self.job: int | None = None

    def new_row(self) -> int:
        """A key that no row of the catalog ever had."""
        self.last_row += 1
        return self.last_row

    def table(self, table_id: str) -> TableRecord:
        """The table as it is now, earlier changes of this commit included."""
        row = self.connection.row(LIVE_TABLE, {'table': table_id})
        if row is None:
            raise table_not_found(table_id)
        path, schema_version, doc = row
        return documents.table_record(table_id, path, schema_version, doc)

    def insert_table(self, record: TableRecord) -> None:
        """Makes `record` the live record of its table, whose schema this commit changed."""
        self.connection.execute(_END_TABLE, {'table': record.id, 'commit': self.commit})
        self.connection.send(
            _INSERT_TABLE,
            {
                'row': self.new_row(),
                'id': record.id,
                'path': record.path,
                'schema_version': self.commit,
                'begin': self.commit,
                'doc': documents.table_text(record),
            },
        )

    def touch_bases(self, record: TableRecord) -> None:
        """Begins new records of the tables that `record` is a view of, as far as they live.

        What is planned on the old ones has to look again at which views there are.
        """
        if record.view is None or record.view.at is not None:
            return
        for base in record.view.sources:
            row = self.connection.row(LIVE_TABLE, {'table': base})
            if row is not None:
                self.insert_table(documents.table_record(base, *row))

    def end(self, statement: Any, key: Any) -> int:
        """Runs a statement made by `end_where`; returns how many rows it ended."""
        return self.connection.execute(statement, {'key': key, 'commit': self.commit})
