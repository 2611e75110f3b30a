"""Cached functions: what was paid for once is not paid for again, whatever asks for it."""

from __future__ import annotations

import asyncio

import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture(params=['sync', 'async', 'batched'])
def paid(request, calls):
    """A cached function that logs what it is called for, in three shapes."""
    path = calls.path

    def log(text: str) -> str:
        with open(path, 'a') as file:
            file.write(f'{text}\n')
        if text == 'bad':
            raise ValueError('no')
        return text.upper()

    @pxt.udf(cache=True)
    def sync(text: str) -> str:
        return log(text)

    @pxt.udf(cache=True)
    async def waiting(text: str) -> str:
        await asyncio.sleep(0)
        return log(text)

    @pxt.udf(cache=True, batch_size=4)
    def batched(text: pxt.Batch[str]) -> pxt.Batch[str]:
        return [log(each) for each in text]

    return {'sync': sync, 'async': waiting, 'batched': batched}[request.param]


@pytest.fixture
def t(home):
    t = pxt.create_table('t', {'text': pxt.String | None})
    t.insert([{'text': text} for text in ('a', 'b', 'a', None)])
    return t


def test_equal_calls_are_one_call(t, paid, calls) -> None:
    t.add_computed_column(loud=paid(t.text))
    assert t.collect()['loud'] == ['A', 'B', 'A', None]
    assert calls.take() == ['a', 'b']
    t.insert([{'text': 'b'}, {'text': 'c'}])
    assert calls.take() == ['c']


def test_a_column_that_comes_back_costs_nothing(t, paid, calls) -> None:
    t.add_computed_column(loud=paid(t.text))
    t.drop_column('loud')
    calls.take()
    t.add_computed_column(loud=paid(t.text))
    u = pxt.create_table('u', {'words': pxt.String})
    u.add_computed_column(loud=paid(u.words))
    u.insert([{'words': 'a'}, {'words': 'b'}])
    assert u.collect()['loud'] == ['A', 'B']
    assert calls.take() == []


def test_a_restore_costs_nothing(t, paid, calls) -> None:
    t.add_computed_column(loud=paid(t.text))
    pxt.snapshot('t', name='before')
    t.update({'text': 'c'}, where=t.text == 'a')
    calls.take()
    pxt.restore('t', snapshot='before')
    t.recompute_columns('loud')
    t.update({'text': 'c'})
    assert calls.take() == []


def test_failures_are_not_kept(t, paid, calls) -> None:
    t.insert(text='bad')
    with pytest.warns(pxt.PixeltableWarning, match='1 cell failed'):
        t.add_computed_column(loud=paid(t.text), on_error='ignore')
    assert 'bad' in calls.take()
    with pytest.warns(pxt.PixeltableWarning, match='1 cell failed'):
        t.recompute_columns('loud', errors_only=True)
    assert set(calls.take()) == {'bad'}


def test_queries_read_the_ledger_too(t, paid, calls) -> None:
    assert t.where(t.text == 'a').select(loud=paid(t.text)).collect()['loud'] == ['A', 'A']
    t.select(loud=paid(t.text)).collect()
    assert calls.take() == ['a', 'b']


def test_aborted_work_is_kept(t, paid, calls) -> None:
    t.insert(text='bad')
    with pytest.raises(pxt.Error):
        t.add_computed_column(loud=paid(t.text), on_error='abort')
    first = calls.take()
    t.delete(where=t.text == 'bad')
    t.add_computed_column(loud=paid(t.text), on_error='abort')
    assert not set(calls.take()) & (set(first) - {'bad'})


def test_other_constants_are_other_calls(t, calls) -> None:
    path = calls.path

    @pxt.udf(cache=True)
    def repeated(text: str, times: int) -> str:
        with open(path, 'a') as file:
            file.write(f'{text}{times}\n')
        return text * times

    t.add_computed_column(two=repeated(t.text, 2))
    t.add_computed_column(three=repeated.using(times=3)(t.text))
    t.add_computed_column(again=repeated(t.text, times=2))
    assert t.collect()['three'] == ['aaa', 'bbb', 'aaa', None]
    assert calls.take() == ['a2', 'a3', 'b2', 'b3']


def test_arrays_come_back_as_they_were(t, calls) -> None:
    import numpy as np

    path = calls.path

    @pxt.udf(cache=True)
    def embedded(text: str) -> pxt.Array[(3,), pxt.Float]:
        with open(path, 'a') as file:
            file.write(f'{text}\n')
        return np.array([1, 2, ord(text[0])], np.float32)

    t.add_computed_column(one=embedded(t.text))
    t.add_computed_column(two=embedded(t.text))
    rows = t.collect()
    assert all(np.array_equal(row['one'], row['two']) for row in rows if row['one'] is not None)
    assert rows[0]['two'].dtype == rows[0]['one'].dtype
    assert calls.take() == ['a', 'b']


def test_media_whose_results_are_all_known(home) -> None:
    @pxt.udf(cache=True)
    def width(img: pxt.Image) -> int:
        return img.width

    pictures = pxt.create_table('pictures', {'img': pxt.Image | None})
    pictures.insert([{'img': PIL.Image.new('RGB', (3, 2))}, {'img': None}])
    for _ in range(2):
        assert pictures.select(w=width(pictures.img)).collect()['w'] == [3, None]
