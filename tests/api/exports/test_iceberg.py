from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import pixeltable as pxt

pytest.importorskip('pyiceberg')


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Any]:
    from pyiceberg.catalog.sql import SqlCatalog

    (tmp_path / 'lake').mkdir()
    place = tmp_path / 'lake'
    with SqlCatalog('lake', uri=f'sqlite:///{place / "catalog.db"}', warehouse=f'file://{place}') as catalog:
        yield catalog


def _rows(catalog: Any, name: str) -> list[dict[str, Any]]:
    found: pa.Table = catalog.load_table(name).scan().to_arrow()
    return found.sort_by(found.column_names[0]).to_pylist()


def test_rows_and_types(things: pxt.Table, catalog: Any) -> None:
    pxt.io.export_iceberg(things, catalog, 'lab.things')
    first, second = _rows(catalog, 'lab.things')
    assert (first['f'], first['j'], first['v'], first['m']) == (0.1, '{"x":[1]}', [1.0, 2.0], [[1], [2]])
    row = things.where(things.k == 1).collect()[0]
    assert [first[name] for name in ('s', 'ok', 'w', 'd', 'u', 'b')] == [
        row[name] for name in ('s', 'ok', 'w', 'd', 'u', 'b')
    ]
    assert all(value is None for name, value in second.items() if name != 'k')


def test_existing_tables(things: pxt.Table, catalog: Any) -> None:
    pxt.io.export_iceberg(things.select(things.k), catalog, 'lab.t')
    with pytest.raises(pxt.AlreadyExistsError, match=r'lab\.t'):
        pxt.io.export_iceberg(things.select(things.k), catalog, 'lab.t')
    pxt.io.export_iceberg(things.select(things.k), catalog, 'lab.t', if_exists='append')
    assert [row['k'] for row in _rows(catalog, 'lab.t')] == [1, 1, 2, 2]
    with pytest.raises(pxt.RequestError, match='zz'):
        pxt.io.export_iceberg(things.select(zz=things.k), catalog, 'lab.t', if_exists='append')
    struct = {'j': pa.struct([('x', pa.list_(pa.int64()))])}
    pxt.io.export_iceberg(
        things.select(things.k, things.j), catalog, 'lab.t', if_exists='replace', schema_overrides=struct
    )
    assert _rows(catalog, 'lab.t') == [{'k': 1, 'j': {'x': [1]}}, {'k': 2, 'j': None}]


def test_many_batches_are_one_commit(catalog: Any) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert({'k': k} for k in range(1000))
    pxt.io.export_iceberg(t, catalog, 'lab.t', batch_size_bytes=2000)
    assert [row['k'] for row in _rows(catalog, 'lab.t')] == list(range(1000))
    assert catalog.load_table('lab.t').metadata.metadata_log == []


@pxt.udf
def fails(k: int) -> int:
    raise ValueError('never')


def test_what_fails_changes_nothing(things: pxt.Table, catalog: Any) -> None:
    pxt.io.export_iceberg(things.select(things.k), catalog, 'lab.t')
    for name, mode in (('t', 'append'), ('t', 'replace'), ('new', 'error')):
        with pytest.raises(pxt.RequestError, match='never'):
            pxt.io.export_iceberg(things.select(k=fails(things.k)), catalog, f'lab.{name}', if_exists=mode)
    assert len(_rows(catalog, 'lab.t')) == 2
    for code, arguments in (
        ('INVALID_ARGUMENT', {'table_or_query': 5}),
        ('INVALID_ARGUMENT', {'catalog': 'lake'}),
        ('INVALID_ARGUMENT', {'table_name': 'new'}),
        ('INVALID_ARGUMENT', {'if_exists': 'overwrite'}),
        ('INVALID_ARGUMENT', {'batch_size_bytes': True}),
        ('INVALID_ARGUMENT', {'schema_overrides': {'k': 'int'}}),
        ('COLUMN_NOT_FOUND', {'schema_overrides': {'kk': pa.int32()}}),
        ('TYPE_MISMATCH', {'schema_overrides': {'s': pa.int32()}}),
    ):
        with pytest.raises(pxt.Error) as caught:
            pxt.io.export_iceberg(**{'table_or_query': things, 'catalog': catalog, 'table_name': 'lab.new'} | arguments)
        assert caught.value.error_code is pxt.ErrorCode[code]
    assert catalog.list_tables('lab') == [('lab', 't')]
