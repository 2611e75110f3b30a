from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from pixeltable.errors import ErrorCode, RequestError, ServiceUnavailableError
from pixeltable.storage.objects import local
from pixeltable.storage.objects.local import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / 'data')


def _fails_with(number: int) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_crash_before_the_rename_leaves_nothing_listed(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    # A killed process does not run the clean-up either.
    monkeypatch.setattr(local.os, 'rename', _fails_with(errno.EIO))
    monkeypatch.setattr(Path, 'unlink', lambda *_, **__: None)
    with pytest.raises(ServiceUnavailableError):
        store.put('tables/a', b'data')
    assert len(list((store.root / 'tables').iterdir())) == 1
    assert list(store.list('')) == []


def test_remains_of_a_crash_are_removed_after_the_grace_period(store: LocalStore) -> None:
    store.put('tables/a', b'data')
    (store.root / 'tables' / f'{local.TEMPORARY_PREFIX}1').write_bytes(b'da')
    assert store.remove_unfinished(grace_seconds=60) == 0
    assert store.remove_unfinished(grace_seconds=0) == 1
    assert [path.name for path in (store.root / 'tables').iterdir()] == ['a']


def test_failed_write_leaves_no_file(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.os, 'fsync', _fails_with(errno.ENOSPC))
    store.root.mkdir()
    with pytest.raises(ServiceUnavailableError, match='No space left') as error:
        store.put('a', b'data')
    assert error.value.error_code is ErrorCode.STORE_UNAVAILABLE
    assert list(store.root.iterdir()) == []


def test_content_is_synced_before_its_name_and_the_name_before_return(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.root.mkdir()
    events: list[str] = []
    fsync, rename = os.fsync, os.rename

    def note_sync(descriptor: int) -> None:
        events.append('folder' if stat.S_ISDIR(os.fstat(descriptor).st_mode) else 'content')
        fsync(descriptor)

    def note_rename(source: Path, target: Path) -> None:
        events.append('rename')
        rename(source, target)

    monkeypatch.setattr(local.os, 'fsync', note_sync)
    monkeypatch.setattr(local.os, 'rename', note_rename)
    store.put('new/a', b'data')
    # The new folder's own name is in its parent, which therefore comes first.
    assert events == ['folder', 'content', 'rename', 'folder']


@pytest.mark.parametrize('key', ['../a', 'a/../../b', '/etc/a'])
def test_key_outside_the_root(store: LocalStore, key: str) -> None:
    with pytest.raises(RequestError, match='is not a key'):
        store.put(key, b'')


def test_folder_that_is_a_file(store: LocalStore) -> None:
    store.put('a', b'')
    with pytest.raises(ServiceUnavailableError, match="could not write 'a/b'"):
        store.put('a/b', b'')
