"""What programs may rely on: for each call its outcome, an error class with a code. What is ours alone is in the other files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pixeltable as pxt
import pixeltable.functions as pxtf

from .conftest import vector

CODES = {
    'RE': pxt.RequestError,
    'NF': pxt.NotFoundError,
    'AE': pxt.AlreadyExistsError,
}


@pytest.fixture
def t(home: Any) -> pxt.Table:
    pxt.create_dir('d')
    pxt.create_dir('full')
    pxt.create_table('full/u', {'x': pxt.Int})
    t = pxt.create_table(
        't', {'k': pxt.Int, 's': pxt.String | None, 'j': pxt.Json | None, 'v': pxt.Array[(2,), pxt.Float] | None,
              'im': pxt.Image | None}, primary_key='k', on_error='abort',
    )  # fmt: skip
    t.add_computed_column(c=t.k + 1)
    t.insert([{'k': 1, 's': 'a'}, {'k': 2, 's': 'b'}])
    pxt.create_view('base_view', t.where(t.k > 1), additional_columns={'own': pxt.Int | None})
    pxt.create_snapshot('snap', t)
    return t


@pxt.udf
def positive(k: int) -> bool:
    return k > 0


@pxt.udf
def fails(k: int) -> int:
    raise ValueError('a reason')


def create(schema: Any = None, path: str = 'new', **options: Any) -> Callable[[Any], Any]:
    return lambda t: pxt.create_table(path, schema, **options)


INT = {'x': pxt.Int}
OUTCOMES: list[tuple[str, Callable[[Any], Any], str]] = [
    ('neither schema nor source', create(), 'RE MISSING_REQUIRED'),
    ('both', create(INT, source=[{'x': 1}]), 'RE MISSING_REQUIRED'),
    ('empty schema', create({}), 'RE INVALID_ARGUMENT'),
    ('no dict', create([1]), 'RE INVALID_ARGUMENT'),
    ('bad if_exists', create(INT, if_exists='x'), 'RE INVALID_ARGUMENT'),
    ('bad media_validation', create(INT, media_validation='x'), 'RE INVALID_ARGUMENT'),
    ('bad metadata', create(INT, custom_metadata={1}), 'RE INVALID_ARGUMENT'),
    ('bad comment', create(INT, comment=5), 'RE INVALID_ARGUMENT'),
    ('replace a full directory', lambda t: pxt.create_dir('full', if_exists='replace'), 'AE PATH_ALREADY_EXISTS'),
    ('bad key', create(INT, primary_key=1), 'RE INVALID_ARGUMENT'),
    ('builtin type', create({'x': int}), 'RE INVALID_TYPE'),
    ('nonsense type', create({'x': 5}), 'RE TYPE_MISMATCH'),
    ('key missing', create(INT, primary_key='y'), 'NF COLUMN_NOT_FOUND'),
    ('key nullable', create({'x': pxt.Int | None}, primary_key='x'), 'RE UNSUPPORTED_OPERATION'),
    ('unknown key of a column', create({'x': {'type': pxt.Int, 'y': 1}}), 'RE INVALID_ARGUMENT'),
    ('type and value', create({'x': {'type': pxt.Int, 'value': 1}}), 'RE INVALID_ARGUMENT'),
    ('neither type nor value', create({'x': {'comment': ''}}), 'RE MISSING_REQUIRED'),
    ('reserved name', create({'count': pxt.Int}), 'RE INVALID_COLUMN_NAME'),
    ('keyword', create({'for': pxt.Int}), 'RE INVALID_COLUMN_NAME'),
    ('underscore', create({'_x': pxt.Int}), 'RE INVALID_COLUMN_NAME'),
    ('hyphen', create({'a-b': pxt.Int}), 'RE INVALID_COLUMN_NAME'),
    ('names by case', create({'x': pxt.Int, 'X': pxt.Int}), 'RE INVALID_SCHEMA'),
    ('path of a table', create(INT, 't'), 'AE PATH_ALREADY_EXISTS'),
    ('path of a directory', create(INT, 'd'), 'AE PATH_ALREADY_EXISTS'),
    ('replace a directory', create(INT, 'd', if_exists='replace'), 'AE PATH_ALREADY_EXISTS'),
    ('replace with dependents', create(INT, 't', if_exists='replace'), 'RE CONSTRAINT_VIOLATION'),
    ('drop with dependents', lambda t: pxt.drop_table('t'), 'RE CONSTRAINT_VIOLATION'),
    ('parent missing', create(INT, 'none/x'), 'NF DIRECTORY_NOT_FOUND'),
    ('parent is a table', create(INT, 't/x'), 'NF DIRECTORY_NOT_FOUND'),
    ('bad path', create(INT, '1x'), 'RE INVALID_PATH'),
    ('drop the root', lambda t: pxt.drop_dir(''), 'RE INVALID_PATH'),
    ('get nothing', lambda t: pxt.get_table('none'), 'NF PATH_NOT_FOUND'),
    ('drop nothing', lambda t: pxt.drop_table('none'), 'NF PATH_NOT_FOUND'),
    ('move nothing', lambda t: pxt.move('none', 'x'), 'NF PATH_NOT_FOUND'),
    ('list nothing', lambda t: pxt.list_tables('none'), 'NF PATH_NOT_FOUND'),
    ('drop no directory', lambda t: pxt.drop_dir('none'), 'NF PATH_NOT_FOUND'),
    ('version out of range', lambda t: pxt.get_table('t:99'), 'NF PATH_NOT_FOUND'),
    ('get a directory', lambda t: pxt.get_table('d'), 'RE INVALID_ARGUMENT'),
    ('drop a table as a directory', lambda t: pxt.drop_dir('t'), 'RE INVALID_ARGUMENT'),
    ('list a table', lambda t: pxt.list_dirs('t'), 'RE INVALID_ARGUMENT'),
    ('drop a full directory', lambda t: pxt.drop_dir('full'), 'RE UNSUPPORTED_OPERATION'),
    ('move to itself', lambda t: pxt.move('t', 't'), 'RE UNSUPPORTED_OPERATION'),
    ('move into itself', lambda t: pxt.move('d', 'd/e'), 'RE UNSUPPORTED_OPERATION'),
    ('source missing', create(source='none.csv'), 'NF STORAGE_NOT_FOUND'),
    ('source empty', create(source=[]), 'RE UNSUPPORTED_OPERATION'),
    ('source of no dicts', create(source=[1]), 'RE UNSUPPORTED_OPERATION'),
    ('view over order', lambda t: pxt.create_view('x', t.order_by(t.k)), 'RE UNSUPPORTED_OPERATION'),
    ('view over n rows', lambda t: pxt.create_view('x', t.sample(n=1)), 'RE UNSUPPORTED_OPERATION'),
    ('view that shadows', lambda t: pxt.create_view('x', t, additional_columns={'s': pxt.Int | None}),
     'AE COLUMN_ALREADY_EXISTS'),
    ('view with a column that is not nullable', lambda t: pxt.create_view('x', t, additional_columns={'n': pxt.Int}),
     'RE INVALID_ARGUMENT'),
    ('view of nonsense', lambda t: pxt.create_view('x', 5), 'RE TYPE_MISMATCH'),
    ('view with a wrong iterator', lambda t: pxt.create_view('x', t, iterator=5), 'RE INVALID_EXPRESSION'),
    ('insert unknown', lambda t: t.insert(k=3, none=1), 'NF COLUMN_NOT_FOUND'),
    ('insert too little', lambda t: t.insert(s='a'), 'RE MISSING_REQUIRED'),
    ('insert computed', lambda t: t.insert(k=3, c=1), 'RE UNSUPPORTED_OPERATION'),
    ('insert wrong type', lambda t: t.insert(k='x'), 'RE UNSUPPORTED_OPERATION'),
    ('insert None', lambda t: t.insert(k=None), 'RE UNSUPPORTED_OPERATION'),
    ('insert bool', lambda t: t.insert(k=True), 'RE UNSUPPORTED_OPERATION'),
    ('insert float', lambda t: t.insert(k=1.0), 'RE UNSUPPORTED_OPERATION'),
    ('insert wrong shape', lambda t: t.insert(k=3, v=np.zeros(3, np.float32)), 'RE UNSUPPORTED_OPERATION'),
    ('insert missing file', lambda t: t.insert(k=3, im='none.png', on_error='ignore'), 'RE UNSUPPORTED_OPERATION'),
    ('insert nothing', lambda t: t.insert([]), 'RE UNSUPPORTED_OPERATION'),
    ('insert into a view', lambda t: pxt.get_table('base_view').insert(k=3), 'RE UNSUPPORTED_OPERATION'),
    ('insert into a snapshot', lambda t: pxt.get_table('snap').insert(k=3), 'RE UNSUPPORTED_OPERATION'),
    ('key exists', lambda t: t.insert(k=1), 'RE CONSTRAINT_VIOLATION'),
    ('key twice', lambda t: t.insert([{'k': 3}, {'k': 3}]), 'RE CONSTRAINT_VIOLATION'),
    ('no picture', lambda t: t.insert(k=3, im=b'no'), 'RE INVALID_DATA_FORMAT'),
    ('bad on_error', lambda t: t.insert(k=3, on_error='x'), 'RE INVALID_ARGUMENT'),
    ('int beyond 64 bits', lambda t: t.insert(k=2**64), 'RE UNSUPPORTED_OPERATION'),
    ('NaN in Json', lambda t: t.insert(k=3, j={'a': float('nan')}), 'RE UNSUPPORTED_OPERATION'),
    ('lone surrogate', lambda t: t.insert(k=3, s='\ud800'), 'RE UNSUPPORTED_OPERATION'),
    ('update computed', lambda t: t.update({'c': 1}), 'RE UNSUPPORTED_OPERATION'),
    ('update key', lambda t: t.update({'k': 1}), 'RE UNSUPPORTED_OPERATION'),
    ('update base column', lambda t: pxt.get_table('base_view').update({'s': 'x'}), 'RE UNSUPPORTED_OPERATION'),
    ('update unknown', lambda t: t.update({'none': 1}), 'NF COLUMN_NOT_FOUND'),
    ('update wrong type', lambda t: t.update({'s': 1}), 'RE TYPE_MISMATCH'),
    ('update where nonsense', lambda t: t.update({'s': 'x'}, where=5), 'RE INVALID_EXPRESSION'),
    ('delete where nonsense', lambda t: t.delete(where=5), 'RE INVALID_EXPRESSION'),
    ('batch_update without key', lambda t: t.batch_update([{'s': 'x'}]), 'RE UNSUPPORTED_OPERATION'),
    ('batch_update nothing', lambda t: t.batch_update([{'k': 99, 's': 'x'}]), 'NF ROW_NOT_FOUND'),
    ('recompute nothing', lambda t: t.recompute_columns(), 'RE MISSING_REQUIRED'),
    ('recompute unknown', lambda t: t.recompute_columns('none'), 'NF COLUMN_NOT_FOUND'),
    ('recompute plain', lambda t: t.recompute_columns('s'), 'RE UNSUPPORTED_OPERATION'),
    ('drop needed', lambda t: t.drop_column('k'), 'RE UNSUPPORTED_OPERATION'),
    ('drop base column', lambda t: pxt.get_table('base_view').drop_column('s'), 'RE UNSUPPORTED_OPERATION'),
    ('drop unknown', lambda t: t.drop_column('none'), 'NF COLUMN_NOT_FOUND'),
    ('rename to a name that exists', lambda t: t.rename_column('s', 'k'), 'AE COLUMN_ALREADY_EXISTS'),
    ('rename unknown', lambda t: t.rename_column('none', 'x'), 'NF COLUMN_NOT_FOUND'),
    ('rename to a reserved name', lambda t: t.rename_column('s', 'count'), 'RE INVALID_COLUMN_NAME'),
    ('add not nullable', lambda t: t.add_column(x=pxt.Int), 'RE UNSUPPORTED_OPERATION'),
    ('add two', lambda t: t.add_column(x=pxt.Int | None, y=pxt.Int | None), 'RE UNSUPPORTED_OPERATION'),
    ('add again', lambda t: t.add_column(s=pxt.Int | None), 'AE COLUMN_ALREADY_EXISTS'),
    ('add failing', lambda t: t.add_computed_column(x=fails(t.k), on_error='abort'), 'RE UNSUPPORTED_OPERATION'),
    ('add aggregate', lambda t: t.add_computed_column(x=pxtf.sum(t.k)), 'RE INVALID_EXPRESSION'),
    ('errortype of a plain column', lambda t: t.select(t.s.errortype).collect(), 'RE UNSUPPORTED_OPERATION'),
    ('fileurl of no media', lambda t: t.select(t.s.fileurl).collect(), 'RE UNSUPPORTED_OPERATION'),
    ('revert what a snapshot needs', lambda t: t.revert(), 'RE UNSUPPORTED_OPERATION'),
    ('write to a snapshot', lambda t: pxt.get_table('snap').delete(), 'RE UNSUPPORTED_OPERATION'),
    ('write to a version', lambda t: pxt.get_table('t:1').delete(), 'RE UNSUPPORTED_OPERATION'),
    ('select twice', lambda t: t.select(t.k).select(t.s), 'RE INVALID_STATE'),
    ('where of no condition', lambda t: t.where(t.k), 'RE UNSUPPORTED_OPERATION'),
    ('where of a value', lambda t: t.where(True), 'RE INVALID_EXPRESSION'),
    ('text and number', lambda t: t.s + t.k, 'RE TYPE_MISMATCH'),
    ('delete after select', lambda t: t.select(t.k).delete(), 'RE UNSUPPORTED_OPERATION'),
    ('negative limit', lambda t: t.limit(-1), 'RE INVALID_ARGUMENT'),
    ('a name that is none', lambda t: t.select(**{'a b': t.k}).collect(), 'RE INVALID_ARGUMENT'),
    ('B-tree on Json', lambda t: t.add_btree_index('j'), 'RE TYPE_MISMATCH'),
    ('B-tree twice', lambda t: (t.add_btree_index('k'), t.add_btree_index('k')), 'AE INDEX_ALREADY_EXISTS'),
    ('drop_index of nothing', lambda t: t.drop_index(), 'RE MISSING_REQUIRED'),
    ('drop_index of unknown', lambda t: t.drop_index(idx_name='none'), 'NF INDEX_NOT_FOUND'),
    ('similarity without index', lambda t: t.s.similarity(string='a'), 'NF INDEX_NOT_FOUND'),
    ('index without function', lambda t: t.add_embedding_index('s'), 'RE MISSING_REQUIRED'),
    ('index by no function', lambda t: t.add_embedding_index('s', embedding=5), 'RE INVALID_ARGUMENT'),
    ('index by a function of no vector', lambda t: t.add_embedding_index('s', embedding=pxtf.string.upper),
     'RE INVALID_CONFIGURATION'),
    ('alter_column to another type', lambda t: t.alter_column('s', type_=pxt.Int), 'RE UNSUPPORTED_OPERATION'),
    ('alter_computed_column to another type', lambda t: t.alter_computed_column(c=t.s), 'RE UNSUPPORTED_OPERATION'),
    ('result column', lambda t: t.collect()['none'], 'RE INVALID_COLUMN_NAME'),
    ('sample without size', lambda t: t.sample(), 'RE MISSING_REQUIRED'),
    ('sample with two sizes', lambda t: t.sample(n=1, fraction=0.5), 'RE MISSING_REQUIRED'),
    ('sample of too much', lambda t: t.sample(fraction=2.0), 'RE INVALID_ARGUMENT'),
    ('where after sample', lambda t: t.sample(n=1).where(t.k > 1), 'RE UNSUPPORTED_OPERATION'),
    ('group_by twice', lambda t: t.group_by(t.k).group_by(t.s), 'RE INVALID_STATE'),
]  # fmt: skip


@pytest.mark.parametrize(('call', 'outcome'), [case[1:] for case in OUTCOMES], ids=[case[0] for case in OUTCOMES])
def test_outcome(t: pxt.Table, call: Callable[[Any], Any], outcome: str) -> None:
    kind, code = outcome.split()
    with pytest.raises(CODES[kind]) as caught:
        call(t)
    assert caught.value.error_code is pxt.ErrorCode[code]
    assert t.count() == 2


@pytest.mark.parametrize(
    'call',
    [
        iter,
        len,
        lambda t: 1 in t.k,
        lambda t: bool(t.k > 1),
        lambda t: (t.k > 1) and (t.k < 2),
        lambda t: len(t.k),
    ],
)
def test_what_python_itself_refuses(t: pxt.Table, call: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        call(t)


def test_a_row_that_does_not_exist(t: pxt.Table) -> None:
    with pytest.raises(IndexError):
        t.collect()[5]


def test_what_goes_well(t: pxt.Table) -> None:
    for name in ('pos', 'name', 'id', 'path', 'type', 'text'):
        pxt.create_table(f'd/{name}', {name: pxt.Int | None})
    assert t.where(positive(t.k)).count() == 2
    assert t.order_by(t.k).limit(5).limit(1).collect()['k'] == [1]
    assert t.order_by(t.s).order_by(t.k, asc=False).head(1)['k'] == [1]
    assert pxt.get_table('t') == t
    assert t.update({'s': 'z'}, where=positive(t.k)).num_rows == 2
    t.add_embedding_index('s', embedding=vector)
    t.insert([{'k': np.int64(3), 'v': np.array([1, 2])}, {'k': 4, 'v': (1, 2), 'j': (1, 2)}])
    assert t.where(t.k == 4).collect()[0]['j'] == [1, 2]


def test_nulls(t: pxt.Table) -> None:
    t.insert(k=3)
    assert t.where(t.s != 'a').collect()['k'] == [2]
    assert t.where(~(t.s == 'a')).collect()['k'] == [2]
    assert t.order_by(t.s).collect()['s'] == ['a', 'b', None]
    assert t.order_by(t.s, asc=False).collect()['s'] == [None, 'b', 'a']
    assert t.select(n=pxtf.count(t.s)).collect()['n'] == [2]
    assert t.where(t.k > 9).select(n=pxtf.sum(t.k)).collect()['n'] == [None]
