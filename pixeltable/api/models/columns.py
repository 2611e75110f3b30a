"""What stands in the body of a model: columns and indexes, and the names that later columns may use."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixeltable.api.mediaspecs import Destination
from pixeltable.api.names import check_column_name
from pixeltable.api.table import RESERVED
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ColumnRef
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import parse


@dataclass(frozen=True)
class Column:
    """A column of a model, with options: `note = pxt.Column(type=pxt.String | None, comment='free text')`.

    Either `type`, which may also stand as the annotation, or `value`, an expression. The rest is as in `pxt.create_table`.
    """

    type: Any = None
    value: Any = None
    primary_key: bool | None = None
    stored: bool | None = None
    media_validation: str | None = None
    destination: Destination = None
    format: str | None = None
    quality: int | None = None
    pin: bool | None = None
    custom_metadata: Any = None
    comment: str | None = None

    def options(self) -> dict[str, Any]:
        """What was given, as in the dict of a schema."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class EmbeddingIndex:
    """An embedding index of a model, in its list `__indexes__`; see `Table.add_embedding_index`."""

    column: Any
    embedding: Any = None
    string_embed: Any = None
    image_embed: Any = None
    audio_embed: Any = None
    video_embed: Any = None
    document_embed: Any = None
    metric: str = 'cosine'
    precision: str = 'fp16'
    name: str | None = None

    def options(self) -> dict[str, Any]:
        """The arguments of `Table.add_embedding_index`, but for the column."""
        given = {name: value for name, value in vars(self).items() if name not in ('column', 'name')}
        return given | {'idx_name': self.name}


@dataclass(frozen=True)
class BtreeIndex:
    """A B-tree index of a model, in its list `__indexes__`; see `Table.add_btree_index`."""

    column: Any


class Body(dict[str, Any]):
    """The namespace of a model's body: a column, declared or of its base, is an expression for the lines that follow."""

    def __init__(self, key: str, cls_name: str, scope: Mapping[str, Any], implied: Mapping[str, ColumnType]) -> None:
        super().__init__()
        self.key = key
        self.cls_name = cls_name
        self.scope = scope
        self.columns: dict[str, Column] = {}
        self.types = dict(implied)
        super().__setitem__('__annotations__', _Annotations(self))

    def __setitem__(self, name: str, value: Any) -> None:
        if name.startswith('_') or (callable(value) and not isinstance(value, Expr)):
            super().__setitem__(name, value)
        elif isinstance(value, Column):
            self._declare(name, value)
        elif build.holds_expression(value):
            self._declare(name, Column(value=value))
        elif isinstance(value, (classmethod, staticmethod, property)):
            super().__setitem__(name, value)
        else:
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION,
                f'model {self.cls_name}: {name} = {value!r:.80} is no expression over columns; a plain column is declared as '
                f'{name}: pxt.String, and options are given with pxt.Column(...).',
            )

    def __getitem__(self, name: str) -> Any:
        return self.placeholder(name) if name in self.types else super().__getitem__(name)

    def annotate(self, name: str, hint: Any) -> None:
        """Declares a plain column; gives one that was assigned before its type."""
        if name.startswith('_'):
            return
        known = self.columns.get(name, Column())
        if known.value is None:
            self._declare(name, dataclasses.replace(known, type=hint))

    def _declare(self, name: str, column: Column) -> None:
        check_column_name(name, RESERVED)
        what = f'model {self.cls_name}, column {name!r}'
        if column.type is not None and column.value is not None:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{what}: give either type or value, not both.')
        if isinstance(column.type, str):
            column = dataclasses.replace(column, type=self._evaluated(column.type, what))
        self.columns[name] = column
        if column.value is not None:
            self.types[name] = build.node(column.value).type.with_nullable(True)
        elif column.type is not None:
            self.types[name] = parse(column.type, what=what)

    def _evaluated(self, hint: str, what: str) -> Any:
        """What an annotation means that is text, as all are after `from __future__ import annotations`."""
        try:
            return eval(hint, dict(self.scope))
        except Exception as error:
            raise RequestError(ErrorCode.INVALID_TYPE, f'{what}: {hint!r} is no type: {error}.') from error

    def placeholder(self, name: str) -> Expr:
        """The column as an expression, which finds its table once there is one."""
        return placeholder(self.key, self.cls_name, name, list(self.types).index(name) + 1, self.types[name])


class _Annotations(dict[str, Any]):
    def __init__(self, body: Body) -> None:
        super().__init__()
        self._body = body

    def __setitem__(self, name: str, hint: Any) -> None:
        super().__setitem__(name, hint)
        self._body.annotate(name, hint)


def placeholder(key: str, cls_name: str, name: str, number: int, type_: ColumnType) -> Expr:
    """A column of the model `key` as an expression."""
    return Expr(ColumnRef(type_, key, number, name, cls_name))
