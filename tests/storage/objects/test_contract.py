"""What every object store promises. Each implementation runs all of it: add one to `STORES`."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.storage.objects import ObjectStore
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.objects.open import Stores
from pixeltable.storage.objects.remote import RemoteStore

STORES: dict[str, Callable[[pytest.FixtureRequest], ObjectStore]] = {
    'local': lambda request: LocalStore(request.getfixturevalue('tmp_path') / 'root'),
    's3': lambda request: RemoteStore(request.getfixturevalue('s3_root')),
    'gs': lambda request: RemoteStore(request.getfixturevalue('gs_root')),
    'az': lambda request: RemoteStore(request.getfixturevalue('az_root')),
    'router': lambda request: Stores((request.getfixturevalue('tmp_path') / 'root').as_uri()),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> ObjectStore:
    return STORES[request.param](request)


def keys(store: ObjectStore, prefix: str = '') -> list[str]:
    return sorted(found.key for found in store.list(prefix))


@pytest.mark.parametrize('data', [b'', b'x', bytes(range(256)) * 5000])
def test_get_returns_what_was_put(store: ObjectStore, data: bytes) -> None:
    store.put('tables/a/b.parquet', data)
    assert store.get('tables/a/b.parquet') == data


def test_large_object(store: ObjectStore) -> None:
    data = bytes(range(251)) * (20_000_000 // 251)  # three parts, whose borders fall anywhere
    store.put('large', data)
    assert store.get('large') == data
    assert store.get_range('large', 16_777_000, 1000) == data[16_777_000:16_778_000]
    assert [(found.key, found.size) for found in store.list('')] == [('large', len(data))]


def test_put_takes_a_view(store: ObjectStore) -> None:
    store.put('a', memoryview(b'0123456789')[2:5])
    assert store.get('a') == b'234'


def test_same_put_again(store: ObjectStore) -> None:
    store.put('a', b'1234')
    store.put('a', b'1234')
    assert store.get('a') == b'1234'
    assert keys(store) == ['a']


@pytest.mark.parametrize(
    ('start', 'length', 'part'),
    [(3, 4, b'3456'), (8, 10, b'89'), (0, 10, b'0123456789'), (10, 5, b''), (99, 5, b''), (4, 0, b''), (99, 0, b'')],
)
def test_get_range_ends_with_the_object(store: ObjectStore, start: int, length: int, part: bytes) -> None:
    store.put('a', b'0123456789')
    assert store.get_range('a', start, length) == part


def test_get_range_of_an_empty_object(store: ObjectStore) -> None:
    store.put('a', b'')
    assert store.get_range('a', 0, 10) == b''


def test_get_of_a_missing_key(store: ObjectStore) -> None:
    with pytest.raises(NotFoundError, match="'tables/gone'") as error:
        store.get('tables/gone')
    assert error.value.error_code is ErrorCode.STORAGE_NOT_FOUND


@pytest.mark.parametrize('length', [0, 1])
def test_get_range_of_a_missing_key(store: ObjectStore, length: int) -> None:
    with pytest.raises(NotFoundError, match="'tables/gone'") as error:
        store.get_range('tables/gone', 0, length)
    assert error.value.error_code is ErrorCode.STORAGE_NOT_FOUND


def test_get_of_a_prefix_is_not_an_object(store: ObjectStore) -> None:
    store.put('tables/a', b'1')
    with pytest.raises(NotFoundError):
        store.get('tables')


def test_delete_removes_the_key_alone(store: ObjectStore) -> None:
    store.put('tables/a', b'1')
    store.put('tables/b', b'2')
    store.delete('tables/a')
    assert keys(store) == ['tables/b']


def test_delete_of_a_missing_key_is_no_error(store: ObjectStore) -> None:
    store.delete('tables/gone')


@pytest.mark.parametrize(
    ('prefix', 'expected'),
    [
        ('', ['t/a/1', 't/a/2', 't/ab/3', 'u']),
        ('t/', ['t/a/1', 't/a/2', 't/ab/3']),
        ('t/a/', ['t/a/1', 't/a/2']),
        ('t/a', ['t/a/1', 't/a/2', 't/ab/3']),
        ('t/a/1', ['t/a/1']),
        ('u', ['u']),
        ('none/', []),
    ],
)
def test_list_gives_the_keys_below_a_prefix(store: ObjectStore, prefix: str, expected: list[str]) -> None:
    for key in ('t/a/1', 't/a/2', 't/ab/3', 'u'):
        store.put(key, b'')
    assert keys(store, prefix) == expected


def test_list_tells_size_and_time(store: ObjectStore) -> None:
    store.put('a', b'12345')
    (found,) = store.list('')
    assert (found.key, found.size) == ('a', 5)
    assert abs(found.modified - time.time()) < 60


def test_list_of_more_than_a_page(store: ObjectStore) -> None:
    expected = sorted(f't/{number}' for number in range(35))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: store.put(key, b''), expected))
    assert keys(store, 't/') == expected


def test_list_of_a_store_never_written(store: ObjectStore) -> None:
    assert list(store.list('')) == []


@pytest.mark.parametrize('key', ['a b', 'ä/日本', 'a%20b', 'a+b', 'a?b=c#d', '~a', "[a]{b}'c", 'a&b', 'a=1/b.c-d_e'])
def test_key_with_odd_signs(store: ObjectStore, key: str) -> None:
    store.put(key, key.encode())
    assert store.get(key) == key.encode()
    assert keys(store) == [key]
    store.delete(key)
    assert keys(store) == []


@pytest.mark.parametrize('key', ['../a', 'a/../../b', '/etc/a'])
def test_key_outside_the_root(store: ObjectStore, key: str) -> None:
    with pytest.raises(RequestError, match='is not a key'):
        store.put(key, b'')


def test_put_from_many_threads(store: ObjectStore) -> None:
    written = [f'new/folder/{i}' for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, key.encode()), written))
        assert list(pool.map(store.get, written)) == [key.encode() for key in written]
    assert keys(store, 'new/') == sorted(written)


def test_nothing_finished_is_removed(store: ObjectStore) -> None:
    store.put('a', b'1')
    assert store.remove_unfinished(grace_seconds=0) == 0
    assert keys(store) == ['a']


def test_url_tells_where_an_object_is(store: ObjectStore) -> None:
    url = store.url('tables/a.parquet')
    assert url.endswith('/tables/a.parquet')
    assert Path(url).is_absolute() or '://' in url
