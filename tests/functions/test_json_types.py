from __future__ import annotations

from typing import Any

import pytest

from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types import spelling as pxt


def column(spelling: Any) -> Expr:
    return Expr(Field(pxt.parse(spelling, what='x'), 'x'))


PERSON = column(pxt.Json[{'name': pxt.String, 'age': pxt.Int}])
TEXTS = column(pxt.Json[[pxt.String]])
UNKNOWN = column(pxt.Json)


@pytest.mark.parametrize(
    ('expression', 'type_'),
    [
        (PERSON.get('age'), 'Int | None'),
        (PERSON.get('other'), 'Json | None'),
        (PERSON.get('age', 0), 'Json | None'),
        (PERSON.values(), 'Json[(Json | None, ...)]'),
        (PERSON.keys(), 'Json[(String, ...)]'),
        (column(pxt.Json[{'a': pxt.Int, 'b': pxt.Float}] | None).values(), 'Json[(Float, ...)] | None'),
        (column(pxt.Json[[[pxt.Int]]]).flatten(), 'Json[(Int, ...)]'),
        (TEXTS.concat(TEXTS), 'Json[(String, ...)]'),
        (TEXTS.concat(UNKNOWN), 'Json | None'),
        (PERSON.merge(column(pxt.Json[{'age': pxt.Float}])), "Json[{'name': String, 'age': Float}]"),
        (PERSON.merge(None), 'Json | None'),
        (UNKNOWN.values(), 'Json'),
    ],
    ids=lambda value: repr(value) if isinstance(value, Expr) else '',
)
def test_schemas_propagate(expression: Expr, type_: str) -> None:
    assert str(expression.col_type) == type_
