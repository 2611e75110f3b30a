"""Tables from files and frames, and rows from them for tables that exist."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pixeltable as pxt

ROWS = [{'k': 1, 's': 'x', 'f': 0.5}, {'k': 2, 's': None, 'f': None}]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The same rows in files of each kind."""
    paths = {name: tmp_path / f'rows.{name}' for name in ('csv', 'json', 'jsonl', 'parquet', 'folder')}
    paths['csv'].write_text('k,s,f\n1,x,0.5\n2,,\n')
    paths['json'].write_text(json.dumps(ROWS))
    paths['jsonl'].write_text('\n'.join(map(json.dumps, ROWS)) + '\n')
    pq.write_table(pa.Table.from_pylist(ROWS), paths['parquet'])
    paths['folder'].mkdir()
    for number, row in enumerate(ROWS):
        pq.write_table(pa.Table.from_pylist([row], pa.schema([('k', pa.int64()), ('s', pa.string()), ('f', pa.float64())])),
                       paths['folder'] / f'{number}.parquet')  # fmt: skip
    return paths


@pytest.mark.parametrize('kind', ['csv', 'json', 'jsonl', 'parquet', 'folder'])
def test_a_table_from_a_file_and_rows_from_it(files, kind: str) -> None:
    t = pxt.create_table('t', source=str(files[kind]))
    assert {name: column['type_'] for name, column in t.get_metadata()['columns'].items()} == {
        'k': 'Int | None',
        's': 'String | None',
        'f': 'Float | None',
    }
    assert list(t.collect()) == ROWS
    assert t.insert(files[kind]).num_rows == 2
    assert t.count() == 4


def test_options_of_the_reader(files) -> None:
    files['csv'].write_text('k;s\n1;x\n')
    t = pxt.create_table('t', source=files['csv'], extra_args={'sep': ';', 'usecols': ['k']})
    assert list(t.collect()) == [{'k': 1}]
    t.insert(str(files['csv']), sep=';', usecols=['k'])
    assert t.count() == 2


def test_the_format_is_named(files, tmp_path) -> None:
    other = files['csv'].rename(tmp_path / 'rows.data')
    with pytest.raises(pxt.RequestError, match='source_format'):
        pxt.create_table('t', source=other)
    assert pxt.create_table('t', source=other, source_format='csv').count() == 2


def test_overrides_and_keys(files) -> None:
    files['csv'].write_text('The key,day\n1,2024-01-01\n')
    t = pxt.create_table('t', source=files['csv'], schema_overrides={'day': pxt.Date}, primary_key='The key')
    columns = t.get_metadata()['columns']
    assert (columns['the_key']['type_'], columns['day']['type_']) == ('Int', 'Date')
    assert str(t.collect()[0]['day']) == '2024-01-01'


@pytest.mark.parametrize(
    ('kind', 'text'),
    [('json', '{"k": 1'), ('json', '[1]'), ('json', '"x"'), ('parquet', 'no'), ('csv', ''), ('csv', 'a\n"b')],
)
def test_broken_files(files, kind: str, text: str) -> None:
    files[kind].write_text(text)
    with pytest.raises(pxt.RequestError, match=f'rows.{kind}') as caught:
        pxt.create_table('t', source=files[kind])
    assert caught.value.error_code is pxt.ErrorCode.INVALID_DATA_FORMAT
    assert pxt.list_tables() == []


def test_a_missing_file_is_also_a_file_not_found_error(t) -> None:
    with pytest.raises(FileNotFoundError, match='there is no'):
        t.insert('none.csv')


def test_a_failed_load_leaves_no_table(files) -> None:
    with pytest.raises(pxt.RequestError):
        pxt.create_table('t', source=files['json'], primary_key='s')
    assert pxt.list_tables() == []


def test_files_behind_a_url(files, http_folder) -> None:
    for kind in ('csv', 'parquet'):
        assert pxt.create_table(kind, source=f'{http_folder}/rows.{kind}').count() == 2
    with pytest.raises(pxt.NotFoundError):
        pxt.create_table('u', source=f'{http_folder}/none.csv')


def test_frames_with_objects() -> None:
    frame = pd.DataFrame(
        {
            'd': [{'a': 1}, {'b': 2}, None],
            'v': [np.array([1.0, 2.0]), None, np.array([3.0, 4.0])],
            'mixed': ['x', 5, None],
            'when': pd.to_datetime(['2024-01-01', None, '2024-01-03']),
            'kind': pd.Categorical(['a', 'b', None]),
            7: [1, 2, 3],
        }
    )
    t = pxt.create_table('t', source=frame)
    rows = list(t.collect())
    assert [row['d'] for row in rows] == [{'a': 1}, {'b': 2}, None]
    assert [row['mixed'] for row in rows] == ['x', '5', None]
    assert rows[2]['v'].tolist() == [3.0, 4.0]
    assert (rows[0]['when'].day, rows[1]['when'], rows[1]['kind'], rows[2]['c_7']) == (1, None, 'b', 3)


