"""Columns of iterators that are not stored: made again by `seek` whenever they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def catalog_url() -> None:
    """The catalog has no part in it."""


class Stripe(TypedDict):
    """A column of an image, one pixel wide."""

    stripe: pxt.Image
    x: int


@pytest.fixture
def stripes(calls: Any) -> Any:
    log = calls.path

    @pxt.iterator(unstored_cols=['stripe'])
    class Stripes(pxt.PxtIterator[Stripe]):
        def __init__(self, image: pxt.Image, *, step: int = 1) -> None:
            self.image, self.step, self.at = image, step, 0
            self.note('open')

        def note(self, what: str) -> None:
            with open(log, 'a') as file:
                file.write(f'{what}\n')

        def __next__(self) -> Stripe:
            if self.at >= self.image.width:
                raise StopIteration
            x, self.at = self.at, self.at + self.step
            return {'stripe': self.image.crop((x, 0, x + 1, self.image.height)), 'x': x}

        def seek(self, pos: int, **kwargs: Any) -> None:
            assert kwargs == {'x': pos * self.step}
            self.note(f'seek {pos}')
            self.at = kwargs['x']

        def close(self) -> None:
            self.note('close')

    return Stripes


@pytest.fixture
def t() -> pxt.Table:
    table = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    table.insert([{'k': k, 'img': ramp(k)} for k in range(2)])
    return table


def ramp(k: int) -> PIL.Image.Image:
    image = PIL.Image.new('RGB', (4, 2))
    for x in range(4):
        image.paste((10 * x, k, 0), (x, 0, x + 1, 2))
    return image


@pytest.fixture
def v(t: pxt.Table, stripes: Any, calls: Any) -> pxt.Table:
    view = pxt.create_view('v', t, iterator=stripes(t.img))
    assert calls.take() == ['close', 'close', 'open', 'open']
    return view


def colors(view: pxt.Table) -> list[tuple[int, ...]]:
    rows = view.order_by(view.k, view.pos).select(view.stripe).collect()
    assert all(image.size == (1, 2) for image in rows['stripe'])
    return [image.getpixel((0, 0)) for image in rows['stripe']]


def test_they_are_made_when_they_are_read(v: pxt.Table, calls: Any, home: Path) -> None:
    assert v.columns() == ['pos', 'stripe', 'x', 'k', 'img']
    assert v.select(v.x).collect()['x'] == [0, 1, 2, 3] * 2
    assert calls.take() == []
    assert len(list(home.rglob('media/*.*'))) == 2  # no stripes
    assert colors(v) == [(10 * x, k, 0) for k in range(2) for x in range(4)]
    assert calls.take() == sorted(['open', 'close'] * 2 + [f'seek {x}' for x in range(4)] * 2)
    assert not v.get_metadata()['columns']['stripe']['is_stored']
    assert v.get_metadata()['columns']['stripe']['is_iterator_col']


def test_some_rows(v: pxt.Table, calls: Any) -> None:
    rows = v.where((v.k == 1) & (v.x == 2)).select(v.stripe).collect()
    assert rows[0, 'stripe'].getpixel((0, 0)) == (20, 1, 0)
    assert calls.take() == ['close', 'open', 'seek 2']


def test_another_process_finds_the_code(v: pxt.Table, reopen: Callable[[], None]) -> None:
    reopen()
    assert colors(pxt.get_table('v'))[5] == (10, 1, 0)


def test_columns_computed_from_them(v: pxt.Table, t: pxt.Table) -> None:
    v.add_computed_column(height=v.stripe.height)
    v.add_computed_column(big=v.stripe.resize((8, 8)))
    t.insert(k=2, img=ramp(2))
    rows = v.where(v.k == 2).order_by(v.pos).collect()
    assert rows['height'] == [2] * 4
    assert [image.getpixel((3, 3)) for image in rows['big']] == [(10 * x, 2, 0) for x in range(4)]
    assert v.where(v.stripe.height == 2).count() == 12


def test_they_follow_the_base(v: pxt.Table, t: pxt.Table) -> None:
    v.add_computed_column(kept=v.stripe.resize((2, 2)))
    t.update({'img': ramp(9)}, where=t.k == 1)
    assert colors(v)[4:] == [(10 * x, 9, 0) for x in range(4)]
    kept = v.where(v.k == 1).order_by(v.pos).collect()['kept']
    assert [image.getpixel((0, 0)) for image in kept] == [(10 * x, 9, 0) for x in range(4)]
    assert colors(pxt.get_table('v:0'))[4:] == [(10 * x, 1, 0) for x in range(4)]


def test_constants(t: pxt.Table, stripes: Any) -> None:
    view = pxt.create_view('every_second', t, iterator=stripes(t.img, step=2))
    assert colors(view) == [(10 * x, k, 0) for k in range(2) for x in (0, 2)]


def test_a_column_may_have_the_name_of_an_input() -> None:
    class Part(TypedDict):
        text: str
        start: int

    @pxt.iterator(unstored_cols=['text'])
    class Halves(pxt.PxtIterator[Part]):
        def __init__(self, text: str) -> None:
            self.whole, self.start = text, 0

        def __next__(self) -> Part:
            if self.start >= len(self.whole):
                raise StopIteration
            start, self.start = self.start, self.start + 2
            return {'text': self.whole[start : start + 2], 'start': start}

        def seek(self, pos: int, **kwargs: Any) -> None:
            self.start = 2 * pos

    t = pxt.create_table('texts', {'text': pxt.String})
    t.insert([{'text': 'abcd'}, {'text': 'efg'}])
    v = pxt.create_view('halves', t, iterator=Halves(t.text))
    assert v.collect()['text'] == ['ab', 'cd', 'ef', 'g']
    assert v.where(v.text == 'ef').select(v.start).collect()['start'] == [0]
    v.rename_column('start', 'offset')
    v.rename_column('text', 'part')
    assert v.collect()['part'] == ['ab', 'cd', 'ef', 'g']


def test_a_seek_that_fails(t: pxt.Table) -> None:
    @pxt.iterator(unstored_cols=['stripe'])
    class Broken(pxt.PxtIterator[Stripe]):
        def __init__(self, image: pxt.Image) -> None:
            self.at = 0

        def __next__(self) -> Stripe:
            self.at += 1
            if self.at > 1:
                raise StopIteration
            return {'stripe': PIL.Image.new('L', (1, 1)), 'x': 0}

        def seek(self, pos: int, **kwargs: Any) -> None:
            raise ValueError('no way back')

    v = pxt.create_view('broken', t, iterator=Broken(t.img))
    assert v.select(v.x).collect()['x'] == [0, 0]
    with pytest.raises(pxt.RequestError, match='no way back'):
        v.collect()


def test_what_cannot_be_declared() -> None:
    class Nothing(pxt.PxtIterator[Stripe]):
        def __init__(self, image: pxt.Image) -> None: ...

    for columns, message in ((['stripe'], 'seek'), (['none'], "'none'")):
        with pytest.raises(pxt.RequestError, match=message) as raised:
            pxt.iterator(unstored_cols=columns)(Nothing)
        assert raised.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT
