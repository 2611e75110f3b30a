"""Expressions over the columns of one table, made without a catalog."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ColumnRef
from pixeltable.types.column_type import ColumnType


@pytest.fixture
def column() -> Callable[..., Expr]:
    """Makes a column of a given name and type; equal names are the same column."""
    numbers: dict[str, int] = {}

    def make(name: str, type_: ColumnType) -> Expr:
        number = numbers.setdefault(name, len(numbers) + 1)
        return Expr(ColumnRef(type_, 'table', number, name, 'dir/t'))

    return make
