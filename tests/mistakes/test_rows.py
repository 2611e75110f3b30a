from __future__ import annotations

import datetime
import math

import pytest

import pixeltable as pxt

from .conftest import mistakes

GOOD = {'text': 'c', 'n': 3}


def bad(**values):
    """Inserts a good row and one with `values`."""
    return lambda t: t.insert([GOOD, GOOD | values])


@mistakes(
    (lambda t: t.insert(), 'MISSING_REQUIRED', 'list of dicts'),
    (lambda t: t.insert(5), 'UNSUPPORTED_OPERATION', '5|list of dicts'),
    (lambda t: t.insert('text'), 'UNSUPPORTED_OPERATION', "'text'"),
    (lambda t: t.insert([]), 'UNSUPPORTED_OPERATION', 'empty'),
    (lambda t: t.insert([GOOD, 5]), 'UNSUPPORTED_OPERATION', '5|dict'),
    (lambda t: t.insert([GOOD], n=4), 'INVALID_ARGUMENT', 'not both'),
    (lambda t: t.insert([GOOD], on_error='maybe'), 'INVALID_ARGUMENT', "'maybe'"),
    (lambda t: t.insert(n=3), 'MISSING_REQUIRED', "'text'|String | None"),
    (lambda t: t.insert([{}]), 'MISSING_REQUIRED', "'text'"),
    (bad(txt='c'), 'COLUMN_NOT_FOUND', "row 1|'txt'|Did you mean 'text'?"),
    (bad(double=4), 'UNSUPPORTED_OPERATION', "row 1|'double'|computed"),
    (bad(text_embedding=[1, 2]), 'UNSUPPORTED_OPERATION', 'computed'),
    (bad(n='three'), 'UNSUPPORTED_OPERATION', "'n'|row 1|'three'|Int"),
    (bad(n=1.5), 'UNSUPPORTED_OPERATION', "'n'|1.5"),
    (bad(n=True), 'UNSUPPORTED_OPERATION', "'n'|True"),
    (bad(n=2**63), 'UNSUPPORTED_OPERATION', "'n'|9223372036854775808"),
    (bad(n=None), 'UNSUPPORTED_OPERATION', "'n'|row 1"),
    (bad(text=5), 'UNSUPPORTED_OPERATION', "'text'|5"),
    (bad(text='\ud800'), 'UNSUPPORTED_OPERATION', "'text'|row 1"),
    (bad(f='x'), 'UNSUPPORTED_OPERATION', "'f'|'x'"),
    (bad(j={'a': object()}), 'UNSUPPORTED_OPERATION', "'j'|row 1|object"),
    (bad(j={1: 2}), 'UNSUPPORTED_OPERATION', "'j'"),
    (bad(j=math.nan), 'UNSUPPORTED_OPERATION', "'j'|nan"),
    (lambda t: t.insert([GOOD | {'text': f'{t.text}'}]), 'INVALID_EXPRESSION', 'f-string|add_computed_column'),
    (lambda t: t.insert([GOOD | {'j': {'a': f'{t.n}'}}]), 'INVALID_EXPRESSION', '{n}'),
    (lambda t: t.insert([GOOD | {'text': t.text}]), 'UNSUPPORTED_OPERATION', "'text'"),
    (lambda t: t.insert(pxt.get_table('other')), 'COLUMN_NOT_FOUND', "'title'"),
    (lambda t: pxt.get_table('keyed').insert(key=1), 'CONSTRAINT_VIOLATION', 'key = 1'),
    (lambda t: pxt.get_table('keyed').insert([{'key': 5}, {'key': 5}]), 'CONSTRAINT_VIOLATION', 'key = 5'),
)
def test_insert(check, mistake) -> None:
    check(mistake)


def failing_rows():
    yield GOOD
    raise RuntimeError('the source failed')


def test_a_source_that_fails_inserts_nothing(world) -> None:
    with pytest.raises(RuntimeError, match='the source failed'):
        world.insert(failing_rows())
    assert world.count() == 2


