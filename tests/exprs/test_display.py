from __future__ import annotations

from collections.abc import Callable

import pytest

from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import Expr
from pixeltable.types.column_type import ARRAY, BOOL, FLOAT, INT, JSON, STRING, ColumnType


@pytest.mark.parametrize(
    'text',
    [
        'a + b * 2',
        '(a + b) * 2',
        'a - (b - 2)',
        'a - b - 2',
        'a / (b / 2)',
        '-a ** 2',
        '(-a) ** 2',
        'a ** (-b)',
        'a ** b ** 2',
        '(a ** b) ** 2',
        '(-5) ** a',
        'a + -5',
        '(a < b) == c',
        'c == (a < b)',
        '(a > 1) & (~c)',
        '~(a == None)',
        'a + b != None',
        'abs(a - b)',
        'round(f, 2)',
        'a.isin([1, 2])',
        '(a + b).astype(Float)',
        'j.x[0][-1][1:2][*]',
        "j['a b'][::2]",
        'm[0, ..., 1:]',
        "s + 'it'",
    ],
)
def test_display_reads_as_it_was_written(column: Callable[[str, ColumnType], Expr], text: str) -> None:
    types = {'a': INT, 'b': INT, 'c': BOOL, 'f': FLOAT, 'j': JSON, 'm': ARRAY, 's': STRING}
    names = {name: column(name, type_) for name, type_ in types.items()}
    source = text.replace('[*]', "['*']").replace('astype(Float)', 'astype(pxt.Float)')
    if 'pxt' in source:
        names['a'] = names['a'] + names['b']
        assert display(build.cast(names['a'].__pxt_node__, FLOAT)) == text
        return
    assert repr(eval(source, {}, names)) == text


def test_long_constants_are_cut() -> None:
    assert len(display(build.literal('x' * 1000))) == 80


def test_containers_and_templates(column: Callable[[str, ColumnType], Expr]) -> None:
    x = column('x', INT)
    assert display(build.node({'k': [x, 1], 'l': f'a {x:03d}'})) == "{'k': [x, 1], 'l': f'a {x:03d}'}"
    assert display(build.node(f'{{{x}}}\n')) == "f'{{{x}}}\\n'"
    assert display(build.aggregate('count', None)) == 'globals.count()'
