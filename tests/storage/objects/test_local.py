from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixeltable._support.disk import Disk
from pixeltable.errors import ErrorCode, RequestError, ServiceUnavailableError
from pixeltable.storage.objects import local
from pixeltable.storage.objects.local import LocalStore


@pytest.fixture
def disk() -> Disk:
    """Tests replace its calls."""
    return Disk()


@pytest.fixture
def store(tmp_path: Path, disk: Disk) -> LocalStore:
    return LocalStore(tmp_path / 'data', disk)


def keys(store: LocalStore) -> list[str]:
    return sorted(each.key for each in store.list(''))


def _fails_with(number: int) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_crash_before_the_rename_leaves_nothing_listed(store: LocalStore, disk: Any) -> None:
    disk.rename = _fails_with(errno.EIO)
    disk.unlink = _fails_with(errno.EIO)  # a killed process does not clean up either
    with pytest.raises(ServiceUnavailableError, match="could not write 'tables/a': Input/output error"):
        store.put('tables/a', b'data')
    assert len(list((store.root / 'tables').iterdir())) == 1
    assert keys(store) == []


def test_remains_of_a_crash_are_removed_after_the_grace_period(store: LocalStore) -> None:
    store.put('tables/a', b'data')
    (store.root / 'tables' / f'{local.TEMPORARY_PREFIX}1').write_bytes(b'da')
    assert store.remove_unfinished(grace_seconds=60) == 0
    assert store.remove_unfinished(grace_seconds=0) == 1
    assert [path.name for path in (store.root / 'tables').iterdir()] == ['a']


def test_failed_write_leaves_no_file(store: LocalStore, disk: Any) -> None:
    store.root.mkdir()
    disk.write = _fails_with(errno.ENOSPC)
    with pytest.raises(ServiceUnavailableError, match='No space left') as error:
        store.put('a', b'data')
    assert error.value.error_code is ErrorCode.STORE_UNAVAILABLE
    assert list(store.root.iterdir()) == []


def test_content_is_synced_before_its_name_and_the_name_before_return(store: LocalStore, disk: Any) -> None:
    events: list[str] = []

    def note_sync(descriptor: int) -> None:
        events.append('folder' if stat.S_ISDIR(os.fstat(descriptor).st_mode) else 'content')

    disk.fsync = note_sync
    disk.mkdir = lambda folder: (events.append('new folder'), os.mkdir(folder))
    disk.rename = lambda *paths: (events.append('rename'), os.rename(*paths))
    store.put('a/b', b'data')
    # The name of a new folder is in its parent.
    assert events == ['new folder', 'folder'] * 2 + ['content', 'rename', 'folder']


def test_a_folder_that_another_writer_left_unsynced_is_synced(store: LocalStore, disk: Any, tmp_path: Path) -> None:
    LocalStore(store.root).put('tables/a', b'')
    opened: list[Path] = []
    disk.open = lambda path, *flags: (opened.append(path), os.open(path, *flags))[1]
    store.put('tables/b', b'')
    store.put('tables/c', b'')
    tables = store.root / 'tables'
    assert [path for path in opened if path.is_dir()] == [tmp_path, store.root, tables, tables]


def test_a_root_whose_parent_is_closed_to_us(store: LocalStore, disk: Any, tmp_path: Path) -> None:
    store.root.mkdir()

    def open_(path: Path, *flags: int) -> int:
        return _fails_with(errno.EACCES)() if path == tmp_path else os.open(path, *flags)

    disk.open = open_
    store.put('a', b'data')
    assert store.get('a') == b'data'


def test_what_is_deleted_stays_away(store: LocalStore, disk: Any) -> None:
    for key in ('t/a', 't/b', 'u/c'):
        store.put(key, b'')
    opened: list[Path] = []
    disk.open = lambda path, *flags: (opened.append(path), os.open(path, *flags))[1]
    store.delete('t/a', 't/b', 't/gone', 'u/c', 'v/gone')
    assert sorted(opened) == [store.root / 't', store.root / 'u', store.root / 'v']
    assert keys(store) == []


def test_a_folder_that_somebody_removed_is_made_again(store: LocalStore) -> None:
    store.put('tables/a', b'1')
    (store.root / 'tables' / 'a').unlink()
    (store.root / 'tables').rmdir()
    store.put('tables/b', b'2')
    assert keys(store) == ['tables/b']


def test_calls_that_do_a_part_of_the_work(store: LocalStore, disk: Any) -> None:
    disk.write = lambda descriptor, data: os.write(descriptor, data[:3])
    disk.read = lambda descriptor, length: os.read(descriptor, min(length, 3))
    store.put('a', b'0123456789')
    assert store.get('a') == b'0123456789'
    assert store.get_range('a', 4, 5) == b'45678'
    assert store.get_range('a', 4, 50) == b'456789'


def test_a_file_that_vanishes_while_files_are_listed(store: LocalStore, disk: Any) -> None:
    store.put('a', b'')
    scandir = disk.scandir

    def vanishing(folder: Path) -> Any:
        found = scandir(folder)
        (store.root / 'a').unlink()
        return found

    disk.scandir = vanishing
    assert keys(store) == []


def test_a_listing_tells_size_and_time(store: LocalStore) -> None:
    store.put('a/b', b'data')
    os.utime(store.root / 'a' / 'b', (1, 1000))
    (found,) = store.list('')
    assert (found.key, found.size, found.modified) == ('a/b', 4, 1000.0)


@pytest.mark.parametrize('key', ['../a', 'a/../../b', '/etc/a'])
def test_key_outside_the_root(store: LocalStore, key: str) -> None:
    with pytest.raises(RequestError, match='is not a key'):
        store.put(key, b'')


def test_folder_that_is_a_file(store: LocalStore) -> None:
    store.put('a', b'')
    with pytest.raises(ServiceUnavailableError, match="could not write 'a/b'"):
        store.put('a/b', b'')