@mistakes(
    (lambda t: t.update({'txt': 'x'}), 'COLUMN_NOT_FOUND', "Did you mean 'text'?"),
    (lambda t: t.update({'double': 4}), 'UNSUPPORTED_OPERATION', "'double'|computed"),
    (lambda t: pxt.get_table('keyed').update({'key': 2}), 'UNSUPPORTED_OPERATION', 'primary key'),
    (lambda t: t.update({'n': 'x'}), 'TYPE_MISMATCH', "'n'|'x'"),
    (lambda t: t.update({'n': None}), 'TYPE_MISMATCH', "'n'"),
    (lambda t: t.update({'n': t.text.split()}), 'UNSUPPORTED_OPERATION', "row 0|['a']|Int"),
    (lambda t: t.update({'n': t.text}), 'TYPE_MISMATCH', "'n'|text|astype"),
    (lambda t: t.update({'j': {'a': object()}}), 'TYPE_MISMATCH', "'j'"),
    (lambda t: t.update({}), 'INVALID_ARGUMENT', 'at least one'),
    (lambda t: t.update(5), 'INVALID_ARGUMENT', '5'),
    (lambda t: t.update([('n', 1)]), 'INVALID_ARGUMENT', 'dict'),
    (lambda t: t.update({'n': 1}, where=True), 'INVALID_EXPRESSION', 'True'),
    (lambda t: t.update({'n': 1}, where='n = 1'), 'INVALID_EXPRESSION', "'n = 1'"),
    (lambda t: t.update({'n': 1}, where=t.n), 'UNSUPPORTED_OPERATION', 'Bool'),
    (lambda t: t.update({'n': t.text.astype(pxt.Int)}), 'UNSUPPORTED_OPERATION', "text.astype(Int|'a'"),
    (lambda t: t.update({'n': pxt.functions.sum(t.n)}), 'INVALID_EXPRESSION', 'aggregate'),
    (lambda t: t.update({'n': t.f}), 'TYPE_MISMATCH', "'n'"),
    (lambda t: t.update({'text': pxt.get_table('other').title}), 'UNSUPPORTED_OPERATION', "'other'"),
    (lambda t: t.batch_update(5), 'UNSUPPORTED_OPERATION', 'batch_update()|5'),
    (lambda t: t.batch_update('n'), 'UNSUPPORTED_OPERATION', "'n'"),
    (lambda t: t.batch_update([{'n': 1}]), 'INVALID_ARGUMENT', 'no primary key|_rowid'),
    (lambda t: t.batch_update([{'_rowid': 1, 'm': 1}]), 'COLUMN_NOT_FOUND', "row 0|'m'"),
    (lambda t: t.batch_update([{'_rowid': 1, 'double': 1}]), 'UNSUPPORTED_OPERATION', "'double'|computed"),
    (lambda t: t.batch_update([{'_rowid': 1}, {'id': 2, 'n': 'x'}]), 'UNSUPPORTED_OPERATION', "'n', row 1|'x'"),
    (lambda t: t.batch_update([{'_rowid': 1}, {'_rowid': 'x'}]), 'UNSUPPORTED_OPERATION', "'_rowid', row 1|'x'"),
    (lambda t: t.batch_update([{'_rowid': 1, 'n': None}]), 'UNSUPPORTED_OPERATION', "'n', row 0"),
    (lambda t: t.batch_update([{'_rowid': 1, 'n': t.n + 1}]), 'UNSUPPORTED_OPERATION', "'n'|update()"),
    (lambda t: t.batch_update([{'_rowid': 1, 'text': f'{t.text}'}]), 'INVALID_EXPRESSION', "'text'|update()"),
    (lambda t: t.batch_update([{'_rowid': 1, 'id': 1}]), 'INVALID_SCHEMA', 'twice'),
    (lambda t: t.batch_update([{'_rowid': 2}, {'id': 2}]), 'CONSTRAINT_VIOLATION', 'rows 0 and 1|id 2'),
    (lambda t: t.batch_update([{'_rowid': 9}]), 'ROW_NOT_FOUND', "id 9|'ignore'"),
    (lambda t: t.batch_update([{'_rowid': 1}], if_not_exists='insert'), 'INVALID_ARGUMENT', 'named by its id'),
    (lambda t: t.batch_update([{'_rowid': 1}], if_not_exists='add'), 'INVALID_ARGUMENT', "'add'"),
    (lambda t: t.batch_update([{'_rowid': 1}], on_error='stop'), 'INVALID_ARGUMENT', "'stop'"),
    (lambda t: pxt.get_table('t:0').batch_update([{'_rowid': 1}]), 'UNSUPPORTED_OPERATION', 'past version'),
    (lambda t: t.upsert([{'n': 1}]), 'UNSUPPORTED_OPERATION', "upsert()|'t'|primary key"),
    (lambda t: pxt.get_table('keyed').upsert([{'v': 'x'}]), 'UNSUPPORTED_OPERATION', "row 0 lacks 'key'"),
    (lambda t: pxt.get_table('keyed').upsert([{'key': 1}, {'key': 1}]), 'CONSTRAINT_VIOLATION', 'key = 1|rows 0 and 1'),
    (lambda t: pxt.get_table('keyed').upsert([{'key': None}]), 'UNSUPPORTED_OPERATION', "'key', row 0"),
    (lambda t: pxt.get_table('keyed').upsert([{'_rowid': 1}]), 'INVALID_ARGUMENT', 'upsert()|named by its id'),
    (lambda t: pxt.get_table('keyed').batch_update([{'key': 5}]), 'ROW_NOT_FOUND', "key = 5|'insert'"),
    (
        lambda t: pxt.get_table('keyed').batch_update([{'_rowid': 1, 'key': 5}]),
        'UNSUPPORTED_OPERATION',
        "'key'|primary key",
    ),
    (
        lambda t: pxt.get_table('keyed').batch_update([{'key': 1}, {'_rowid': 1}]),
        'INVALID_ARGUMENT',
        'row 1|row 0|one way',
    ),
    (lambda t: pxt.get_table('required').upsert([{'key': 1}]), 'MISSING_REQUIRED', "row 0|'v'"),
    (lambda t: t.delete(5), 'INVALID_EXPRESSION', '5'),
    (lambda t: t.delete(t.n + 1), 'UNSUPPORTED_OPERATION', 'Bool'),
    (lambda t: t.delete(pxt.functions.sum(t.n) > 1), 'INVALID_EXPRESSION', 'aggregate'),
    (lambda t: t.delete(pxt.get_table('other').title == 'x'), 'UNSUPPORTED_OPERATION', "'other'"),
    (lambda t: t.select(t.n).delete(), 'UNSUPPORTED_OPERATION', 't.where(...) only'),
    (lambda t: t.limit(1).update({'n': 1}), 'UNSUPPORTED_OPERATION', 't.where(...) only'),
    (lambda t: t.recompute_columns(), 'MISSING_REQUIRED', 'at least one'),
    (lambda t: t.recompute_columns('doubel'), 'COLUMN_NOT_FOUND', "Did you mean 'double'?"),
    (lambda t: t.recompute_columns('n'), 'UNSUPPORTED_OPERATION', "'n'"),
    (lambda t: t.recompute_columns('double', 'quad', errors_only=True), 'UNSUPPORTED_OPERATION', 'exactly one'),
    (lambda t: t.recompute_columns('double', where=5), 'INVALID_EXPRESSION', '5'),
)
def test_change(check, mistake) -> None:
    check(mistake)


