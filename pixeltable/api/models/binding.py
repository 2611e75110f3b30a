"""Models and their tables: which model has which, and expressions of models as expressions of tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pixeltable.api.models.columns import Column
from pixeltable.api.table import Table
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Call, ColumnRef, Node
from pixeltable.exprs.visit import transform
from pixeltable.iterators.function import IteratorCall
from pixeltable.types.column_type import ColumnType

DEFERRED = frozenset({'select', 'where', 'join', 'order_by', 'limit', 'group_by', 'having', 'distinct', 'sample'})
"""The verbs that build a query: a model has them before it has a table."""


@dataclass(eq=False)
class Model:
    """What a model class declares, and its table once it is bound.

    Attributes:
        key: stands for the table in expressions that were written before there was one.
        name: of the table, in the directory that the model is bound to.
        types: of the columns that it declares, and of those that it has of its base and iterator.
        base: of a view the model, query over a model, or table that it is derived from.
        options: of `pxt.create_table` or `pxt.create_view`.
        known: all models of the same base class, by key.
    """

    key: str
    cls_name: str
    name: str
    columns: dict[str, Column]
    types: dict[str, ColumnType]
    indexes: list[Any]
    base: Any
    iterator: Any
    options: dict[str, Any]
    known: dict[str, Model] = field(repr=False)
    table: Table | None = None
    directory: str | None = None

    @property
    def kind(self) -> str:
        return 'table' if self.base is None else 'view'

    def path(self, directory: str) -> str:
        """Where its table lies in a directory."""
        return f'{directory}/{self.name}' if directory else self.name

    def bound(self) -> Table:
        """Its table. Raises NOT_BOUND."""
        if self.table is None:
            raise RequestError(
                ErrorCode.NOT_BOUND,
                f'model {self.cls_name} is not bound to a table yet: call create_all() of its base class, or bind_all() if the '
                'table exists.',
            )
        return self.table

    def check_directory(self, directory: str) -> None:
        """Raises ALREADY_BOUND if it is bound to a table of another directory."""
        if self.table is not None and self.directory != directory:
            raise RequestError(
                ErrorCode.ALREADY_BOUND,
                f'model {self.cls_name} is bound to {self.path(self.directory or "")!r} already, and cannot be bound to '
                f'{self.path(directory)!r}; use another pxt.model_base().',
            )

    def bind(self, table: Table, directory: str) -> None:
        self.table, self.directory = table, directory

    def translated(self, value: Any) -> Any:
        """`value` with columns of tables in place of those of models. Raises NOT_BOUND."""
        if isinstance(value, ModelQuery):
            return value.resolved()
        if isinstance(getattr(value, '__pxt_model__', None), Model):
            return value.__pxt_model__.bound()
        if isinstance(value, IteratorCall):
            return dataclasses.replace(value, node=cast(Call, transform(value.node, self._rewritten)))
        if build.holds_expression(value):
            return Expr(transform(build.node(value), self._rewritten))
        return value

    def _rewritten(self, node: Node) -> Node | None:
        if not isinstance(node, ColumnRef) or node.table_id not in self.known:
            return None
        return self.known[node.table_id].bound()[node.name].__pxt_node__


class ModelQuery:
    """A query over a model, which may have no table yet. Once it has one, all that a `Query` can do."""

    __slots__ = ('_steps', 'model')

    def __init__(self, model: Model, steps: tuple[tuple[str, tuple[Any, ...], Mapping[str, Any]], ...] = ()) -> None:
        self.model = model
        self._steps = steps

    def clauses(self, verb: str) -> list[tuple[tuple[Any, ...], Mapping[str, Any]]]:
        """The arguments of each call of a verb."""
        return [(args, kwargs) for name, args, kwargs in self._steps if name == verb]

    def resolved(self) -> Any:
        """The query over the table. Raises NOT_BOUND, and what a clause has to object to."""
        query: Any = self.model.bound()
        for verb, args, kwargs in self._steps:
            query = called(self.model, getattr(query, verb), args, kwargs)
        return query

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):
            raise AttributeError(name)
        if name in DEFERRED:
            return lambda *args, **kwargs: ModelQuery(self.model, (*self._steps, (name, args, kwargs)))
        return getattr(self.resolved(), name)

    def __repr__(self) -> str:
        if self.model.table is not None:
            return repr(self.resolved())
        steps = ''.join(f'.{verb}({", ".join(map(repr, args))})' for verb, args, _ in self._steps)
        return f'{self.model.cls_name}{steps}'


def called(model: Model, verb: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Calls a verb of a table or query with arguments that may name columns of models."""
    return verb(*map(model.translated, args), **{name: model.translated(value) for name, value in kwargs.items()})
