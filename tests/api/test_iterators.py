"""Views with iterators: any number of rows from each row of the base."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

import pytest

import pixeltable as pxt
from pixeltable.functions import count
from pixeltable.functions.json import list_iterator
from pixeltable.functions.string import string_splitter

CALLS: list[str] = []


class Word(TypedDict):
    word: str
    size: int


@pxt.iterator
def words(text: str, least: int = 0) -> Iterator[Word]:
    CALLS.append(text)
    for word in text.split():
        if len(word) >= least:
            yield {'word': word, 'size': len(word)}


@words.validate
def _check(given: dict[str, Any]) -> None:
    if given.get('least', 0) < 0:
        raise ValueError('least must not be below 0')


@pxt.iterator
class Letters(pxt.PxtIterator[Word]):
    closed = 0

    def __init__(self, text: str) -> None:
        self.rest = iter(text)

    def __next__(self) -> Word:
        return {'word': next(self.rest), 'size': 1}

    def close(self) -> None:
        Letters.raw.closed = True


@pxt.iterator
def halves(text: str) -> Iterator[Word]:
    yield {'word': text}  # type: ignore[typeddict-item]


@pytest.fixture
def docs() -> pxt.Table:
    table = pxt.create_table('docs', {'text': pxt.String | None, 'n': pxt.Int})
    table.insert([{'text': 'one two', 'n': 1}, {'text': None, 'n': 2}, {'text': '', 'n': 3}, {'text': 'three', 'n': 4}])
    CALLS.clear()
    return table


@pytest.fixture
def v(docs) -> pxt.Table:
    return pxt.create_view('v', docs, iterator=words(docs.text), additional_columns={'twice': docs.n * 2})


def test_rows_and_columns(docs, v) -> None:
    assert v.columns() == ['pos', 'word', 'size', 'twice', 'text', 'n']
    assert v.select(v.pos, v.word, v.size, v.n, v.twice).collect() == [
        {'pos': 0, 'word': 'one', 'size': 3, 'n': 1, 'twice': 2},
        {'pos': 1, 'word': 'two', 'size': 3, 'n': 1, 'twice': 2},
        {'pos': 0, 'word': 'three', 'size': 5, 'n': 4, 'twice': 8},
    ]
    assert CALLS == ['one two', '', 'three']
    assert v.count() == 3


def test_it_runs_again_for_what_changed_only(docs, v) -> None:
    CALLS.clear()
    docs.insert(text='four five', n=5)
    docs.update({'n': 7}, where=docs.n == 1)
    assert (v.where(v.word == 'one').collect()['twice'], CALLS) == ([14], ['four five'])
    docs.delete(docs.n == 4)
    assert (sorted(v.collect()['word']), CALLS) == (['five', 'four', 'one', 'two'], ['four five'])


def test_rows_that_come_out_the_same_stay(docs, v) -> None:
    before = {row['word']: row['i'] for row in v.select(v.word, i=v.id).collect()}
    docs.update({'text': 'one zwei drei'}, where=docs.n == 1)
    after = {row['word']: row['i'] for row in v.select(v.word, i=v.id).collect()}
    assert sorted(after) == ['drei', 'one', 'three', 'zwei']
    assert after['one'] == before['one']
    assert after['zwei'] not in before.values()


def test_other_names_for_what_it_gives(docs, v) -> None:
    v.add_computed_column(loud=v.word.upper())
    v.rename_column('word', 'token')
    v.rename_column('pos', 'place')
    docs.insert(text='four five', n=5)
    docs.update({'text': 'three!'}, where=docs.n == 4)
    found = v.where(v.n > 3).order_by(v.n, v.place).select(v.place, v.token, v.loud).collect()
    assert [tuple(row.values()) for row in found] == [(0, 'three!', 'THREE!'), (0, 'four', 'FOUR'), (1, 'five', 'FIVE')]
    assert v.columns()[:3] == ['place', 'token', 'size']
    assert not pxt.verify().problems
    with pytest.raises(pxt.Error, match="'text' of 'v' cannot change"):
        v.rename_column('text', 'words')
    with pytest.raises(pxt.Error, match='the iterator of the view fills it'):
        v.drop_column('token')


def test_a_condition_and_an_iterator(docs) -> None:
    v = pxt.create_view('v', docs.where(docs.n > 1), iterator=words(docs.text, least=2))
    docs.update({'n': 9}, where=docs.n == 1)
    docs.update({'n': 0}, where=docs.n == 4)
    assert v.collect()['word'] == ['one', 'two']


def test_a_class_and_a_view_of_a_view(docs, v) -> None:
    w = pxt.create_view('w', v.where(v.size > 3), iterator=Letters(v.word))
    assert w.columns() == ['pos', 'word', 'size', 'twice', 'text', 'n']
    assert ''.join(w.order_by(w.pos).collect()['word']) == 'three'
    docs.update({'text': 'longer'}, where=docs.n == 1)
    assert w.where(w.n == 1).order_by(w.pos).collect()['word'] == list('longer')


def test_groups_by_the_base_row(docs, v) -> None:
    found = v.group_by(docs).select(n=count(v.word)).collect()
    assert sorted(found['n']) == [1, 2]


def test_a_failing_row_has_no_rows(docs) -> None:
    @pxt.iterator
    def picky(n: int) -> Iterator[Word]:
        yield {'word': str(10 // (n - 2)), 'size': n}

    with pytest.warns(
        pxt.PixeltableWarning, match='iterators failed for 1 row of the base.*\n.*ZeroDivisionError'
    ) as warned:
        v = pxt.create_view('v', docs, iterator=picky(docs.n))
    assert 'NULL' not in str(warned[0].message)
    assert v.collect()['size'] == [1, 3, 4]
    with pytest.raises(pxt.Error, match='ZeroDivisionError'):
        docs.insert([{'text': 'x', 'n': 2}], on_error='abort')
    assert docs.count() == 4


def test_lists_by_key() -> None:
    t = pxt.create_table('t', {'items': pxt.Json[[{'x': pxt.Int, 'y': pxt.String}]] | None})
    v = pxt.create_view('v', t, iterator=list_iterator(t.items))
    t.insert([{'items': [{'x': 1, 'y': 'a'}, {'x': 2, 'y': 'b'}]}, {'items': None}, {'items': []}])
    assert v.select(v.pos, v.x, v.y).collect() == [{'pos': 0, 'x': 1, 'y': 'a'}, {'pos': 1, 'x': 2, 'y': 'b'}]


@pytest.mark.parametrize(('mode', 'rows'), [('truncated', [(1, 4)]), ('padded', [(1, 4), (2, None)])])
def test_lists_side_by_side(mode, rows) -> None:
    t = pxt.create_table('t', {'a': pxt.Json[(pxt.Int, ...)], 'b': pxt.Json[(pxt.Int, ...)]})
    t.insert(a=[1, 2], b=[4])
    v = pxt.create_view('v', t, iterator=list_iterator(x=t.a, y=t.b, mode=mode))
    assert [(row['x'], row['y']) for row in v.collect()] == rows


def test_iterators_show_what_they_take_and_give() -> None:
    assert repr(words) == '<iterator words(text: String, least: Int = 0) -> word, size>'
    assert repr(list_iterator).endswith('-> rows>')


def test_sentences() -> None:
    t = pxt.create_table('t', {'s': pxt.String | None})
    t.insert([{'s': 'Dr. Who came at 5 p.m. today. He left! "Why?" asked J. R. Smith.'}, {'s': None}])
    v = pxt.create_view('v', t, iterator=string_splitter(t.s, separators='sentence'))
    assert v.collect()['text'] == ['Dr. Who came at 5 p.m. today.', 'He left!', '"Why?" asked J. R. Smith.']


REFUSED = [
    (lambda d: words(), pxt.ErrorCode.INVALID_ARGUMENT),
    (lambda d: words(d.n), pxt.ErrorCode.TYPE_MISMATCH),
    (lambda d: words(d.text, least=-1), pxt.ErrorCode.INVALID_ARGUMENT),
    (lambda d: list_iterator(), pxt.ErrorCode.INVALID_ARGUMENT),
    (lambda d: string_splitter(d.text, 'page'), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda d: pxt.iterator(7), pxt.ErrorCode.INVALID_ARGUMENT),
    (lambda d: pxt.iterator(unstored_cols=['word'])(lambda text: text), pxt.ErrorCode.INVALID_ARGUMENT),
    (
        lambda d: pxt.create_view('v', d, iterator=words(d.text)).update({'word': 'x'}),
        pxt.ErrorCode.UNSUPPORTED_OPERATION,
    ),
    (lambda d: pxt.create_view('v', d, iterator=words(d.text)).drop_column('pos'), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda d: pxt.create_view('v', d, iterator=words), pxt.ErrorCode.INVALID_EXPRESSION),
]


@pytest.mark.parametrize(('call', 'code'), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused(docs, call, code) -> None:
    with pytest.raises(pxt.Error) as refused:
        call(docs)
    assert refused.value.error_code is code


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (lambda d: {'iterator': words}, 'not the function words'),
        (lambda d: {'iterator': halves(d.text)}, "without its output 'size' of type Int"),
        (
            lambda d: {'iterator': words(d.text), 'additional_columns': {'word': d.n}},
            "the view itself has a column 'word'",
        ),
    ],
)
def test_what_is_wrong_is_said(docs, options, message) -> None:
    with pytest.raises(pxt.Error, match=message):
        pxt.create_view('v', docs, **options(docs))
    assert pxt.list_tables() == ['docs']


def test_metadata(docs, v) -> None:
    found = v.get_metadata()
    assert found['iterator_call'] == 'words(text)'
    assert [name for name, column in found['columns'].items() if column['is_iterator_col']] == ['pos', 'word', 'size']
