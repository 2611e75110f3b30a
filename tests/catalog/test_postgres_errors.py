"""What a real server says, as users read it."""

import threading
import time

import pytest

from pixeltable.catalog.changes import AddSegment, CreateDirectory
from pixeltable.catalog.home import open_home
from pixeltable.errors import (
    AuthorizationError,
    ConcurrencyError,
    ErrorCode,
    InternalError,
    RequestError,
    ServiceUnavailableError,
)


@pytest.fixture
def catalog_url(postgres_url):
    return postgres_url


@pytest.fixture
def admin(postgres):
    with postgres.connect() as connection:
        yield connection


def schema_of(url):
    return url.rpartition('%3D')[2]


WRONG = {
    'refused': ('postgresql://u:hush@127.0.0.1:1/db', ServiceUnavailableError, 'Connection refused'),
    'name': ('postgresql://u:hush@no.such.host.invalid/db', ServiceUnavailableError, 'no.such.host.invalid'),
    'password': ('postgresql://pxt_password:hush@127.0.0.1:{port}/postgres', AuthorizationError, 'password'),
    'no password': ('postgresql://pxt_password@127.0.0.1:{port}/postgres', AuthorizationError, 'PGPASSWORD'),
    'no such role': ('postgresql://stranger:hush@127.0.0.1:{port}/postgres', AuthorizationError, 'stranger'),
    'not let in': ('postgresql://pxt_nowhere:hush@127.0.0.1:{port}/postgres', AuthorizationError, 'pg_hba.conf'),
    'no database': ('postgresql://postgres:hush@127.0.0.1:{port}/nowhere', RequestError, 'does not exist'),
    'no schema': (
        'postgresql://postgres:hush@127.0.0.1:{port}/postgres?options=-csearch_path%3Dnowhere',
        RequestError,
        'CREATE SCHEMA',
    ),
    'option': ('postgresql://u:hush@127.0.0.1/db?colour=red', RequestError, 'is no URL'),
    'spaces': ('postgresql://u:hu sh@127.0.0.1/db', RequestError, 'is no URL'),
    'port': ('postgresql://u:hush@127.0.0.1:port/db', RequestError, 'is no URL'),
}


@pytest.mark.parametrize('case', WRONG)
def test_what_cannot_be_opened_is_said_without_the_password(home, postgres, admin, case):
    address, kind, words = WRONG[case]
    admin.execute("DROP ROLE IF EXISTS pxt_password; CREATE ROLE pxt_password LOGIN PASSWORD 'other'")
    with pytest.raises(kind) as caught:
        open_home(home, address.format(port=postgres.port))
    assert words in caught.value.message
    assert 'PIXELTABLE_CATALOG' in caught.value.message or kind is ServiceUnavailableError or case == 'no password'
    assert 'hu' not in f'{caught.value}{caught.value!r}'
    assert caught.value.__cause__ is None


RAISE = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'failed' USING ERRCODE = '{}'; END $$;
CREATE TRIGGER fail BEFORE INSERT ON commits FOR EACH ROW EXECUTE FUNCTION fail();
"""


@pytest.mark.parametrize(
    ('state', 'kind', 'words'),
    [
        ('53100', ServiceUnavailableError, 'try again'),
        ('57014', ServiceUnavailableError, 'try again'),
        ('58030', ServiceUnavailableError, 'try again'),
        ('42501', AuthorizationError, 'grant'),
        ('25006', RequestError, 'may only read'),
        ('XX001', RequestError, 'backup'),
        ('22003', RequestError, 'cannot be stored'),
        ('54000', RequestError, 'cannot be stored'),
        ('XX000', InternalError, 'failed'),
    ],
)
def test_what_the_server_says_in_a_commit(bench, state, kind, words):
    bench.catalog._database.connection().raw.execute(RAISE.format(state))
    with pytest.raises(kind, match='failed') as caught:
        bench.run(CreateDirectory('a'))
    assert words in caught.value.message
    assert bench.catalog.list_paths() == []


def test_tables_that_are_gone(bench, admin, catalog_url):
    admin.execute(f'DROP SCHEMA {schema_of(catalog_url)} CASCADE')
    with pytest.raises(RequestError, match='tables are gone'):
        bench.catalog.last_commit()


@pytest.mark.parametrize(
    'path', ['a\0b', '\ud800', ''.join(map(chr, range(0x4E00, 0x5E00)))], ids=['nul', 'half', 'long']
)
def test_text_that_cannot_be_stored(bench, path):
    with pytest.raises(RequestError) as caught:
        bench.run(CreateDirectory(path))
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT
    bench.run(CreateDirectory('a'))


def test_a_number_that_cannot_be_stored(bench, table):
    with pytest.raises(RequestError) as caught:
        bench.run(AddSegment(table, 2**63, ()))
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_a_deadlock_with_another_program(home, postgres, catalog_url):
    catalog = open_home(home, f'{catalog_url}%20-cdeadlock_timeout%3D50ms')
    ask_for_turn = catalog._database._driver._begin_write.partition(';')[2]
    other = postgres.connect()
    other.execute(f"SET deadlock_timeout = '1min'; SET search_path = {schema_of(catalog_url)}")
    other.execute('BEGIN; LOCK TABLE segments')

    def collide():
        with catalog._database.write() as connection:
            waiting = threading.Thread(target=other.execute, args=[ask_for_turn])
            waiting.start()
            time.sleep(0.3)
            try:
                connection.command('SELECT * FROM segments')
            finally:
                waiting.join(0.1)

    with pytest.raises(ConcurrencyError) as caught:
        collide()
    assert caught.value.error_code is ErrorCode.SERIALIZATION_FAILURE
    other.close()
    catalog.close()
