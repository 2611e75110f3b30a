"""A PostgreSQL server, and catalogs there that tests use one after the other: to make and drop one takes ten times as long."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pixeltable.catalog.home import open_home
from pixeltable.catalog.work.open import open_work

if TYPE_CHECKING:
    from servers import PostgresServer

_SHAPE = (
    "SELECT string_agg(relname || '.' || attname || ' ' || atttypid, ', ' ORDER BY relname, attnum)"
    ' FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid WHERE relnamespace = %s::regnamespace'
)
_TABLES = 'SELECT format(\'"%%s"."%%s"\', schemaname, tablename) FROM pg_tables WHERE schemaname = %s'
_BEGIN = ('meta', 'commits', 'work_meta')
"""The tables in which a new catalog has rows."""
_NEW_ID = "UPDATE {}.meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE key = 'catalog_id'"


class EmptyCatalogs:
    """Catalogs as the first process leaves them that opens a home and does nothing."""

    def __init__(self, server: PostgresServer, folder: Path, names: Iterator[str]) -> None:
        """`folder` is for the home that the first process has; `names` are those of new schemas."""
        self._server = server
        self._admin = server.connect()
        self._admin.execute("SET lock_timeout = '10s'")
        self._folder = folder
        self._names = names
        self._free: list[str] = []
        self._shape: str | None = None

    def url(self, schema: str) -> str:
        """Those who connect by it are known by the name of the schema."""
        return f'{self._server.url(schema)}&application_name={schema}'

    def take(self) -> str:
        """The schema of a catalog that nobody else uses."""
        return self._free.pop() if self._free else self._created()

    def give_back(self, schema: str) -> None:
        """It is emptied, or dropped if that would not make it like a new one. A process that was killed may have sent more."""
        if self._is_quiet(schema) and self._shape_of(schema) == self._shape:
            self._empty(schema)
            self._free.append(schema)
        else:
            self._admin.execute(f'DROP SCHEMA {schema} CASCADE')

    def close(self) -> None:
        self._admin.close()

    def _created(self) -> str:
        schema = next(self._names)
        self._admin.execute(f'CREATE SCHEMA {schema}')
        url = self._server.url(schema)
        open_home(self._folder, url).close()
        work = open_work(self._folder, url)
        with work.read():
            pass
        work.close()
        for table in _BEGIN:
            self._admin.execute(f'CREATE TEMP TABLE {schema}_{table} AS SELECT * FROM {schema}.{table}')
        self._shape = self._shape_of(schema)
        return schema

    def _is_quiet(self, schema: str) -> bool:
        """Whether all have disconnected; a server takes a moment to notice."""
        deadline = time.monotonic() + 0.5
        query = 'SELECT count(*) FROM pg_stat_activity WHERE application_name = %s'
        while self._admin.execute(query, [schema]).fetchone() != (0,):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def _shape_of(self, schema: str) -> str:
        row = self._admin.execute(_SHAPE, [schema]).fetchone()
        assert row is not None
        return str(row[0])

    def _empty(self, schema: str) -> None:
        tables = [row[0] for row in self._admin.execute(_TABLES, [schema])]
        statements = [
            f'LOCK TABLE {", ".join(tables)} IN ACCESS EXCLUSIVE MODE',
            *(f'DELETE FROM {table}' for table in tables),
            *(f'INSERT INTO {schema}.{table} SELECT * FROM {schema}_{table}' for table in _BEGIN),
            _NEW_ID.format(schema),
        ]
        with self._admin.transaction():
            self._admin.execute('; '.join(statements))


@pytest.fixture(scope='session')
def postgres() -> Iterator[PostgresServer]:
    """A server that is started when the first test asks for it, and is shared by all that follow."""
    from servers import PostgresServer

    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope='session')
def schema_names() -> Iterator[str]:
    return (f'test_{number}' for number in itertools.count())


@pytest.fixture
def postgres_urls(postgres: PostgresServer, schema_names: Iterator[str]) -> Iterator[Callable[[], str]]:
    """Gives the URL of another empty schema at each call."""
    made: list[str] = []
    with postgres.connect() as admin:

        def make() -> str:
            made.append(next(schema_names))
            admin.execute(f'CREATE SCHEMA {made[-1]}')
            return postgres.url(made[-1])

        yield make
        admin.execute("SET lock_timeout = '10s'")
        for name in made:
            admin.execute(f'DROP SCHEMA IF EXISTS {name} CASCADE')


@pytest.fixture
def postgres_url(postgres_urls: Callable[[], str]) -> str:
    """The URL of an empty schema of the test's own."""
    return postgres_urls()


@pytest.fixture(scope='session')
def _empty_catalogs(
    postgres: PostgresServer, schema_names: Iterator[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmptyCatalogs]:
    catalogs = EmptyCatalogs(postgres, tmp_path_factory.mktemp('catalogs'), schema_names)
    yield catalogs
    catalogs.close()


@pytest.fixture
def empty_catalog(_empty_catalogs: EmptyCatalogs) -> Iterator[str]:
    """The URL of a catalog of the test's own. Nothing is in it, but others may have used it before."""
    schema = _empty_catalogs.take()
    yield _empty_catalogs.url(schema)
    _empty_catalogs.give_back(schema)


@pytest.fixture
def place_in_postgres(postgres_url: str) -> str:
    """Where `either_catalog` is in PostgreSQL. A folder whose tests need no new catalog overrides this."""
    return postgres_url
