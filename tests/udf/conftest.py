from __future__ import annotations

import pytest

from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types.column_type import INT, JSON, STRING, ColumnType


def column(name: str, type_: ColumnType) -> Expr:
    return Expr(Field(type_, name))


@pytest.fixture
def text() -> Expr:
    return column('text', STRING)


@pytest.fixture
def maybe() -> Expr:
    return column('maybe', INT.with_nullable(True))


@pytest.fixture
def data() -> Expr:
    return column('data', JSON)
