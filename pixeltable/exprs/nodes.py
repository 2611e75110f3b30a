"""The expression tree: frozen declarations, each with its result type, and nothing else.

Nodes are made by `build`, which validates; evaluation, SQL text, display and serialisation are visitors in modules of their own.
A tree is *unbound* while its leaves are `ColumnRef` (what the user wrote) and *bound* once `bind` has replaced them by `Field`
(a column of the batch or relation that is evaluated).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from pixeltable.types.column_type import ColumnType


class FunctionLike(Protocol):
    """What the expression layer needs to know of a function; `udf.Function` is one."""

    @property
    def name(self) -> str:
        """The name shown to users and used to name result columns."""

    @property
    def key(self) -> str:
        """Identifies the function, with its bound constants: equal keys, equal functions."""

    @property
    def style(self) -> str:
        """How users write a call: `'function'`, as in `f(x)`, `'method'`, as in `x.f()`, or `'property'`, as in `x.f`."""

    @property
    def positional(self) -> tuple[tuple[str, bool], ...]:
        """The leading parameters that take arguments by position: `(name, has a default)`."""

    @property
    def sql(self) -> str | None:
        """A DuckDB expression over `{parameter}` placeholders, or None if only Python can evaluate it."""

    @property
    def sees_zone(self) -> bool:
        """Whether what it gives depends on the time zone in which it is called, whatever it is given."""


CAME_LATER = 'came_later'
LATER = {CAME_LATER: True}
"""Marks a member that a kind of node got after expressions of that kind had been stored. With its default it means what these
mean, and adds nothing to a fingerprint."""


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes. `type` is the type of the result."""

    type: ColumnType


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant. `key` is its canonical text, because values such as lists and arrays cannot be hashed."""

    value: Any = field(compare=False)
    key: str


@dataclass(frozen=True, slots=True)
class ColumnRef(Node):
    """A column as the user wrote it: by identity, so that it survives renaming. Column 0 is the row id.

    `name` and `table_path` are for messages and display only. `version` tells a past version of a table from its current state
    where a query reads both. For a column of a sub-query, `table_id` is the key of that.
    """

    table_id: str
    column_id: int
    name: str = field(compare=False)
    table_path: str = field(compare=False)
    version: int | None = field(default=None, metadata=LATER)


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A column of the batch or relation that is being evaluated, by its name there. `label` is the user's name for it."""

    name: str
    label: str = field(default='', compare=False)


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """A scalar operation: `op` is a name in `operations.OPERATIONS`, which gives its type rule and symbol."""

    op: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class IsIn(Node):
    """True if `arg` equals one of `values`; NULL if it is NULL and there are any: nothing is in an empty list."""

    arg: Node
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """`arg` converted to the node's type. One that is `implied` was not written by the user: a parameter asks for it."""

    arg: Node
    implied: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class InZone(Node):
    """`arg` as a session in the time zone `zone` sees it."""

    arg: Node
    zone: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice inside a path or an array index: `start:stop:step`."""

    start: int | None = None
    stop: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class JsonPath(Node):
    """A path into a Json value; `'*'` as an `AllItems` step applies the rest to every item of a list."""

    arg: Node
    path: tuple[str | int | Slice | AllItems, ...]


@dataclass(frozen=True, slots=True)
class AllItems:
    """The step `['*']` of a Json path."""


@dataclass(frozen=True, slots=True)
class ArrayItem(Node):
    """NumPy indexing of an array. `index` holds ints, slices and `...`."""

    arg: Node
    index: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Template(Node):
    """An f-string over expressions: texts, and `(expression, conversion, format_spec)` for each replacement field."""

    parts: tuple[str | Replacement, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """One `{expression:format_spec}` of a template."""

    arg: Node
    format_spec: str = ''


@dataclass(frozen=True, slots=True)
class MakeList(Node):
    """An inline list of expressions: a Json list, or where its type is Array, an array."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MakeDict(Node):
    """An inline Json object of expressions."""

    keys: tuple[str, ...]
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Element(Node):
    """The item at which a `ForEach` is. `depth` tells those of nested ones apart; `name` is what the user's lambda calls it."""

    depth: int
    name: str = field(default='R', compare=False)


@dataclass(frozen=True, slots=True)
class ForEach(Node):
    """`body` for each item of a Json list: `'map'` gives its values, `'filter'` the items for which it is true, and
    `'sort'` the items in its order. Another value than a list gives NULL."""

    verb: str
    arg: Node
    body: Node
    element: Element
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A call of a function with named arguments, in the order of its parameters."""

    function: FunctionLike = field(compare=False)
    function_key: str
    names: tuple[str, ...]
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """One of `count`, `sum`, `mean`, `min`, `max`; `arg` is None for `count` of rows.

    `distinct` counts equal values once; rows for which `condition` is not true are left out.
    """

    function: str
    arg: Node | None
    distinct: bool = field(default=False, metadata=LATER)
    condition: Node | None = field(default=None, metadata=LATER)


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A value that is given when the query is run."""

    name: str


@dataclass(frozen=True, slots=True)
class CellProperty(Node):
    """`errortype`, `errormsg`, `fileurl` or `localpath` of a stored cell."""

    column: Node
    property: str


@dataclass(frozen=True, slots=True)
class Similarity(Node):
    """Closeness of an embedding column to a query: cosine in [-1, 1], inner product, or minus the L2 distance.

    `embedding` is the embedding column. `query` is a Literal array of the same length; it is computed when the node is built.
    """

    embedding: Node
    query: Literal
    metric: str
    column_name: str = field(compare=False)
