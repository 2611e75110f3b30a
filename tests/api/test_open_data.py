"""What plain DuckDB reads with the statement of `duckdb_sql` is what the table holds."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pixeltable as pxt
from pixeltable.storage.objects.open import open_store


@pytest.fixture(scope='module')
def plain_duckdb():
    """DuckDB as a user would have it, but that it may download nothing."""
    connection = duckdb.connect(config={'autoinstall_known_extensions': False, 'autoload_known_extensions': False})
    connection.sql("SET TimeZone = 'UTC'")
    return connection


def rows(table: pa.Table) -> list[Any]:
    return sorted(repr(list(row.values())) for row in table.to_pylist())


def same(plain_duckdb, table: pxt.Table, sql: str) -> bool:
    """Whether the statement gives the rows of the table, under its names."""
    found = plain_duckdb.sql(sql).to_arrow_table()
    expected = table.collect().to_arrow()
    return found.column_names == expected.column_names and rows(found) == rows(expected)


def test_every_type(plain_duckdb) -> None:
    types = {
        's': pxt.String,
        'i': pxt.Int,
        'f': pxt.Float,
        'b': pxt.Bool,
        't': pxt.Timestamp,
        'd': pxt.Date,
        'u': pxt.UUID,
        'x': pxt.Binary,
        'j': pxt.Json,
        'v': pxt.Array[(2,), pxt.Float],
        'm': pxt.Array[(2, 3), pxt.Int],
        'n': pxt.Array[(), pxt.Float],
        'o': pxt.Array,
        'p': pxt.Image,
    }
    t = pxt.create_table('t', {name: type_ | None for name, type_ in types.items()}, media_validation='on_read')
    values = {
        's': "it's\na \\ 'text'",
        'i': -(2**63),
        'f': float('-inf'),
        'b': True,
        't': datetime.datetime(1, 1, 1, 1, 2, 3, 4, tzinfo=datetime.UTC),
        'd': datetime.date(9999, 12, 31),
        'u': uuid.UUID(int=7),
        'x': bytes(range(256)),
        'j': {'a': [1, None]},
        'v': np.array([0.1, -1e-30], np.float32),
        'm': np.arange(6).reshape(2, 3),
        'n': np.array(1.5, np.float32),
        'o': np.zeros((1, 2), np.int16),
        'p': "https://example.com/a'b.png",
    }
    t.insert([values, dict.fromkeys(types)])
    inlined = plain_duckdb.sql(t.duckdb_sql())
    assert list(map(str, inlined.types)) == [
        'VARCHAR', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP WITH TIME ZONE', 'DATE', 'UUID', 'BLOB', 'JSON', 'FLOAT[2]',
        'BIGINT[3][2]', 'FLOAT', 'STRUCT(dtype VARCHAR, shape INTEGER[], "data" BLOB)', 'VARCHAR',
    ]  # fmt: skip
    t.insert([values] * 500)
    flushed = plain_duckdb.sql(t.duckdb_sql()).to_arrow_table()
    assert 'read_parquet' in t.duckdb_sql()
    for row in (inlined.to_arrow_table().to_pylist()[0], flushed.to_pylist()[-1]):
        assert {name: row[name] for name in 'sifbdxp'} == {name: values[name] for name in 'sifbdxp'}
        assert (row['t'], row['u'], row['j']) == (values['t'], str(values['u']), '{"a":[1,null]}')
        assert row['v'] == pytest.approx([0.1, -1e-30])
        assert (row['m'], row['n']) == ([[0, 1, 2], [3, 4, 5]], 1.5)
        assert row['o'] == {'dtype': 'int16', 'shape': [1, 2], 'data': bytes(4)}
    assert list(flushed.to_pylist()[1].values()) == [None] * len(types)


def test_every_version(plain_duckdb) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String})
    t.insert({'k': k, 's': f'text {k}' * 10} for k in range(2000))
    t.add_computed_column(n=t.s.len() + t.k)
    t.add_computed_column(unstored=t.k + 1, stored=False)
    t.delete(where=(t.k >= 100) & (t.k < 400))
    t.update({'s': 'new'}, where=t.k % 7 == 0)
    t.add_column(file_row_number=pxt.Float | None)
    t.update({'file_row_number': 1.5}, where=t.k % 100 == 0)
    t.rename_column('s', 'title')
    t.insert({'k': k, 'title': str(k)} for k in range(2000, 2003))
    t.drop_column('n')
    t.optimize()
    t.delete(where=t.k % 2 == 0)
    for version in t.get_versions():
        number = version['version']
        handle = pxt.get_table(f't:{number}')
        stored = [name for name in handle.columns() if name != 'unstored']
        expected = handle.select(*[handle[name] for name in stored])
        for sql in (t.duckdb_sql(version=number), handle.duckdb_sql()):
            assert same(plain_duckdb, expected, sql)  # type: ignore[arg-type]
    sql = t.duckdb_sql()
    assert sql.startswith(f'-- t, version {number_of(t)} (commit ')
    assert '-- Without unstored: not stored' in sql
    assert same(plain_duckdb, t.select(t.k, t.title, t.file_row_number), sql)  # type: ignore[arg-type]


def number_of(t: pxt.Table) -> int:
    return int(t.get_versions()[0]['version'])


def test_many_deleted_rows_are_one_bit_each(plain_duckdb) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert({'k': k} for k in range(20_000))
    t.delete(where=t.k % 3 == 0)
    assert 'get_bit' in t.duckdb_sql()
    assert len(t.duckdb_sql()) < 21_000
    assert same(plain_duckdb, t, t.duckdb_sql())


def test_segments_alike_are_read_together(plain_duckdb) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    for start in (0, 10_000, 20_000):
        t.insert({'k': k} for k in range(start, start + 10_000))
    assert t.duckdb_sql().count('SELECT') == 1
    assert same(plain_duckdb, t, t.duckdb_sql())


def test_a_table_without_rows(plain_duckdb) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'v': pxt.Array[(2, 2), pxt.Float]})
    assert same(plain_duckdb, t, t.duckdb_sql())
    t.insert([{'k': 1, 'v': np.ones((2, 2), np.float32)}])
    t.delete()
    assert same(plain_duckdb, t, t.duckdb_sql())


def test_files_in_a_bucket(plain_duckdb, s3_root: str, tmp_path) -> None:
    """Plain DuckDB needs an extension for buckets, which tests cannot load: it reads copies of the files."""
    t = pxt.create_table('t', {'k': pxt.Int}, data=s3_root)
    t.insert({'k': k} for k in range(9000))
    t.add_computed_column(d=t.k * 2)
    sql = t.duckdb_sql()
    assert sql.count(f"read_parquet('{s3_root}/tables/") == 2
    store = open_store(s3_root)
    for found in store.list('tables/'):
        copy = tmp_path / found.key
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(store.get(found.key))
    assert same(plain_duckdb, t, sql.replace(s3_root, str(tmp_path)))


@pytest.mark.parametrize(('version', 'error'), [(99, 'no version 99'), ('1', 'version is a number'), (True, 'number')])
def test_what_is_no_version(t, version, error) -> None:
    with pytest.raises(pxt.Error, match=error):
        t.duckdb_sql(version)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just('insert'), st.integers(1, 4)),
        st.tuples(st.just('update'), st.integers(0, 5)),
        st.tuples(st.just('delete'), st.integers(0, 5)),
        st.tuples(st.just('column'), st.integers(0, 5)),
        st.tuples(st.just('optimize'), st.just(0)),
    ),
    max_size=8,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OPERATIONS)
def test_whatever_was_done(plain_duckdb, operations: list[tuple[str, int]]) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None}, if_exists='replace')
    for verb, number in operations:
        match verb:
            case 'insert':
                t.insert({'k': k, 's': None if k % 2 else f"'{k}'"} for k in range(number))
            case 'update':
                t.update({'s': 'changed'}, where=t.k == number)
            case 'delete':
                t.delete(where=t.k == number)
            case 'column':
                t.add_computed_column(**{f'c{len(t.columns())}': t.k * number})
            case 'optimize':
                t.optimize()
    for version in t.get_versions():
        assert same(plain_duckdb, pxt.get_table(f't:{version["version"]}'), t.duckdb_sql(version['version']))


def test_views(plain_duckdb, small_parts) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String})
    v = pxt.create_view('v', t.where(t.k % 2 == 0), additional_columns={'y': t.k * 10, 'note': pxt.String | None})
    w = pxt.create_view('w', v.where(v.y > 10).select(v.s, z=v.y + v.k))
    joined = pxt.create_view('joined', t.join(v, on=t.k == v.k + 1).select(t.s, v.y))
    for view in (v, w, joined):
        assert same(plain_duckdb, view, view.duckdb_sql())
    t.insert([{'k': k, 's': f's{k}'} for k in range(20)])
    t.update({'s': 'new'}, where=t.k == 4)
    t.optimize()
    t.delete(t.k == 8)
    v.optimize()
    v.update({'note': 'seen'}, where=v.k < 5)
    t.insert([{'k': 20, 's': 'last'}])
    for view in (v, w, joined):
        assert same(plain_duckdb, view, view.duckdb_sql())
        assert same(plain_duckdb, view.at(1), view.duckdb_sql(version=1))
