from __future__ import annotations

import datetime
import json
import os

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def things() -> pxt.Table:
    types = {'k': pxt.Int, 's': pxt.String | None, 'j': pxt.Json | None, 'v': pxt.Array[(2,), pxt.Float] | None,
             'w': pxt.Timestamp | None, 'im': pxt.Image | None}  # fmt: skip
    t = pxt.create_table('things', types)
    when = datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)
    image = PIL.Image.new('RGB', (2, 2))
    t.insert(
        [{'k': 1, 's': 'a;"b"', 'j': {'x': [1]}, 'v': np.array([1, 2], np.float32), 'w': when, 'im': image}, {'k': 2}]
    )
    return t


def test_csv_there_and_back(things: pxt.Table, tmp_path) -> None:
    pxt.io.export_csv(things.select(things.k, things.s, things.j), tmp_path / 'a.csv', delimiter=';')
    assert (tmp_path / 'a.csv').read_text().splitlines() == ['k;s;j', '1;"a;""b""";"{""x"": [1]}"', '2;;']
    back = pxt.io.import_csv('back', tmp_path / 'a.csv', schema_overrides={'j': pxt.Json | None}, sep=';')
    assert back.collect()['s'] == ['a;"b"', None]


def test_json_there_and_back(things: pxt.Table, tmp_path) -> None:
    pxt.io.export_json(things, tmp_path / 'a.jsonl')
    first, second = map(json.loads, (tmp_path / 'a.jsonl').read_text().splitlines())
    assert (first['j'], first['v'], first['w'][:10], second['im']) == ({'x': [1]}, [1.0, 2.0], '2024-01-02', None)
    back = pxt.io.import_json('back', tmp_path / 'a.jsonl', schema_overrides={'im': pxt.String | None})
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


def test_mistakes(things: pxt.Table, tmp_path) -> None:
    def check(code: str, call) -> None:
        with pytest.raises(pxt.Error) as caught:
            call()
        assert caught.value.error_code is pxt.ErrorCode[code]
        assert set(os.listdir(tmp_path)) <= {'home'}

    check('INVALID_ARGUMENT', lambda: pxt.io.export_csv(5, tmp_path / 'a.csv'))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_csv(things, tmp_path / 'a.csv', delimiter='ab'))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_json(things, tmp_path / 'none' / 'a.json'))
    check('PATH_ALREADY_EXISTS', lambda: pxt.io.export_parquet(things, tmp_path))
    check('INVALID_ARGUMENT', lambda: pxt.io.export_parquet(things, tmp_path / 'a', partition_size_bytes=0))
    check('STORAGE_NOT_FOUND', lambda: pxt.io.import_csv('x', tmp_path / 'none.csv'))
    with pytest.raises(AttributeError, match='import_csv'):
        _ = pxt.io.import_cvs


def test_rows_and_frames() -> None:
    assert pxt.io.import_rows('r', [{'a': 1}], comment='rows').get_metadata()['comment'] == 'rows'
    assert pxt.io.import_pandas('p', pxt.get_table('r').to_pandas()).count() == 1
