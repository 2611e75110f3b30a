"""A catalog in an empty home, with short spellings for the commits that tests make."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.changes import (
    AddSegment,
    Change,
    Commit,
    Committed,
    CreateTable,
    EndSegment,
    NewFile,
    Requirement,
)
from pixeltable.catalog.commit import now
from pixeltable.catalog.home import open_home
from pixeltable.catalog.records import ColumnRecord, StoredColumn, TableRecord
from pixeltable.catalog.removals import Removed, Vacuum
from pixeltable.catalog.retention import Retention
from pixeltable.types.column_type import INT, STRING

T = 't' * 32
LAST = Retention(versions=1)


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

    def flush(self, table_id: str = T) -> None:
        """Puts all segments into one, in a commit that makes no version."""
        segments = self.catalog.contents(table_id).segments
        self.run(
            *(EndSegment(segment.id) for segment in segments),
            AddSegment(table_id, sum(segment.rows for segment in segments), (self.file(b'flushed'),), first_id=1),
        )

    def vacuum(self, table_id: str, retain: Retention = LAST, **options: Any) -> Removed:
        """Without a grace period, unless the options say otherwise."""
        change = Vacuum(table_id, retain, **({'now': now(), 'quiet_since': None} | options))
        return self.run(change).removed

    def shape(self, table_id: str, at: int | None = None) -> Any:
        """What a reader can tell: files by their content, rows by their ids."""
        rows = [
            (
                [dataclasses.replace(file, id=0, segment_id=0) for file in segment.files],
                segment.min_id,
                segment.rows,
                segment.deletes and segment.deletes.data,
            )
            for segment in self.catalog.contents(table_id, at).segments
        ]
        return rows, [(column.id, column.name) for column in self.catalog.schema(table_id, at).columns]

    def stored(self, kind: str) -> int:
        """How many rows a table of the catalog has."""
        return self.catalog._database.connection().command(f'SELECT count(*) FROM {kind}')[0][0]


@pytest.fixture
def place_in_postgres(empty_catalog: str) -> str:
    return empty_catalog


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
