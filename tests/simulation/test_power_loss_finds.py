"""The simulation finds what is wrong: each test breaks one promise of the store or the catalog, and must be told so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from homes import opened, watched
from power_loss import HOME, PowerLoss, Recorder, check_home, record
from scenarios import SCENARIOS, Inserts, quiet

from pixeltable._support.disk import Disk
from pixeltable._support.disk import opened as opened_file
from pixeltable.catalog import home as catalog_home
from pixeltable.catalog.sqlite import SqliteDriver
from pixeltable.storage.objects import local
from pixeltable.storage.objects.local import LocalStore

Run = Callable[[Inserts, int], None]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    quiet()
    for folder in ('disk', 'scratch'):
        (tmp_path / folder).mkdir()

    def run(scenario: Inserts, number: int) -> None:
        recorder = Recorder(tmp_path / 'disk')
        with watched(recorder), opened(tmp_path / 'disk' / HOME):
            record(recorder, scenario, number)
        PowerLoss(recorder, tmp_path / 'scratch', lambda home, done: check_home(scenario, number, home, done)).run('')

    return run


def nothing(*_: Any) -> None:
    pass


def test_a_name_that_is_not_synced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, 'sync_folder', nothing)
    with pytest.raises(AssertionError, match=r'after a power loss: .*parquet'):
        run(SCENARIOS['insert'], 1)


def test_a_new_folder_that_is_not_synced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, 'make_folder', lambda disk, folder: disk.mkdir(folder))
    with pytest.raises(AssertionError, match=r'after a power loss: .*parquet'):
        run(SCENARIOS['insert'], 1)


def test_content_that_is_not_synced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: LocalStore, path: Path, data: bytes) -> None:
        with opened_file(self._disk, path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
            self._disk.write(descriptor, data)

    monkeypatch.setattr(LocalStore, '_write_and_sync', write)
    with pytest.raises(AssertionError, match='is there, and not whole'):
        run(SCENARIOS['insert'], 1)


def test_content_under_its_last_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(self: LocalStore, key: str, data: bytes) -> None:
        path = self._path(key)
        self._make_folder(path.parent)
        self._write_and_sync(path, data)
        local.sync_folder(self._disk, path.parent)

    monkeypatch.setattr(LocalStore, 'put', put)
    with pytest.raises(AssertionError, match='is there, and not whole'):
        run(SCENARIOS['insert'], 1)


@pytest.mark.parametrize('level', ['NORMAL', 'OFF'])
def test_a_catalog_that_does_not_sync(run: Run, monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    connect = SqliteDriver.connect

    def careless(self: SqliteDriver) -> Any:
        connection = connect(self)
        connection.execute(f'PRAGMA synchronous={level}')
        return connection

    monkeypatch.setattr(SqliteDriver, 'connect', careless)
    with pytest.raises(AssertionError, match=r'acknowledged is lost|is damaged|malformed'):
        run(SCENARIOS['insert'], 0)


def test_a_home_whose_own_name_is_not_synced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_home, 'make_folder', lambda disk, folder: Disk.mkdir(folder))
    with pytest.raises(AssertionError, match="after a power loss: there is no table 't'"):
        run(SCENARIOS['insert'], 0)


def test_an_operation_of_two_commits(run: Run) -> None:
    class Twice(Inserts):
        def do(self, number: int) -> None:
            self.insert(2 * number)
            self.insert(2 * number + 1)

        def after(self, number: int) -> Any:
            return super().after(2 * number)

    with pytest.raises(AssertionError, match='expected 0'):
        run(Twice(), 0)


def test_a_file_that_is_named_before_it_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[tuple[Any, ...]] = []
    put = LocalStore.put
    monkeypatch.setattr(LocalStore, 'put', lambda *call: late.append(call))

    class Late(Inserts):
        def do(self, number: int) -> None:
            super().do(number)
            while late:
                put(*late.pop())

    with pytest.raises(AssertionError, match=r'after a power loss: .*parquet'):
        run(Late(), 1)
