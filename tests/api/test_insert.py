from __future__ import annotations

import datetime
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pydantic
import pytest

import pixeltable as pxt


@pytest.fixture
def u() -> pxt.Table:
    return pxt.create_table('u', {'k': pxt.Int, 's': pxt.String | None})


class Item(pydantic.BaseModel):
    k: int
    s: str | None = None


ROWS = [{'k': 1, 's': 'x'}, {'k': 2, 's': None}]


@pytest.mark.parametrize(
    'source',
    [
        ROWS,
        tuple(ROWS),
        ROWS[0],
        pd.DataFrame(ROWS),
        pa.Table.from_pylist(ROWS),
        pa.RecordBatch.from_pylist(ROWS),
        [Item(**row) for row in ROWS],
    ],
    ids=['list', 'tuple', 'one dict', 'pandas', 'arrow table', 'arrow batch', 'pydantic'],
)
def test_sources(u, source) -> None:
    status = u.insert(source)
    rows = ROWS[:1] if isinstance(source, dict) else ROWS
    assert u.collect() == rows
    assert status.num_rows == len(rows)


def test_generator(u) -> None:
    assert u.insert({'k': n} for n in range(1000)).num_rows == 1000
    assert u.tail(1)['k'] == [999]


def test_keywords(u) -> None:
    u.insert(k=7, s='seven')
    assert u.collect() == [{'k': 7, 's': 'seven'}]


def test_tables_and_queries(t, u) -> None:
    u.insert(t.select(t.k, t.s).where(t.k < 2))
    assert u.collect() == [{'k': 0, 's': 'a'}, {'k': 1, 's': 'b'}]
    u.insert(u)
    assert u.count() == 4


def test_an_empty_generator_is_nothing_to_do(u) -> None:
    before = u.get_versions()
    assert u.insert(iter(())).num_rows == 0
    assert (u.count(), u.get_versions()) == (0, before)


def test_rows_with_different_keys(u) -> None:
    u.insert([{'k': 1}, {'s': 'x', 'k': 2}])
    assert u.collect() == [{'k': 1, 's': None}, {'k': 2, 's': 'x'}]


def test_a_missing_input_of_a_computed_column_is_null(u) -> None:
    u.add_computed_column(upper=u.s.upper())
    u.add_computed_column(known=u.s != None)  # noqa: E711
    u.insert([{'k': 1}])
    u.insert({'k': k} for k in range(2000))
    assert u.collect()[0] == {'k': 1, 's': None, 'upper': None, 'known': False}
    assert u.where(u.known).count() == 0


def test_return_rows(u) -> None:
    u.add_computed_column(double=u.k * 2)
    status = u.insert(ROWS, return_rows=True)
    assert status.rows == [{'k': 1, 's': 'x', 'double': 2}, {'k': 2, 's': None, 'double': 4}]
    assert (status.num_rows, status.num_computed_values) == (2, 2)


def test_row_ids_go_on_counting(u) -> None:
    u.insert(ROWS)
    u.delete(u.k == 2)
    u.insert(k=3)
    assert u.select(u.id).collect()['id'] == [1, 3]


def test_every_type(u) -> None:
    row = {
        'i': 2**63 - 1,
        'f': 0.1,
        'b': True,
        's': 'ä\u2028\n',
        'ts': datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC),
        'd': datetime.date(2024, 5, 1),
        'u': uuid.UUID(int=5),
        'y': b'\x00\xff',
        'j': {'a': [1, 2.5, None, 'x']},
        'a': np.arange(3, dtype=np.float32),
    }
    types = [pxt.Int, pxt.Float, pxt.Bool, pxt.String, pxt.Timestamp, pxt.Date, pxt.UUID, pxt.Binary, pxt.Json]
    schema = dict(zip(row, types, strict=False)) | {'a': pxt.Array[(3,), pxt.Float]}
    w = pxt.create_table('w', {name: type_ | None for name, type_ in schema.items()})
    w.insert([row, {}])
    assert w.collect() == [row, dict.fromkeys(row)]


def test_an_error_is_a_cell(u) -> None:
    u.add_computed_column(inverse=u.s.astype(pxt.Int))
    u.add_computed_column(more=u.inverse + 1)
    with pytest.warns(pxt.PixeltableWarning, match='inverse'):
        status = u.insert([{'k': 1, 's': '10'}, {'k': 2, 's': 'ten'}])
    assert (status.num_excs, status.cols_with_excs) == (2, ['u.inverse', 'u.more'])
    rows = u.select(u.inverse, u.inverse.errortype, u.inverse.errormsg, dependent=u.more.errortype).collect()
    assert rows[0] == {'inverse': 10, 'inverse_errortype': None, 'inverse_errormsg': None, 'dependent': None}
    assert rows[1]['inverse'] is None
    assert 'ten' in rows[1]['inverse_errormsg']
    assert rows[1]['dependent'] == 'InputError'


def test_abort_inserts_nothing(u) -> None:
    u.add_computed_column(n=u.s.astype(pxt.Int))
    before = u.get_versions()
    with pytest.raises(pxt.RequestError, match='ten') as caught:
        u.insert([{'k': 1, 's': '10'}, {'k': 2, 's': 'ten'}], on_error='abort')
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert (u.count(), u.get_versions()) == (0, before)


def test_what_is_inserted_is_there_after_reopening(u, reopen) -> None:
    u.insert(ROWS)
    reopen()
    assert pxt.get_table('u').collect() == ROWS


def test_many_small_inserts_are_flushed(u, home) -> None:
    for n in range(70):
        u.insert(k=n)
    assert u.select(u.k).collect()['k'] == list(range(70))


def test_json_of_a_query_into_json_with_a_schema() -> None:
    source = pxt.create_table('source', {'j': pxt.Json | None})
    source.insert([{'j': {'a': 1}}, {'j': None}])
    typed = pxt.create_table('typed', {'j': pxt.Json[{'a': pxt.Float}] | None})
    typed.insert(source)
    assert typed.collect()['j'] == [{'a': 1.0}, None]
    source.insert(typed)
    assert source.count() == 4
    source.insert([{'j': {'a': 1, 'b': 2}}])
    with pytest.raises(pxt.RequestError, match=r"row 4: .* no key 'b'"):
        typed.insert(source)
    texts = pxt.create_table('texts', {'a': pxt.String})
    with pytest.raises(pxt.RequestError, match='of type int'):
        texts.insert(source.where(source.j != None).select(a=source.j.a))  # noqa: E711


def test_inline_json_of_a_query(t) -> None:
    w = pxt.create_table('w', {'j': pxt.Json})
    w.insert(t.select(j={'k': t.k, 'all': [t.k, None]}).limit(1))
    assert w.collect()['j'] == [{'k': t.select(t.k).collect()['k'][0], 'all': [t.select(t.k).collect()['k'][0], None]}]
    typed = pxt.create_table('typed', {'j': pxt.Json[{'k': pxt.Int}]})
    with pytest.raises(pxt.RequestError, match="column 'j', row 0"):
        typed.insert(t.select(j={'k': 'text'}))
