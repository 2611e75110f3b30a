from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.objects.open import Stores, open_store
from pixeltable.storage.objects.remote import RemoteStore


@pytest.fixture
def home_root(tmp_path: Path) -> str:
    return (tmp_path / 'home data').as_uri()


@pytest.fixture(params=['file', 's3'])
def own_root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A root that only the keys name."""
    return (tmp_path / 'own ä').as_uri() if request.param == 'file' else request.getfixturevalue('s3_root')


def test_open_store_knows_the_scheme(home_root: str, s3_root: str, tmp_path: Path) -> None:
    local = open_store(home_root)
    assert isinstance(local, LocalStore)
    assert local.root == tmp_path / 'home data'
    assert isinstance(open_store(s3_root), RemoteStore)


def test_keys_choose_the_root(home_root: str, own_root: str) -> None:
    stores = Stores(home_root)
    stores.put('tables/t/a', b'home')
    stores.put(f'{own_root}/tables/u/a', b'own')
    assert open_store(home_root).get('tables/t/a') == b'home'
    assert open_store(own_root).get('tables/u/a') == b'own'
    assert stores.get_range(f'{own_root}/tables/u/a', 1, 2) == b'wn'
    with pytest.raises(NotFoundError):
        stores.get('tables/u/a')


def test_list_gives_keys_that_can_be_read(home_root: str, own_root: str) -> None:
    stores = Stores(home_root)
    keys = [f'{own_root}/tables/{name}' for name in ('t/1', 't/2', 'u/3')]
    for key in ('tables/t/0', *keys):
        stores.put(key, b'')
    assert sorted(found.key for found in stores.list(f'{own_root}/tables/')) == keys
    assert sorted(found.key for found in stores.list(f'{own_root}/tables/t/')) == keys[:2]
    assert [found.key for found in stores.list('tables/')] == ['tables/t/0']
    stores.delete(keys[0])
    assert [found.key for found in stores.list(f'{own_root}/tables/t/')] == keys[1:2]


def test_root_below_a_folder_called_tables(home_root: str, own_root: str) -> None:
    stores = Stores(home_root)
    stores.put(f'{own_root}/tables/x/tables/t/1', b'1')
    assert open_store(f'{own_root}/tables/x').get('tables/t/1') == b'1'


def test_unfinished_files_go_from_every_root(home_root: str, tmp_path: Path) -> None:
    stores = Stores(home_root)
    own = (tmp_path / 'own').as_uri()
    for key in ('tables/t/a', f'{own}/tables/t/a'):
        stores.put(key, b'')
        (Path(stores.url(key)).parent / '.writing-1').touch()
    assert stores.remove_unfinished(grace_seconds=0) == 2


def test_url(home_root: str, s3_root: str, tmp_path: Path) -> None:
    stores = Stores(home_root)
    assert stores.url('tables/t/a') == str(tmp_path / 'home data/tables/t/a')
    assert stores.url(f'{s3_root}/tables/t/a') == f'{s3_root}/tables/t/a'
    assert Stores(s3_root).url('tables/t/a') == f'{s3_root}/tables/t/a'


def test_url_that_is_no_key(home_root: str) -> None:
    with pytest.raises(RequestError, match='is not a key') as error:
        Stores(home_root).get('s3://bucket/a')
    assert error.value.error_code is ErrorCode.INVALID_PATH


def test_obstore_is_loaded_for_buckets_alone(home_root: str) -> None:
    program = f'from pixeltable.storage.objects.open import Stores; Stores({home_root!r}).put("a", b""); import sys'
    done = subprocess.run([sys.executable, '-c', f'{program}; sys.exit("obstore" in sys.modules)'])
    assert done.returncode == 0
