import os
import signal
import threading
import time

import pytest
from ready import Program, script

from pixeltable.catalog.changes import CreateDirectory
from pixeltable.catalog.home import open_home
from pixeltable.errors import Error, ErrorCode, InternalError, NotFoundError, RequestError


def test_each_thread_has_its_own_connection(bench):
    database = bench.catalog._database
    found = []
    thread = threading.Thread(target=lambda: found.append(database.connection().raw))
    thread.start()
    thread.join()
    assert found[0] is not database.connection().raw
    assert database.connection() is database.connection()


def test_the_connection_of_an_ended_thread_is_closed(bench):
    found = []
    thread = threading.Thread(target=lambda: found.append(bench.catalog._database.connection().raw))
    thread.start()
    thread.join()
    with pytest.raises(bench.catalog._database._driver.errors, match='closed'):
        found[0].execute('SELECT 1')


def test_threads_lose_nothing(bench, table):
    threads = [threading.Thread(target=lambda: [bench.insert(2) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first_ids = [segment.first_id for segment in bench.catalog.contents(table).segments]
    assert first_ids == list(range(1, 160, 2))


def test_a_reader_keeps_to_its_commit(bench, table):
    with bench.catalog._database.read() as connection:
        connection.command('SELECT * FROM commits')
        thread = threading.Thread(target=bench.insert)
        thread.start()
        thread.join()
        assert bench.catalog.last_commit() == 1
    assert bench.catalog.last_commit() == 2


def test_an_interrupt_rolls_back(bench):
    def interrupted():
        with bench.catalog._database.write() as connection:
            connection.command('DELETE FROM commits')
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert bench.catalog.last_commit() == 0


def test_no_write_inside_another(bench):
    with bench.catalog._database.write(), pytest.raises(InternalError, match='inside'):
        bench.run(CreateDirectory('a'))


@pytest.mark.parametrize('path', ['\ud800', 'a\udfff'])
def test_text_that_cannot_be_stored(bench, path):
    with pytest.raises(RequestError) as caught:
        bench.run(CreateDirectory(path))
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_a_closed_catalog_says_so(home, catalog_url):
    catalog = open_home(home, catalog_url)
    catalog.close()
    catalog.close()
    with pytest.raises(Error, match='closed') as caught:
        catalog.last_commit()
    assert caught.value.error_code is ErrorCode.INVALID_STATE


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork on this system')
@pytest.mark.filterwarnings('ignore:.*fork.*:DeprecationWarning')
def test_a_forked_child_has_its_own_connection(bench, table):
    bench.insert()
    pid = os.fork()
    if pid == 0:
        try:
            bench.insert()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    bench.insert()
    assert bench.catalog.row_count(table) == 3


INTERRUPTED = """
import os, sys
from pathlib import Path
from pixeltable.catalog.home import open_home
catalog = open_home(Path(sys.argv[1]), os.environ.get('PIXELTABLE_CATALOG'))
print('ready', flush=True)
try:
    catalog.put_function('first', 'f', b'')
except KeyboardInterrupt:
    print('interrupted', flush=True)
sys.stdin.readline()
catalog.put_function('second', 'f', b'')
print(catalog.get_function('second'))
"""


def test_a_writer_that_waits_can_be_interrupted(bench, home):
    with bench.catalog._database.write():
        waiting = Program(script(INTERRUPTED), home)
        assert waiting.stdout.readline() == 'ready\n'
        time.sleep(0.2)
        waiting.send_signal(signal.SIGINT)
        assert waiting.stdout.readline() == 'interrupted\n'
    assert waiting.communicate('go on\n', timeout=30)[0] == "b''\n"
    with pytest.raises(NotFoundError):
        bench.catalog.get_function('first')
