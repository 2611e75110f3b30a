from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.objects import ObjectInfo
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.objects.open import Stores
from pixeltable.storage.objects.ownership import Ownership


@dataclass
class Catalog:
    id: str
    tables: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    def table_ids(self) -> set[str]:
        return self.tables

    def named_objects(self) -> set[str]:
        return self.named


OURS = Catalog('a' * 32, {'t'}, {'tables/t/1'})
NEW, OTHER = Catalog('b' * 32), Catalog('c' * 32)


def stores(catalog: Catalog, root: Path) -> Stores:
    return Stores(root.as_uri(), Ownership(catalog, root.as_uri()))


def refused(catalog: Catalog, root: Path) -> str:
    with pytest.raises(RequestError) as error:
        stores(catalog, root).put('tables/x/1', b'')
    assert error.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert root.as_uri() in error.value.message
    return error.value.message


def markers(root: Path) -> list[str]:
    return [each.key for each in LocalStore(root).list('catalogs/')]


def test_empty_root_is_marked_before_the_first_object(tmp_path: Path) -> None:
    stores(NEW, tmp_path).put('tables/x/1', b'')
    assert markers(tmp_path) == [f'catalogs/{NEW.id}']


def test_root_of_another_catalog_is_refused(tmp_path: Path) -> None:
    stores(NEW, tmp_path).put('tables/x/1', b'')
    assert f'belongs to another catalog, {NEW.id}' in refused(OTHER, tmp_path)
    for remove in (
        lambda: stores(OTHER, tmp_path).delete('tables/x/1'),
        lambda: stores(OTHER, tmp_path).remove_unfinished(0),
    ):
        with pytest.raises(RequestError, match='another catalog'):
            remove()
    assert bytes(stores(NEW, tmp_path).get('tables/x/1')) == b''


def test_files_from_before_there_were_markers(tmp_path: Path) -> None:
    LocalStore(tmp_path).put('tables/t/1', b'')
    assert 'tables that this catalog does not know' in refused(OTHER, tmp_path)
    stores(OURS, tmp_path).put('tables/t/2', b'')
    assert markers(tmp_path) == [f'catalogs/{OURS.id}']


def test_root_that_two_catalogs_shared_before_there_were_markers_is_refused(tmp_path: Path) -> None:
    for key in ('tables/t/1', 'tables/u/1'):
        LocalStore(tmp_path).put(key, b'')
    assert "'tables/u/1'" in refused(OURS, tmp_path)


def test_empty_root_of_a_catalog_that_has_files(tmp_path: Path) -> None:
    assert 'none of the files' in refused(OURS, tmp_path)
    LocalStore(tmp_path).put(f'catalogs/{OURS.id}', b'')  # as the message says
    stores(OURS, tmp_path).put('tables/t/2', b'')


def test_files_in_other_roots_do_not_count(tmp_path: Path) -> None:
    LocalStore(tmp_path / 'home').put(f'catalogs/{OURS.id}', b'')
    stores(OURS, tmp_path / 'home').put(f'{(tmp_path / "own").as_uri()}/tables/t/2', b'')
    assert markers(tmp_path / 'own') == [f'catalogs/{OURS.id}']


def test_of_two_that_come_at_once_who_sees_the_other_withdraws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put, others = LocalStore.put, [f'catalogs/{OTHER.id}']

    def put_after_the_other(store: LocalStore, key: str, data: bytes) -> None:
        while others:
            put(store, others.pop(), b'')
        put(store, key, data)

    monkeypatch.setattr(LocalStore, 'put', put_after_the_other)
    assert 'belongs to another catalog' in refused(NEW, tmp_path)
    assert markers(tmp_path) == [f'catalogs/{OTHER.id}']


def test_of_one_catalog_another_thread_may_write_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, list_ = stores(NEW, tmp_path), LocalStore.list

    def list_and_come(store: LocalStore, prefix: str) -> list[ObjectInfo]:
        found = list(list_(store, prefix))
        if prefix == 'catalogs/' and not found:
            monkeypatch.setattr(LocalStore, 'list', list_)
            first.put('tables/x/1', b'')
        return found

    monkeypatch.setattr(LocalStore, 'list', list_and_come)
    stores(NEW, tmp_path).put('tables/x/2', b'')
    assert markers(tmp_path) == [f'catalogs/{NEW.id}']


def test_a_root_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores(NEW, tmp_path).put('tables/x/1', b'')
    again, listed, list_ = stores(NEW, tmp_path), [], LocalStore.list
    monkeypatch.setattr(LocalStore, 'list', lambda store, prefix: listed.append(prefix) or list_(store, prefix))
    for n in range(3):
        again.put(f'tables/x/{n}', b'')
    assert listed == ['catalogs/']
