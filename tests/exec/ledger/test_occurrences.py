"""Results of functions that may answer equal calls differently: each call has its own, and none is paid for twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable._support import temporary

made: list[Any] = []


@pytest.fixture(autouse=True)
def _none_made() -> None:
    made.clear()


@pxt.udf(is_deterministic=False, cache=True)
def joke(topic: str) -> str:
    made.append(topic)
    if topic == 'tax':
        raise ValueError('not funny')
    return f'{topic} {len(made)}'


@pxt.udf(is_deterministic=False, cache=True)
def described(message: pxt.Json) -> int:
    made.append(message)
    return message['image'].width


@pxt.udf(is_deterministic=False, cache=True)
def spoken(text: str) -> pxt.Document:
    made.append(text)
    path = temporary.new_file('.txt')
    Path(path).write_text(text)
    return path


@pxt.udf(is_deterministic=False, cache=True)
def painted(text: str) -> pxt.Image:
    made.append(text)
    return PIL.Image.new('HSV', (len(made), 2), (len(text), 5, 7))


@pytest.fixture
def t(home) -> pxt.Table:
    table = pxt.create_table('t', {'topic': pxt.String})
    table.insert([{'topic': topic} for topic in ('cat', 'dog', 'cat', 'cat')])
    return table


def test_equal_calls_have_results_of_their_own_and_none_is_made_twice(t) -> None:
    t.add_computed_column(joke=joke(t.topic))
    told = t.select(t.joke).collect()['joke']
    assert len(made) == len(set(told)) == 4
    t.drop_column('joke')
    plan = t.plan('add_computed_column', joke=joke(t.topic))
    assert (plan.calls, plan.in_ledger) == (4, 4)
    t.add_computed_column(joke=joke(t.topic))
    assert sorted(t.select(t.joke).collect()['joke']) == sorted(told)
    assert len(made) == 4


def test_what_an_aborted_operation_was_told_is_there_for_the_next(t) -> None:
    t.insert([{'topic': 'tax'}, {'topic': 'cow'}])
    with pytest.raises(pxt.Error, match='not funny'):
        t.select(joke(t.topic)).collect()
    told = [topic for topic in made if topic != 'tax']
    assert told
    with pytest.warns(pxt.PixeltableWarning, match='not funny'):
        t.add_computed_column(joke=joke(t.topic))
    assert sorted(topic for topic in made if topic != 'tax') == ['cat', 'cat', 'cat', 'cow', 'dog']


def test_to_compute_again_is_to_ask_again(t) -> None:
    t.add_computed_column(joke=joke(t.topic))
    told = t.select(t.joke).collect()['joke']
    plan = t.plan('recompute', 'joke')
    assert (plan.calls, plan.in_ledger) == (4, 0)
    t.recompute_columns('joke')
    assert len(made) == 8
    assert not set(told) & set(t.select(t.joke).collect()['joke'])
    t.recompute_columns('joke', only='errors')
    assert len(made) == 8


def test_purged_rows_leave_no_result(t) -> None:
    t.add_computed_column(joke=joke(t.topic))
    t.purge(t.topic == 'dog')
    assert not any('dog' in str(each) for each in t.select(t.joke).collect()['joke'])
    assert all(each.entries == 0 for each in pxt.ledger.stats().functions.values())


def test_a_picture_inside_of_a_message_counts_by_what_its_file_holds(home, tmp_path) -> None:
    picture = tmp_path / 'a.png'
    PIL.Image.new('RGB', (3, 2)).save(picture)
    t = pxt.create_table('p', {'img': pxt.Image})
    t.insert(img=picture)
    asked = t.select(width=described({'image': t.img}))
    assert asked.collect()['width'] == asked.collect()['width'] == [3]
    assert len(made) == 1
    PIL.Image.new('RGB', (5, 2)).save(picture)
    assert asked.collect()['width'] == [5]
    assert len(made) == 2


def test_a_file_that_a_function_made_is_kept(t) -> None:
    for name in ('a', 'b'):
        t.add_computed_column(**{name: spoken(t.topic)})
        paths = t.select(path=getattr(t, name).localpath).collect()['path']
        assert sorted(Path(path).read_text() for path in paths) == ['cat', 'cat', 'cat', 'dog']
    assert len(made) == 4


def test_pictures_are_kept(t) -> None:
    t.add_computed_column(first=painted(t.topic))
    first = t.select(t.first).collect()['first']
    assert {(each.mode, each.getpixel((0, 0))) for each in first} == {('HSV', (3, 5, 7))}
    t.drop_column('first')
    t.add_computed_column(second=painted(t.topic))
    second = t.select(t.second, width=painted(t.topic).width).collect()
    assert sorted(each.size for each in second['second']) == sorted(each.size for each in first)
    assert {each.mode for each in second['second']} == {'HSV'}
    assert sorted(second['width']) == [1, 2, 3, 4]
    assert len(made) == 4