def test_a_query_whose_names_are_taken(t) -> None:
    copy = pxt.create_table('copy', source=t.select(t.k, count=t.k + 1))
    assert copy.columns() == ['k', 'count_1']


def test_texts_that_look_like_numbers(tmp_path) -> None:
    file = tmp_path / 'rows.csv'
    file.write_text('Zip Code,n\n00123,1\n00456,\n')
    for name in ('Zip Code', 'zip_code'):
        t = pxt.create_table(
            't', source=file, schema_overrides={name: pxt.String, 'n': pxt.Int | None}, if_exists='replace'
        )
        assert list(t.collect()) == [{'zip_code': '00123', 'n': 1}, {'zip_code': '00456', 'n': None}]
    file.write_text('zip_code,n\n007,2\n')
    t.insert(file)
    assert t.tail(1)[0] == {'zip_code': '007', 'n': 2}


def test_whole_numbers_with_gaps_in_a_frame() -> None:
    frame = pd.DataFrame({'k': [1.0, None], 'f': [-0.0, None], 'j': [{'x': 1}, None]})
    t = pxt.create_table('t', source=frame, schema_overrides={'k': pxt.Int | None})
    assert [str(row['f']) for row in t.collect()] == ['-0.0', 'None']
    assert t.collect()['k'] == [1, None]
    with pytest.raises(pxt.RequestError, match=r'1\.5'):
        t.insert(pd.DataFrame({'k': [1.5, None]}))


def test_names_that_come_twice() -> None:
    frame, table = pd.DataFrame([[1, 2, 3]], columns=['a', 'a', 'a_1']), pa.table([[1], [2]], names=['a', 'a'])
    assert list(pxt.create_table('t', source=frame).collect()) == [{'a': 1, 'a_1': 2, 'a_1_1': 3}]
    u = pxt.create_table('u', source=table)
    assert list(u.collect()) == [{'a': 1, 'a_1': 2}]
    for rows in (frame, table, [{'a': 1, 'A': 2}], table.rename_columns(['a', 'A'])):
        with pytest.raises(pxt.RequestError, match="'a'") as caught:
            u.insert(rows)
        assert caught.value.error_code is pxt.ErrorCode.INVALID_SCHEMA


def test_more_of_the_same_data_goes_into_the_columns_made_of_it(home, tmp_path) -> None:
    frame = pd.DataFrame({'Order ID': [1, 2], 'count': [3, 4], 'class': ['a', 'b'], '2x': [{'a': 1}, None]})
    frame.to_json(tmp_path / 'orders.json', orient='records')
    frame.drop(columns='2x').to_csv(tmp_path / 'orders.csv', index=False)
    for source in (frame, frame.drop(columns='2x'), tmp_path / 'orders.json', tmp_path / 'orders.csv'):
        t = pxt.create_table('orders', source=source, if_exists='replace')
        t.insert(source)
        assert t.columns()[:3] == ['order_id', 'count_1', 'class_1']
        assert t.collect()['count_1'] == [3, 4, 3, 4]
    for rows in ([{'Order ID': 1}], pd.DataFrame({'Order ID': [1], 'order_id': [2]})):
        with pytest.raises(pxt.NotFoundError):
            t.insert(rows)


def test_columns_of_frames_become_what_is_declared(home) -> None:
    frame = pd.DataFrame({'zip code': [2139, 94110], 'n': ['1', ' 2 '], 'f': ['1.5', None], 'w': [1.0, 2.0]})
    types = {'zip_code': pxt.String | None, 'n': pxt.Int | None, 'f': pxt.Float | None, 'w': pxt.Int | None}
    t = pxt.create_table('t', source=frame, schema_overrides=types)
    expected = [{'zip_code': '2139', 'n': 1, 'f': 1.5, 'w': 1}, {'zip_code': '94110', 'n': 2, 'f': None, 'w': 2}]
    assert t.collect() == expected
    t.insert(frame)
    assert t.collect() == expected * 2
    assert t.insert(pd.DataFrame({'zip_code': [True, 1.5, None]})).num_rows == 3
    assert t.tail(3)['zip_code'] == ['True', '1.5', None]


@pytest.mark.parametrize('values', [{'n': ['one']}, {'n': [1.5]}, {'f': ['much']}, {'zip': [[1]]}])
def test_values_of_frames_that_cannot_become_what_is_declared(home, values) -> None:
    t = pxt.create_table('t', {'zip': pxt.String | None, 'n': pxt.Int | None, 'f': pxt.Float | None})
    with pytest.raises(pxt.Error) as caught:
        t.insert(pd.DataFrame(values))
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert t.count() == 0
