from __future__ import annotations

import pytest

import pixeltable as pxt


def test_create_and_list() -> None:
    made = pxt.create_dir('a/b/c', parents=True)
    assert (made.path, made.name) == ('a/b/c', 'c')
    pxt.create_table('a/b/t', {'x': pxt.Int})
    assert pxt.list_dirs() == ['a', 'a/b', 'a/b/c']
    assert pxt.list_dirs('a', recursive=False) == ['a/b']
    assert pxt.list_tables('a') == ['a/b/t']
    assert pxt.list_tables('a', recursive=False) == []


def test_if_exists() -> None:
    pxt.create_dir('d')
    assert pxt.create_dir('d', if_exists='ignore').path == 'd'
    with pytest.raises(pxt.AlreadyExistsError, match="if_exists='ignore'"):
        pxt.create_dir('d')


def test_replace() -> None:
    pxt.create_dir('d')
    pxt.create_dir('d', if_exists='replace')
    pxt.create_table('d/t', {'x': pxt.Int})
    with pytest.raises(pxt.AlreadyExistsError, match='not empty'):
        pxt.create_dir('d', if_exists='replace')
    pxt.create_dir('d', if_exists='replace_force')
    assert (pxt.list_dirs(), pxt.list_tables()) == (['d'], [])


def test_drop() -> None:
    pxt.create_dir('d/sub', parents=True)
    pxt.create_table('d/sub/t', {'x': pxt.Int})
    with pytest.raises(pxt.RequestError, match='force=True') as caught:
        pxt.drop_dir('d')
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    pxt.drop_dir('d', force=True)
    assert (pxt.list_dirs(), pxt.list_tables()) == ([], [])
    pxt.drop_dir('d', if_not_exists='ignore')
