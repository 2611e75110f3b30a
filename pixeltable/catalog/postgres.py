"""PostgreSQL as the catalog's database: how to connect, and how transactions begin. What errors mean is in `postgres_errors.py`.

The only module that knows the package `psycopg`, which it loads when a connection is wanted. The catalog lies in the current
schema of the connection, the first of its `search_path` that exists, so that a database can hold several.
"""

from __future__ import annotations

import logging
import selectors
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Dialect

from pixeltable._support.optional import require
from pixeltable._support.urls import without_secrets
from pixeltable.catalog.postgres_errors import Place, cannot_be_stored, of_connecting, of_state, one_line, refused
from pixeltable.errors import Error

if TYPE_CHECKING:
    import psycopg

WAIT_S = 60
"""How long a writer waits for its turn. A client that is silent for as long inside a transaction loses it, and its turn."""

# A host that has vanished is noticed in a minute, by the client and by the server, and not in hours. A URL may say otherwise.
_DEFAULTS = {
    'connect_timeout': '10',
    'keepalives_idle': '30',
    'keepalives_interval': '10',
    'keepalives_count': '3',
    'tcp_user_timeout': '60000',
    'fallback_application_name': 'pixeltable',
}
# `synchronous_commit=off` would lose acknowledged commits; a server may be set to it.
_START = (
    "SELECT set_config('lock_timeout', %(wait)s, false), set_config('idle_in_transaction_session_timeout', %(wait)s, false),"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
    " ELSE current_setting('synchronous_commit') END, false),"
    ' (SELECT oid::bigint FROM pg_namespace WHERE nspname = current_schema())'
)
CATALOG_LOCK = 0x5078_7401 << 32
WORK_LOCK = 0x5078_7402 << 32
"""The upper half of the key of the writers' lock; the lower half is the schema. The work database does not wait for commits."""


class PostgresDriver:
    """The `Driver` of one schema of one database."""

    elsewhere = 'Set PIXELTABLE_CATALOG to another database, or to another schema: ?options=-csearch_path%3Dname.'
    is_shared = True
    relations = (
        'SELECT relname FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid'
        ' WHERE nspname = current_schema()'
    )
    integrity: str | None = None

    def __init__(
        self, url: str, lock: int = CATALOG_LOCK, scrubbed: Sequence[str] = ('files', 'deletes', 'segments')
    ) -> None:
        """`lock` is what those hold who write, and `scrubbed` names the tables that hold what users may want to be overwritten.

        Raises INVALID_CONFIGURATION if psycopg is missing or `url` cannot be read; connects to nothing.
        """
        require('psycopg', 'postgres')
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
        from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

        self.place = without_secrets(url)
        self._catalog = Place(self.place, self.elsewhere)
        self.dialect: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
        self.errors: tuple[type[Exception], ...] = (psycopg.Error, UnicodeEncodeError, OverflowError)
        self._lock = lock
        self._scrubbed = scrubbed
        self._begin_write = ''
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:
            given = {'port': ''}  # what the error says may quote the password
        if not str(given.get('port', 5432)).replace(',', '').isdigit():
            raise refused(self._catalog, 'is no URL of a PostgreSQL database, such as postgresql://user@host/database')
        self._parameters = {**_DEFAULTS, **given, 'client_encoding': 'utf8'}
        logging.getLogger('psycopg').addFilter(_is_worth_logging)

    def connect(self) -> psycopg.Connection[Any]:
        import psycopg
        from psycopg.types.numeric import Int8BinaryDumper

        try:
            raw = psycopg.connect(**self._parameters, autocommit=True)  # type: ignore[arg-type]
        except psycopg.Error as error:
            raise self._not_connected(error) from None  # it carries the password
        try:
            raw.prepared_max = 256
            # One type for all integers, whatever their size: a statement is prepared once.
            raw.adapters.register_dumper(int, Int8BinaryDumper)
            schema = self._started(raw)
        except BaseException:
            raw.close()
            raise
        self._begin_write = (
            f'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({self._lock | schema})'
        )
        return raw

    def _started(self, raw: psycopg.Connection[Any]) -> int:
        row = raw.execute(_START, {'wait': f'{WAIT_S}s'}).fetchone()
        if row is None or row[-1] is None:
            raise refused(
                self._catalog, 'has none of the schemas that its search_path names. Create one: CREATE SCHEMA name'
            )
        schema: int = row[-1]
        return schema

    def prepare(self, raw: psycopg.Connection[Any]) -> None:
        """A server is ready."""

    def cursor(self, raw: psycopg.Connection[Any]) -> psycopg.Cursor[Any]:
        return raw.cursor(binary=True)

    def begin_read(self, raw: psycopg.Connection[Any]) -> None:
        raw.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', prepare=False)

    def begin_write(self, raw: psycopg.Connection[Any]) -> None:
        """Each statement sees what was committed before it began, and the lock lets nobody else commit: all see the same.

        The server lets the lock go only after the commit can be seen.
        """
        raw.execute(self._begin_write, prepare=False)

    @contextmanager
    def pipeline(self, raw: psycopg.Connection[Any]) -> Iterator[Callable[[], None]]:
        with raw.pipeline() as pipeline:

            def sync() -> None:
                _flush(raw)
                pipeline.sync()

            yield sync
            _flush(raw)

    def in_transaction(self, raw: psycopg.Connection[Any]) -> bool:
        from psycopg.pq import TransactionStatus

        return raw.pgconn.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def is_lost(self, raw: psycopg.Connection[Any], error: Exception) -> bool:
        return raw.closed

    def scrub(self, command: Callable[[str], list[Any]]) -> list[str]:
        """Frees the space of deleted rows. Writing the tables anew would lock everybody out."""
        for table in self._scrubbed:
            command(f'VACUUM {table}')
        return ["free pages of the server's tables, until they are used again", "the server's own log and its archives"]

    def translate(self, error: Exception) -> Error:
        import psycopg

        if isinstance(error, psycopg.DataError) or not isinstance(error, psycopg.Error):
            return cannot_be_stored(str(error))
        # Without a code: the connection broke.
        state = error.sqlstate or ('08006' if isinstance(error, psycopg.OperationalError) else '')
        return of_state(state, self._catalog, one_line(error))

    def _not_connected(self, error: psycopg.Error) -> Error:
        pgconn = error.pgconn
        return of_connecting(one_line(error), self._catalog, pgconn is not None and pgconn.needs_password)


def _flush(raw: psycopg.Connection[Any]) -> None:
    """Sends all that was given to `raw`. With megabytes psycopg may wait for the answer before that, and for ever."""
    if not raw.pgconn.flush():
        return
    with selectors.DefaultSelector() as socket:
        socket.register(raw.pgconn.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while raw.pgconn.flush():
            if any(events & selectors.EVENT_READ for _, events in socket.select()):
                raw.pgconn.consume_input()


def _is_worth_logging(record: logging.LogRecord) -> bool:
    """Not that a pipeline of a lost connection cannot be ended: the loss itself is raised."""
    return not (record.msg.startswith('error ignored') and '[BAD]' in record.getMessage())
