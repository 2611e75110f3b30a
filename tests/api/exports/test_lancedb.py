from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pixeltable as pxt

pytestmark = pytest.mark.needs('lancedb')


def opened(folder: Path, name: str) -> Any:
    import lancedb

    return lancedb.connect(folder).open_table(name)


def test_rows_and_types(things: pxt.Table, tmp_path: Path) -> None:
    pxt.io.export_lancedb(things.order_by(things.k), tmp_path / 'db', 'things')
    found = opened(tmp_path / 'db', 'things').to_arrow()
    assert str(found.schema.field('v').type) == 'fixed_size_list<item: float>[2]'
    first, second = found.to_pylist()
    assert (first['k'], first['f'], first['j'], first['m'], first['b']) == (
        1,
        0.1,
        '{"x":[1]}',
        [[1], [2]],
        b'\x00\xff',
    )
    assert first['im'][:4] in (b'\x89PNG', b'RIFF')
    assert all(value is None for name, value in second.items() if name != 'k')


def test_vectors_can_be_searched(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'v': pxt.Array[(2,), pxt.Float]})
    t.insert({'k': k, 'v': np.array([k, 1], np.float32)} for k in range(5))
    pxt.io.export_lancedb(t, tmp_path / 'db', 't', batch_size_bytes=10)
    found = opened(tmp_path / 'db', 't').search([3.0, 1.0]).limit(1).to_list()
    assert found[0]['k'] == 3


def test_existing_tables(things: pxt.Table, tmp_path: Path) -> None:
    def export(query: object, **options: str) -> list[dict[str, object]]:
        pxt.io.export_lancedb(query, tmp_path / 'db', 't', **options)
        return opened(tmp_path / 'db', 't').to_arrow().to_pylist()

    assert export(things.select(things.k).order_by(things.k)) == [{'k': 1}, {'k': 2}]
    with pytest.raises(pxt.AlreadyExistsError, match="'t'"):
        export(things.select(things.k))
    assert len(export(things.select(things.k), if_exists='append')) == 4
    with pytest.raises(pxt.RequestError, match='zz'):
        export(things.select(zz=things.k), if_exists='append')
    assert len(export(things.select(x=things.k), if_exists='overwrite')) == 2


@pxt.udf
def fails(k: int) -> int:
    raise ValueError('never')


def test_what_fails_changes_nothing(things: pxt.Table, tmp_path: Path) -> None:
    pxt.io.export_lancedb(things.select(things.k), tmp_path / 'db', 't')
    for mode in ('append', 'overwrite'):
        with pytest.raises(pxt.RequestError, match='never'):
            pxt.io.export_lancedb(things.select(k=fails(things.k)), tmp_path / 'db', 't', if_exists=mode)
    assert opened(tmp_path / 'db', 't').version == 1
    for code, arguments in (
        ('INVALID_ARGUMENT', {'table_or_query': 5}),
        ('INVALID_ARGUMENT', {'if_exists': 'replace'}),
        ('INVALID_ARGUMENT', {'table_name': 5}),
        ('INVALID_ARGUMENT', {'db_uri': 5}),
        ('INVALID_ARGUMENT', {'batch_size_bytes': 0}),
        ('UNSUPPORTED_OPERATION', {'table_name': 'a/b'}),
    ):
        with pytest.raises(pxt.RequestError) as caught:
            pxt.io.export_lancedb(
                **{'table_or_query': things, 'db_uri': tmp_path / 'db', 'table_name': 'x'} | arguments
            )
        assert caught.value.error_code is pxt.ErrorCode[code]
