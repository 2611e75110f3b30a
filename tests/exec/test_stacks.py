"""Where functions failed, as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pixeltable.errors import RequestError
from pixeltable.exec import stacks
from pixeltable.exec.stacks import MAX_CHARACTERS, stack_of
from pixeltable.types.coerce import coerce
from pixeltable.types.column_type import INT


def raised(action: Callable[[], Any]) -> Exception:
    with pytest.raises((ValueError, RuntimeError, RequestError)) as caught:
        action()
    return caught.value


def fail(secret: str) -> None:
    token = secret * 2
    raise ValueError(f'{len(token)} is too long')


def test_it_shows_code_and_no_values() -> None:
    stack = stack_of(raised(lambda: fail('hunter2')))
    assert stack is not None
    assert 'in fail' in stack
    assert 'raise ValueError(' in stack
    assert 'hunter2hunter2' not in stack
    assert '14 is too long' not in stack


def test_our_own_frames_are_left_out() -> None:
    stack = stack_of(raised(lambda: coerce('x', INT, column='a', row=0)))
    assert 'coerce.py' not in str(stack)


def test_the_cause_comes_first() -> None:
    def outer() -> None:
        try:
            fail('x')
        except ValueError as error:
            raise RuntimeError('wrapped') from error

    stack = str(stack_of(raised(outer)))
    assert stack.index('in fail') < stack.index('ValueError: 2 is too long') < stack.rindex('in outer')


def test_a_deep_stack_is_cut_from_the_outside() -> None:
    def deep(n: int) -> None:
        if n == 0:
            fail('x')
        deep(n - 1)

    stack = str(stack_of(raised(lambda: deep(300))))
    assert len(stack) <= MAX_CHARACTERS
    assert 'in fail' in stack


def test_the_text_of_a_line_is_made_once() -> None:
    first, second = (stack_of(raised(lambda: fail('x'))) for _ in range(2))
    assert first is second
    assert len(stacks._known) <= stacks._CACHED
