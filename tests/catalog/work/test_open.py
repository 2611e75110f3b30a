import multiprocessing
import sqlite3

import pytest

from pixeltable.catalog.home import open_home
from pixeltable.catalog.work.open import open_work
from pixeltable.errors import ErrorCode, RequestError

PUT = "INSERT INTO work_meta VALUES ('{}', 'x')"
KEYS = "SELECT key FROM work_meta WHERE key <> 'format_version' ORDER BY key"


def keys(work):
    with work.read() as connection:
        return [row[0] for row in connection.command(KEYS)]


def put(work, key):
    with work.write() as connection:
        connection.command(PUT.format(key))


def refused(work, match):
    with pytest.raises(RequestError, match=match) as caught:
        keys(work)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION


def test_what_is_written_is_there_after_reopening(work, home, catalog_url):
    put(work, 'a')
    again = open_work(home, catalog_url)
    assert keys(again) == ['a']
    again.close()


def test_nothing_is_made_before_it_is_asked_for(work, home):
    assert list(home.iterdir()) == []


def test_a_session_does_not_open_it(home, reopen):
    reopen()
    assert not (home / 'work.db').exists()


def test_the_catalog_beside_it_is_still_one(work, home, catalog_url):
    put(work, 'a')
    catalog = open_home(home, catalog_url)
    assert catalog.last_commit() == 0
    catalog.close()
    assert keys(work) == ['a']


def test_the_catalog_may_be_there_first(home, catalog_url):
    open_home(home, catalog_url).close()
    work = open_work(home, catalog_url)
    put(work, 'a')
    assert keys(work) == ['a']
    work.close()


def test_a_writer_does_not_wait_for_a_commit(work, home, catalog_url):
    catalog = open_home(home, catalog_url)
    with catalog._database.write():
        put(work, 'a')
    catalog.close()


@pytest.mark.parametrize('content', [b'hello, world' * 1000, b'SQLite format 3\0' + b'\xff' * 5000])
def test_a_damaged_file_may_be_deleted(home, content):
    home.mkdir()
    (home / 'work.db').write_bytes(content)
    work = open_work(home, None)
    refused(work, r'work\.db.*not a work database, or is damaged.*may be deleted')
    (home / 'work.db').unlink()
    assert keys(work) == []
    work.close()


def test_a_database_of_another_program(home):
    home.mkdir()
    with sqlite3.connect(home / 'work.db') as connection:
        connection.execute('CREATE TABLE tables (id)')
    connection.close()
    work = open_work(home, None)
    refused(work, r'none of this program.*may be deleted')
    work.close()


def test_a_newer_format(work, home, catalog_url):
    with work.write() as connection:
        connection.command("UPDATE work_meta SET value = '99'")
    again = open_work(home, catalog_url)
    refused(again, r'format 99.*upgrade.*may be (deleted|dropped)')
    again.close()


def test_an_older_format_begins_anew(work, home, catalog_url):
    put(work, 'a')
    with work.write() as connection:
        connection.command("UPDATE work_meta SET value = '0' WHERE key = 'format_version'")
    again = open_work(home, catalog_url)
    assert keys(again) == []
    again.close()


def test_a_closed_one_says_so(work):
    work.close()
    with pytest.raises(RequestError, match='closed'):
        keys(work)


def test_a_forked_child_goes_on(work):
    put(work, 'parent')
    child = multiprocessing.get_context('fork').Process(target=put, args=(work, 'child'))
    child.start()
    child.join(30)
    assert keys(work) == ['child', 'parent']
