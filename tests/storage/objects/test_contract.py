"""What every object store promises. Each implementation runs all of it: add one to `STORES`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.storage.objects import ObjectStore
from pixeltable.storage.objects.local import LocalStore

STORES: dict[str, Callable[[Path], ObjectStore]] = {'local': lambda folder: LocalStore(folder / 'root')}


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return STORES[request.param](tmp_path)


@pytest.mark.parametrize('data', [b'', b'x', bytes(range(256)) * 5000])
def test_get_returns_what_was_put(store: ObjectStore, data: bytes) -> None:
    store.put('tables/a/b.parquet', data)
    assert store.get('tables/a/b.parquet') == data


def test_put_takes_a_view(store: ObjectStore) -> None:
    store.put('a', memoryview(b'0123456789')[2:5])
    assert store.get('a') == b'234'


def test_get_range_returns_a_part(store: ObjectStore) -> None:
    store.put('a', b'0123456789')
    assert store.get_range('a', 3, 4) == b'3456'


def test_get_range_ends_with_the_object(store: ObjectStore) -> None:
    store.put('a', b'0123456789')
    assert store.get_range('a', 8, 10) == b'89'


def test_get_of_a_missing_key(store: ObjectStore) -> None:
    with pytest.raises(NotFoundError, match="'tables/gone'") as error:
        store.get('tables/gone')
    assert error.value.error_code is ErrorCode.STORAGE_NOT_FOUND


def test_get_range_of_a_missing_key(store: ObjectStore) -> None:
    with pytest.raises(NotFoundError, match='gone'):
        store.get_range('gone', 0, 1)


def test_get_of_a_prefix_is_not_an_object(store: ObjectStore) -> None:
    store.put('tables/a', b'1')
    with pytest.raises(NotFoundError):
        store.get('tables')


def test_delete_removes_the_key_alone(store: ObjectStore) -> None:
    store.put('tables/a', b'1')
    store.put('tables/b', b'2')
    store.delete('tables/a')
    assert list(store.list('')) == ['tables/b']


def test_delete_of_a_missing_key_is_no_error(store: ObjectStore) -> None:
    store.delete('tables/gone')


@pytest.mark.parametrize(
    ('prefix', 'keys'),
    [
        ('', ['t/a/1', 't/a/2', 't/ab/3', 'u']),
        ('t/', ['t/a/1', 't/a/2', 't/ab/3']),
        ('t/a/', ['t/a/1', 't/a/2']),
        ('t/a', ['t/a/1', 't/a/2', 't/ab/3']),
        ('u', ['u']),
        ('none/', []),
    ],
)
def test_list_gives_the_keys_below_a_prefix(store: ObjectStore, prefix: str, keys: list[str]) -> None:
    for key in ('t/a/1', 't/a/2', 't/ab/3', 'u'):
        store.put(key, b'')
    assert sorted(store.list(prefix)) == keys


def test_list_of_a_store_never_written(store: ObjectStore) -> None:
    assert list(store.list('')) == []


def test_put_from_many_threads(store: ObjectStore) -> None:
    keys = [f'new/folder/{i}' for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, key.encode()), keys))
    assert sorted(store.list('new/')) == sorted(keys)
    assert all(store.get(key) == key.encode() for key in keys)
