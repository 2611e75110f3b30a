from __future__ import annotations

from collections.abc import Callable

import pytest

from pixeltable.errors import RequestError
from pixeltable.exprs import build, templates
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Node, Replacement, Template
from pixeltable.types.column_type import FLOAT, INT, STRING, ColumnType

Column = Callable[[str, ColumnType], Expr]


def parts(text: str) -> tuple[str | Replacement, ...]:
    node: Node = build.node(text)
    assert isinstance(node, Template)
    return node.parts


def test_an_f_string_becomes_a_template(column: Column) -> None:
    x, y = column('x', INT), column('y', FLOAT)
    expected = ('a ', Replacement(x.__pxt_node__), ', {b} ', Replacement((y + 1).__pxt_node__, '.2f'))
    assert parts(f'a {x}, {{b}} {y + 1:.2f}') == expected


def test_a_template_in_a_template(column: Column) -> None:
    x = column('x', STRING)
    outer = parts(f'<{Expr(build.node(f"[{x}]"))}>')
    assert isinstance(outer[1], Replacement)
    assert outer[1].arg == build.node(f'[{x}]')


def test_a_template_is_null_where_a_part_may_be(column: Column) -> None:
    assert not build.node(f'{column("x", INT)}').type.nullable
    assert build.node(f'{column("x", INT)}{column("y", INT.with_nullable(True))}').type.nullable


def test_a_token_reads_as_the_expression(column: Column) -> None:
    text = f'{column("x", INT) + 1:>5}'
    assert templates.visible(text) == '{x + 1:>5}'


def test_a_cut_f_string_is_refused(column: Column) -> None:
    with pytest.raises(RequestError, match='do not slice it'):
        build.node(f'{column("x", INT)} and more'[:4])


def test_an_f_string_of_another_process_is_refused() -> None:
    mark = templates.MARK
    with pytest.raises(RequestError, match='in another process'):
        build.node(f'{mark}{chr(0x2064) * 40}\u2062{{x}}{mark}')


def test_text_without_expressions_is_a_constant() -> None:
    assert build.node('plain {text}') == build.literal('plain {text}')