@mistakes(
    (lambda t: t.txt, 'COLUMN_NOT_FOUND', "'t'|'txt'|Did you mean 'text'?|Columns: text"),
    (lambda t: t.colect(), 'COLUMN_NOT_FOUND', "Did you mean 'collect'?"),
    (lambda t: t[5], 'COLUMN_NOT_FOUND', 't[5]|t.collect()[0]'),
    (lambda t: t[t.n > 1], 'COLUMN_NOT_FOUND', 't[n > 1]|t.where'),
    (lambda t: t.select(t.n > 1, f'{t.n}'[:3]), 'INVALID_EXPRESSION', 'slice'),
    (lambda t: t.text.uper(), 'INVALID_EXPRESSION', "Did you mean 'upper'?"),
    (lambda t: t.where(True), 'INVALID_EXPRESSION', 'True'),
    (lambda t: t.where(t.n), 'UNSUPPORTED_OPERATION', 'Bool'),
    (lambda t: t.where('n > 1'), 'INVALID_EXPRESSION', "'n > 1'"),
    (lambda t: t.where(pxt.functions.sum(t.n) > 1).collect(), 'INVALID_EXPRESSION', 'aggregate'),
    (lambda t: t.select(t.n).select(t.text), 'INVALID_STATE', 'one call'),
    (lambda t: t.select(_x=t.n), 'INVALID_ARGUMENT', "'_x'"),
    (lambda t: t.select(object()), 'INVALID_EXPRESSION', 'object'),
    (lambda t: t.select(pxt.get_table('other').title).collect(), 'UNSUPPORTED_OPERATION', "'other'"),
    (lambda t: t.limit('a'), 'TYPE_MISMATCH', "'a'"),
    (lambda t: t.limit(-1), 'INVALID_ARGUMENT', '-1'),
    (lambda t: t.limit(True), 'TYPE_MISMATCH', 'True'),
    (lambda t: t.limit(10**30), 'INVALID_ARGUMENT', '2**63'),
    (lambda t: t.limit(3, offset=-1), 'INVALID_ARGUMENT', 'offset'),
    (lambda t: t.head('a'), 'TYPE_MISMATCH', "'a'"),
    (lambda t: t.tail(-1), 'INVALID_ARGUMENT', '-1'),
    (lambda t: t.show(-1), 'INVALID_ARGUMENT', '-1'),
    (lambda t: t.order_by('n'), 'INVALID_EXPRESSION', "'n'|write t.n."),
    (lambda t: t.order_by(pxt.functions.sum(t.n)).collect(), 'INVALID_EXPRESSION', 'aggregate'),
    (lambda t: t.group_by(t.n).group_by(t.text), 'INVALID_STATE', 'one call'),
    (lambda t: t.group_by(t.n).select(t.text).collect(), 'INVALID_EXPRESSION', 'text|group_by()'),
    (lambda t: t.group_by('n'), 'INVALID_EXPRESSION', "'n'"),
    (lambda t: t.select(t.n, pxt.functions.sum(t.n)).collect(), 'INVALID_EXPRESSION', 'group_by()'),
    (lambda t: pxt.functions.sum(t.text), 'TYPE_MISMATCH', 'sum(text)'),
    (lambda t: pxt.functions.sum(pxt.functions.sum(t.n)), 'INVALID_EXPRESSION', 'nested'),
    (lambda t: t.text + t.n, 'TYPE_MISMATCH', 'text + n|astype('),
    (lambda t: t.n + 'x', 'TYPE_MISMATCH', "n + 'x'"),
    (lambda t: t.n == datetime.date(2024, 1, 1), 'TYPE_MISMATCH', 'n =='),
    (lambda t: t.n.isin(5), 'INVALID_ARGUMENT', '5'),
    (lambda t: t.select(t.n.errortype).collect(), 'UNSUPPORTED_OPERATION', 'errortype|computed'),
    (lambda t: t.text.fileurl, 'UNSUPPORTED_OPERATION', 'fileurl'),
    (lambda t: t.collect()['txt'], 'INVALID_COLUMN_NAME', "Did you mean 'text'?"),
    (lambda t: t.where(t.text.astype(pxt.Int) > 1).collect(), 'UNSUPPORTED_OPERATION', "'a'"),
    (lambda t: t.order_by(t.n).distinct().select(t.text).collect(), 'UNSUPPORTED_OPERATION', 'distinct'),
)
def test_query(check, mistake) -> None:
    check(mistake)


@pytest.mark.parametrize(
    ('call', 'words'),
    [
        (lambda t: (t.n > 1) and (t.n < 3), '&'),
        (lambda t: not (t.n > 1), '~'),
        (lambda t: 1 < t.n < 3, '&'),
        (lambda t: iter(t), 't.collect()'),
        (lambda t: len(t), 't.count()'),
        (lambda t: iter(t.n), '.collect()'),
        (lambda t: len(t.text), '.len()'),
        (lambda t: 'a' in t.text, '.contains('),
    ],
    ids=range(8),
)
def test_python_syntax_that_cannot_work(world, call, words) -> None:
    with pytest.raises(TypeError) as caught:
        call(world)
    assert words in str(caught.value)


def test_unknown_keywords(world) -> None:
    for call in (
        lambda: pxt.create_table('x', {'a': pxt.Int}, primry_key='a'),
        lambda: world.update({'n': 1}, wher=world.n == 1),
        lambda: world.order_by(world.n, desc=True),
        lambda: world.add_embedding_index('text', embed=1),
    ):
        with pytest.raises(TypeError, match='unexpected keyword'):
            call()
    assert 'x' not in pxt.list_tables()
