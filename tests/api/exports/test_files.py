from __future__ import annotations

import json
import os
import uuid

import numpy as np
import pyarrow.parquet as pq
import pytest

import pixeltable as pxt


def test_csv_there_and_back(things: pxt.Table, tmp_path) -> None:
    pxt.io.export_csv(things.select(things.k, things.s, things.j), tmp_path / 'a.csv', delimiter=';')
    assert (tmp_path / 'a.csv').read_text().splitlines() == ['k;s;j', '1;"a;""b""";"{""x"": [1]}"', '2;;']
    back = pxt.io.import_csv('back', tmp_path / 'a.csv', schema_overrides={'j': pxt.Json | None}, sep=';')
    assert back.collect()['s'] == ['a;"b"', None]


def test_json_there_and_back(things: pxt.Table, tmp_path) -> None:
    pxt.io.export_json(things, tmp_path / 'new' / 'a.jsonl')
    first, second = map(json.loads, (tmp_path / 'new' / 'a.jsonl').read_text().splitlines())
    assert (first['j'], first['v'], first['w'][:10], second['im']) == ({'x': [1]}, [1.0, 2.0], '2024-01-02', None)
    back = pxt.io.import_json('back', tmp_path / 'new' / 'a.jsonl', schema_overrides={'im': pxt.String | None})
    assert back.collect()['j'] == [{'x': [1]}, None]


@pytest.mark.parametrize('inline', [False, True])
def test_parquet_there_and_back(things: pxt.Table, tmp_path, inline: bool) -> None:
    pxt.io.export_parquet(things, tmp_path / 'parts', partition_size_bytes=1, inline_images=inline)
    assert len(os.listdir(tmp_path / 'parts')) == 2
    back = pxt.io.import_parquet('back', parquet_path=tmp_path / 'parts', schema_overrides={'im': pxt.Image | None})
    assert back.get_metadata()['columns']['j']['type_'] == 'Json | None'
    rows = list(back.order_by(back.k).collect())
    assert (rows[0]['j'], rows[0]['w'].year, rows[0]['im'].size, rows[1]['s']) == ({'x': [1]}, 2024, (2, 2), None)
    assert rows[0]['v'].tolist() == [1.0, 2.0]
    assert (rows[0]['f'], rows[0]['u'], rows[0]['b'], rows[0]['d']) == (
        0.1,
        uuid.UUID(int=5),
        b'\x00\xff',
        rows[0]['w'].date(),
    )


def test_arrays_keep_their_shapes(tmp_path) -> None:
    t = pxt.create_table('t', {'fixed': pxt.Array[(2, 3), pxt.Int], 'open': pxt.Array[(None,), pxt.String]})
    t.insert([{'fixed': np.arange(6).reshape(2, 3), 'open': np.array(['a', 'b'])}])
    pxt.io.export_parquet(t, tmp_path / 'parts')
    schema = pq.read_table(tmp_path / 'parts').schema
    assert str(schema.field('fixed').type) == 'extension<arrow.fixed_shape_tensor[value_type=int64, shape=[2,3]]>'
    assert str(schema.field('open').type) == 'list<element: string>'
    overrides = {'open': pxt.Array[(None,), pxt.String]}
    back = pxt.io.import_parquet('back', parquet_path=tmp_path / 'parts', schema_overrides=overrides)
    assert back.collect() == t.collect()


def test_exports_are_read_piece_by_piece(tmp_path) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert({'k': k} for k in range(40_000))
    pxt.io.export_parquet(t, tmp_path / 'parts', partition_size_bytes=80_000)
    assert 4 <= len(os.listdir(tmp_path / 'parts')) <= 6
    assert pq.read_table(tmp_path / 'parts').column('k').to_pylist() == t.order_by(t.k).collect()['k']


def test_of_nothing_there_is_a_part_with_the_columns(things: pxt.Table, tmp_path) -> None:
    pxt.io.export_parquet(things.where(things.k > 5), tmp_path / 'parts')
    assert pq.read_table(tmp_path / 'parts').column_names == things.columns()


def test_media_that_a_query_computes_are_nowhere(things: pxt.Table, tmp_path) -> None:
    turned = things.select(x=things.im.rotate(90))
    for export in (pxt.io.export_csv, pxt.io.export_json, pxt.io.export_parquet):
        with pytest.raises(pxt.RequestError, match='stored nowhere') as caught:
            export(turned, tmp_path / 'a')
        assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    pxt.io.export_parquet(turned, tmp_path / 'a', inline_images=True)
    assert pq.read_table(tmp_path / 'a').column('x')[0].as_py()[:4] in (b'\x89PNG', b'RIFF')
    things.add_computed_column(small=things.im.resize((1, 1)), stored=False)
    with pytest.raises(pxt.RequestError, match='stored nowhere'):
        pxt.io.export_csv(things.select(things.small), tmp_path / 'b')


def test_json_with_objects_is_readable(tmp_path) -> None:
    t = pxt.create_table('t', {'j': pxt.Json})
    t.insert([{'j': {'a': np.array([1, 2]), 'b': b'x'}}])
    pxt.io.export_json(t, tmp_path / 'a.jsonl')
    assert json.loads((tmp_path / 'a.jsonl').read_text()) == {'j': {'a': [1, 2], 'b': 'eA=='}}


def test_arrays_of_any_shape_are_refused(tmp_path) -> None:
    t = pxt.create_table('t', {'a': pxt.Array})
    with pytest.raises(pxt.RequestError, match='any shape'):
        pxt.io.export_parquet(t, tmp_path / 'parts')
    assert not (tmp_path / 'parts').exists()


def test_no_folder_of_the_user_is_replaced(things: pxt.Table, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / 'mine').mkdir()
    with pytest.raises(pxt.AlreadyExistsError):
        pxt.io.export_parquet(things, '~/mine')
    assert os.listdir(tmp_path / 'mine') == []


def test_mistakes(things: pxt.Table, tmp_path) -> None:
    def check(code: str, call) -> None:
        with pytest.raises(pxt.Error) as caught:
            call()
        assert caught.value.error_code is pxt.ErrorCode[code]
        assert set(os.listdir(tmp_path)) <= {'home'}

    check('INVALID_ARGUMENT', lambda: pxt.io.export_csv(5, tmp_path / 'a.csv'))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_csv(things, tmp_path / 'a.csv', delimiter='ab'))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_json(5, tmp_path / 'new' / 'a.json'))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_json(things, '/dev/null/a.json'))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_csv(things, tmp_path))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_parquet(things, 5))
    check('PATH_ALREADY_EXISTS', lambda: pxt.io.export_parquet(things, tmp_path))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_parquet(things, tmp_path / 'a', partition_size_bytes=0))
    check('STORAGE_NOT_FOUND', lambda: pxt.io.import_csv('x', tmp_path / 'none.csv'))
    with pytest.raises(AttributeError, match='import_csv'):
        _ = pxt.io.import_cvs


def test_rows_and_frames() -> None:
    assert pxt.io.import_rows('r', [{'a': 1}], comment='rows').get_metadata()['comment'] == 'rows'
    assert pxt.io.import_pandas('p', pxt.get_table('r').to_pandas()).count() == 1
