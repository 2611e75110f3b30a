"""What failing cells do: as the call says, else the table, else the settings."""

from __future__ import annotations

import dataclasses

import pytest

import pixeltable as pxt


@pxt.udf
def picky(k: int) -> int:
    if k == 2:
        raise ValueError('a two')
    return k


@pytest.fixture
def strict() -> pxt.Table:
    """A table on which failing cells stop operations, with `x = picky(k)`."""
    table = pxt.create_table('strict', {'k': pxt.Int}, on_error='abort')
    table.add_computed_column(x=picky(table.k))
    return table


def test_the_table_says(strict, reopen) -> None:
    for _ in range(2):
        with pytest.raises(pxt.RequestError, match='a two'):
            strict.insert([{'k': 1}, {'k': 2}])
        assert strict.count() == 0
        reopen()
        strict = pxt.get_table('strict')


def test_the_call_says_something_else(strict) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        strict.insert([{'k': 1}, {'k': 2}], on_error='ignore')
    assert strict.collect()['x'] == [1, None]
    with pytest.raises(pxt.RequestError, match='a two'):
        strict.update({'k': 2})
    with pytest.raises(pxt.RequestError, match='a two'):
        strict.recompute_columns('x')
    with pytest.raises(pxt.RequestError, match='a two'):
        strict.add_computed_column(y=picky(strict.k))
    with pytest.warns(pxt.PixeltableWarning):
        strict.add_computed_column(y=picky(strict.k), on_error='ignore')


def test_without_a_word_the_settings_say(t) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(x=picky(t.k))
    t._session.settings = dataclasses.replace(t._session.settings, on_error='abort')
    with pytest.raises(pxt.RequestError, match='a two'):
        t.insert(k=2, s='x')
    with pytest.warns(pxt.PixeltableWarning):
        t.insert(k=2, s='x', on_error='ignore')


def test_words_that_are_none(t) -> None:
    for call in (
        lambda: t.insert(k=1, s='x', on_error='stop'),
        lambda: t.add_computed_column(x=picky(t.k), on_error='stop'),
        lambda: pxt.create_table('u', {'k': pxt.Int}, on_error='stop'),
        lambda: (
            t.upsert([{'k': 1}], on_error='stop') if t.get_metadata()['primary_key'] else t.insert(on_error='stop', k=1)
        ),
    ):
        with pytest.raises(pxt.RequestError, match="on_error='stop'"):
            call()
