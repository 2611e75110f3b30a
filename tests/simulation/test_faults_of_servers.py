"""Lost connections to PostgreSQL, and a bucket that does not answer, at every request of an operation: see `faults`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from faults import Failed, Faults, look, roll
from homes import opened
from lost_connections import LostConnections
from proxy import LATE, LOST, Proxy
from scenarios import MAINTENANCE, OPERATIONS, SCENARIOS, quiet, state
from servers import PostgresServer

import pixeltable as pxt
from pixeltable.storage.objects import remote
from pixeltable.storage.objects.remote import RemoteStore

CYCLES = {'insert': 3, 'update': 2, 'add_column': 2, 'restore': 2}
"""Scenarios, and how many operations of each are different."""

WITH_BUCKET = (
    'insert large',
    pytest.param('update small', marks=pytest.mark.slow),
    'update large',
    'add column',
    pytest.param('compaction', marks=pytest.mark.slow),
    'vacuum',
    pytest.param('purge', marks=pytest.mark.slow),
)
"""Operations that read, write, list and delete objects; the others leave the bucket alone, or use it like these."""

FATES = {503: 'and later requests are answered 503', LOST: 'loses its answer', LATE: 'is answered too late'}


class FailingBucket(Proxy):
    """`Calls` that are requests to a bucket."""

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self._lock = threading.Lock()
        self._count = self._number = self._way = 0
        self._failed: Failed | None = None
        self._fate = self._next

    def arm(self, number: int, way: int) -> None:
        with self._lock:
            self._count, self._number, self._way, self._failed = 0, number, way, None

    def disarm(self) -> Failed | None:
        with self._lock:
            self._number = 0
            return self._failed

    def _next(self, request: str) -> int:
        with self._lock:
            self._count += 1
            fate, words = list(FATES.items())[self._way]
            if self._count == self._number:
                self._failed = Failed(f'{request} {words}', self._way == len(FATES) - 1)
                return fate
            return 503 if fate == 503 and 0 < self._number < self._count else 0


class FaultsOfBucket(Faults):
    """A copy of the home has a copy of the objects, in the same place."""

    def __init__(self, name: str, folder: Path, root: str, store: RemoteStore) -> None:
        home = partial(opened, data=root)
        super().__init__(*OPERATIONS[name], folder, home, may_stop=name in MAINTENANCE, is_cold=True)
        self._store = store
        self._objects = {key: store.get(key) for key in self._keys()}

    def _renew_home(self) -> None:
        super()._renew_home()
        found = self._keys()
        self._store.delete(*(found - self._objects.keys()))
        for key in self._objects.keys() - found:
            self._store.put(key, self._objects[key])

    def _keys(self) -> set[str]:
        return {each.key for each in self._store.list('')}


@pytest.fixture
def connections(postgres: PostgresServer) -> Iterator[LostConnections]:
    connections = LostConnections(postgres.port)
    yield connections
    connections.close()


@pytest.fixture
def straight(s3_root: str) -> RemoteStore:
    """The objects, as they are."""
    return RemoteStore(s3_root)


@pytest.fixture
def bucket(s3_server: str, straight: RemoteStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingBucket]:
    """What stands between S3 and stores that are opened from now on, which soon give up."""
    backoff = {'init_backoff': timedelta(milliseconds=1), 'max_backoff': timedelta(milliseconds=2), 'base': 2}
    monkeypatch.setattr(remote, 'RETRIES', {**remote.RETRIES, 'max_retries': 3, 'backoff': backoff})
    monkeypatch.setattr(remote, 'TIMEOUTS', {**remote.TIMEOUTS, 'read_timeout': timedelta(milliseconds=300)})
    bucket = FailingBucket(s3_server)
    monkeypatch.setenv('AWS_ENDPOINT_URL', bucket.url)
    yield bucket
    bucket.stop()


@pytest.fixture
def through(connections: LostConnections, postgres: PostgresServer) -> Callable[[str], str]:
    """Changes the URL of a database so that it leads through `connections`."""
    here, there = (f':{port}/' for port in (postgres.port, connections.port))
    return lambda url: url.replace(here, there) + '&sslmode=disable&gssencmode=disable'


@pytest.mark.parametrize('name', CYCLES)
def test_lost_connections(
    name: str,
    tmp_path: Path,
    postgres_url: str,
    through: Callable[[str], str],
    connections: LostConnections,
    record_property: Callable[[str, object], None],
) -> None:
    quiet()
    with opened(tmp_path / 'home', catalog=through(postgres_url)) as session:
        report = roll(session, SCENARIOS[name], connections, CYCLES[name])
    record_property('summary', f'lost connections, {name}: {report}')
    assert report.refused > 0
    assert report.endured > 0


def test_lost_connections_while_a_home_is_read(
    tmp_path: Path, postgres_url: str, through: Callable[[str], str], connections: LostConnections
) -> None:
    """It is opened each time, so that nothing of the catalog is known yet."""
    quiet()
    home = partial(opened, tmp_path / 'home', catalog=through(postgres_url))

    def read() -> None:
        with home():
            state(SCENARIOS['update'], 0, may_be_next=False)

    with home():
        SCENARIOS['update'].prepare()
    for number in range(1, 1000):
        failed = [look(connections, (number, way), read) for way in (0, 1)]
        if failed == [None, None]:
            break
    assert number > 10


@pytest.mark.slow
def test_lost_connections_while_a_catalog_is_made(
    tmp_path: Path, postgres_urls: Callable[[], str], through: Callable[[str], str], connections: LostConnections
) -> None:
    def open_home() -> None:
        with opened(home, catalog=url):
            assert pxt.list_tables() == []

    for number, way in product(range(1, 1000), (0, 1)):
        home, url = tmp_path / f'home {number} {way}', through(postgres_urls())
        failed = look(connections, (number, way), open_home)
        open_home()
        if failed is None:
            break
    assert number > 10


@pytest.mark.parametrize('name', WITH_BUCKET)
def test_failing_bucket(
    name: str,
    tmp_path: Path,
    s3_root: str,
    straight: RemoteStore,
    bucket: FailingBucket,
    record_property: Callable[[str, object], None],
) -> None:
    quiet()
    report = FaultsOfBucket(name, tmp_path, s3_root, straight).run(bucket)
    record_property('summary', f'failing bucket, {name}: {report}')
    assert report.refused > 0
    assert report.endured > 0
