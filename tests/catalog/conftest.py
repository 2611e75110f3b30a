"""A catalog in an empty home, with short spellings for the commits that tests make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.changes import AddSegment, Change, Commit, Committed, CreateTable, NewFile, Requirement
from pixeltable.catalog.home import open_home
from pixeltable.catalog.records import ColumnRecord, StoredColumn, TableRecord
from pixeltable.types.column_type import INT, STRING

T = 't' * 32


class Workbench:
    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def run(self, *changes: Change, requires: tuple[Requirement, ...] = (), version_of: str | None = None) -> Committed:
        versions = () if version_of is None else ((version_of, 'data', {'changes': len(changes)}),)
        return self.catalog.commit(Commit('test', changes, requires, versions))

    def create(self, path: str = 'numbers', table_id: str = T) -> Committed:
        columns = (ColumnRecord(1, 'x', INT), ColumnRecord(2, 'name', STRING))
        return self.run(CreateTable(TableRecord(table_id, path), columns), version_of=table_id)

    def insert(self, rows: int = 1, table_id: str = T) -> Committed:
        return self.run(self.segment(rows, table_id), version_of=table_id)

    @staticmethod
    def segment(rows: int = 1, table_id: str = T) -> AddSegment:
        return AddSegment(table_id, rows, (Workbench.file(b'rows %d' % rows),))

    @staticmethod
    def file(data: bytes, column_id: int = 1) -> NewFile:
        return NewFile((StoredColumn(column_id, f'c{column_id}'),), len(data), f'sum:{len(data)}', data=data)

    def segment_ids(self, table_id: str = T) -> list[int]:
        return [segment.id for segment in self.catalog.contents(table_id).segments]


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / 'home'


@pytest.fixture
def bench(home: Path, catalog_url: str | None) -> Iterator[Workbench]:
    catalog = open_home(home, catalog_url)
    yield Workbench(catalog)
    catalog.close()


@pytest.fixture
def table(bench: Workbench) -> str:
    """The id of a table `numbers` with the columns `x` and `name`."""
    bench.create()
    return T


@pytest.fixture(scope='session')
def bench_class() -> type[Workbench]:
    return Workbench
