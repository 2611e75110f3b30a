from __future__ import annotations

import dataclasses
import multiprocessing
from pathlib import Path

import pytest

from pixeltable.catalog.work import usage
from pixeltable.catalog.work.open import WorkDatabase, open_work
from pixeltable.catalog.work.usage import Usage

ONE = Usage('2026-01-31', 't1', 'docs', 'short', 'insert', 'f', 1, 2, 3, 0.5, 10, 20, 0.25)


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture
def work(tmp_path: Path, catalog_url: str | None) -> WorkDatabase:
    made = open_work(tmp_path, catalog_url)
    yield made
    made.close()


def add(work: WorkDatabase, *used: Usage) -> None:
    with work.write() as connection:
        usage.add(connection, used)


def sums(work: WorkDatabase, by: usage.By, since: str = '', table_id: str | None = None) -> list[dict]:
    with work.read() as connection:
        return [dict(zip(usage.names(by), row, strict=True)) for row in usage.sums(connection, by, since, table_id)]


def test_uses_add_up(work) -> None:
    add(work, ONE, ONE)
    add(work, ONE)
    assert sums(work, 'column') == [
        {
            'path': 'docs', 'column_name': 'short', 'calls': 3, 'hits': 6, 'errors': 9, 'seconds': 1.5,
            'input_tokens': 30, 'output_tokens': 60, 'cost': 0.75,
        }
    ]  # fmt: skip


def test_groups_and_conditions(work) -> None:
    replace = dataclasses.replace
    add(work, ONE, replace(ONE, day='2026-02-01', operation='update'), replace(ONE, table_id='t2', path='other'))
    assert [row['path'] for row in sums(work, 'column')] == ['docs', 'other']
    assert [(row['day'], row['calls']) for row in sums(work, 'day')] == [('2026-01-31', 2), ('2026-02-01', 1)]
    assert [row['operation'] for row in sums(work, 'operation', table_id='t1')] == ['insert', 'update']
    assert [row['calls'] for row in sums(work, 'function', since='2026-02-01')] == [1]


def test_a_table_has_its_last_path(work) -> None:
    add(work, ONE)
    add(work, dataclasses.replace(ONE, path='renamed'))
    assert [row['path'] for row in sums(work, 'column')] == ['renamed']


def _add_many(home: Path, url: str | None) -> None:
    work = open_work(home, url)
    for _ in range(20):
        add(work, ONE)
    work.close()


def test_processes_lose_nothing(work, tmp_path, catalog_url) -> None:
    context = multiprocessing.get_context('spawn')
    workers = [context.Process(target=_add_many, args=(tmp_path, catalog_url)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [row['calls'] for row in sums(work, 'function')] == [40]
