"""What a file says of the code that made its cells."""

from __future__ import annotations

import pytest

from pixeltable.catalog.fingerprints import UNKNOWN, MadeBy, made_by, outdated, same_as, together


@pytest.mark.parametrize('text', ['a1', 'a1+b2', 'a1~', 'a1+b2~', '?+a1', '?~', None])
def test_texts_are_read_as_they_were_written(text: str | None) -> None:
    assert made_by(text).text == text


def test_cells_that_are_put_together() -> None:
    assert together(['a1', 'a1']) == 'a1'
    assert together(['b2', 'a1', 'a1+c3']) == 'a1+b2+c3'
    assert together(['a1', 'b2~']) == 'a1+b2~'
    assert together([None, 'a1']) == f'{UNKNOWN}+a1'
    assert together([None]) is None


def test_cells_whose_inputs_have_changed() -> None:
    assert outdated('a1') == outdated('a1~') == 'a1~'
    assert not made_by('a1~').is_current(frozenset({'a1'}))


def test_all_codes_must_be_current() -> None:
    assert MadeBy(frozenset({'a1', 'b2'})).is_current(frozenset({'a1', 'b2', 'c3'}))
    assert not MadeBy(frozenset({'a1', UNKNOWN})).is_current(frozenset({'a1'}))


def test_what_was_accepted_holds_in_both_directions() -> None:
    pairs = [('a1', 'b2'), ('b2', 'c3'), ('x8', 'y9')]
    assert same_as('c3', pairs) == same_as('a1', pairs) == {'a1', 'b2', 'c3'}
    assert same_as('z0', pairs) == {'z0'}
