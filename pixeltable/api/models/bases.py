"""What a view model has of its base: columns that need no declaration, and how its view is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixeltable.api.models.binding import Model, ModelQuery
from pixeltable.api.query import Query
from pixeltable.api.table import Table
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.naming import result_names
from pixeltable.exprs.nodes import Node
from pixeltable.iterators.function import IteratorCall
from pixeltable.types.column_type import INT, ColumnType


def implied_types(base: Any, iterator: Any) -> dict[str, ColumnType]:
    """The types of the columns that come from the base and from the iterator, by name."""
    made: dict[str, ColumnType] = {}
    if isinstance(iterator, IteratorCall):
        made = {'pos': INT, **iterator.outputs}
    return {name: type_ for name, type_ in _types(base).items() if name not in made} | made


def _types(base: Any) -> Mapping[str, ColumnType]:
    if isinstance(base, ModelQuery):
        selected = base.clauses('select')
        return _selected(*selected[-1]) if selected and any(selected[-1]) else base.model.types
    if isinstance(base, Query):
        return base.schema
    if isinstance(base, Table):
        return {column.name: column.type for column in base._schema().visible}
    model = getattr(base, '__pxt_model__', None)
    return model.types if isinstance(model, Model) else {}


def _selected(items: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, ColumnType]:
    nodes: list[tuple[str | None, Node]] = [(None, build.node(item)) for item in items]
    nodes += [(name, build.node(item)) for name, item in named.items()]
    return {name: node.type for name, (_, node) in zip(result_names(nodes), nodes, strict=True)}


def properties(model: Model, directory: str) -> dict[str, str | None]:
    """What `get_metadata()` says of the making of a view, as the model has it."""
    if model.base is None:
        return {}
    base = model.base.model if isinstance(model.base, ModelQuery) else getattr(model.base, '__pxt_model__', None)
    if not isinstance(base, Model):
        return {}
    predicates = [
        build.node(each)
        for args, _ in (model.base.clauses('where') if isinstance(model.base, ModelQuery) else ())
        for each in args
    ]
    condition = build.conjunction(predicates)
    return {
        'base': base.path(directory),
        'view_filter': None if condition is None else display(condition),
        'iterator_call': None if model.iterator is None else repr(model.iterator),
    }


def selection(model: Model) -> set[str] | None:
    """The names of the columns that the base of a view model selects, in small letters; None if it has all."""
    is_chosen = isinstance(model.base, ModelQuery) and any(any(each) for each in model.base.clauses('select'))
    return {name.lower() for name in implied_types(model.base, None)} if is_chosen else None
