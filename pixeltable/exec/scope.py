"""What the expressions of one query may refer to: the columns of its sources, and the fields that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.resolve import Resolver
from pixeltable.exec.source import Source
from pixeltable.exprs.bind import ROW_ID, ROW_ID_FIELD
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import CellProperty, ColumnRef, Field, Literal, Node, Parameter, Similarity
from pixeltable.exprs.visit import transform, walk
from pixeltable.exprs.windows import Ranking
from pixeltable.plan.logical import Plan
from pixeltable.plan.query import Output, TableSource
from pixeltable.plan.query import Source as Named


@dataclass(frozen=True, slots=True)
class Relation:
    """One source of a query. `columns` are all that it has, as results; the names of its fields begin with `prefix`.

    `rows` is what a table reads; None for a query inside the query. `is_optional` says that an outer join may leave it out.
    """

    named: Named
    prefix: str
    plan: Plan
    columns: tuple[Output, ...]
    row_ids: tuple[Field, ...]
    in_order: bool
    rows: Source | None = None
    is_optional: bool = False

    @property
    def label(self) -> str:
        """What messages call it."""
        return self.named.path if isinstance(self.named, TableSource) else 'the sub-query'

    def holds(self, ref: ColumnRef) -> bool:
        """Whether a reference is to one of these columns, of this very version if it names one."""
        if isinstance(self.named, TableSource):
            return self.named.table_id == ref.table_id and self.named.version == ref.version
        return self.named.key == ref.table_id

    def inherits(self, ref: ColumnRef) -> bool:
        """Whether this is a view, and a reference is to a column of what it is a view of."""
        return self.rows is not None and self.rows.schema.local(ref.table_id, ref.column_id) is not None

    def bind(self, resolver: Resolver, node: Node) -> Node:
        """A reference to a column, or a property of one, over the fields of the query."""
        bound = self._column(node) if self.rows is None else resolver.bind(self.rows.schema, node)

        def renamed(found: Node) -> Node | None:
            if not isinstance(found, Field):
                return None
            type_ = found.type.with_nullable(True) if self.is_optional else found.type
            return Field(type_, self.prefix + found.name, found.label)

        return transform(bound, renamed) if self.prefix or self.is_optional else bound

    def _column(self, node: Node) -> Field:
        if not isinstance(node, ColumnRef):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{display(node)}: the columns of a sub-query have no such property; select it inside the sub-query.',
            )
        name = ROW_ID_FIELD if node.column_id == ROW_ID else f'c{node.column_id}'
        return Field(node.type, name, node.name)


@dataclass(frozen=True, slots=True)
class Scope:
    """The sources of one query, and how its expressions are bound to them."""

    resolver: Resolver
    relations: Sequence[Relation]

    def bind(self, node: Node) -> Node:
        """`node` over the fields of the query. Raises INVALID_EXPRESSION for a column of something else."""
        if len(self.relations) == 1 and (rows := self.relations[0].rows) is not None and not self.relations[0].prefix:
            _check_values(node)
            return self.resolver.bind(rows.schema, node)

        def rewrite(found: Node) -> Node | None:
            match found:
                case ColumnRef() | CellProperty(column=ColumnRef()):
                    ref = found if isinstance(found, ColumnRef) else found.column
                    assert isinstance(ref, ColumnRef)
                    return self._owner(ref, node).bind(self.resolver, found)
            return self.resolver.in_zone(found)

        _check_values(node)
        return transform(node, rewrite)

    def _owner(self, ref: ColumnRef, root: Node) -> Relation:
        exact = [relation for relation in self.relations if relation.holds(ref)]
        if len(exact) == 1:
            return exact[0]
        same = [
            relation
            for relation in self.relations
            if isinstance(relation.named, TableSource) and relation.named.table_id == ref.table_id
        ]
        if len(same) == 1:
            return same[0]
        views = [relation for relation in self.relations if relation.inherits(ref)]
        if len(views) == 1:
            return views[0]
        names = ', '.join(relation.label for relation in self.relations)
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'expression {display(root)}: column {ref.name!r} belongs to {ref.table_path or "a sub-query"!r}, '
            f'which the query does not read; it reads {names}. Use columns of these, or join() the other one.',
        )

    def result_type(self, output: Output) -> Output:
        """An output with its type as a result: a column that an outer join may leave out can be NULL."""
        node = output.node
        if isinstance(node, ColumnRef) and len(self.relations) > 1 and self._owner(node, node).is_optional:
            return Output(output.name, ColumnRef(node.type.with_nullable(True), *_identity(node)))
        return output


def _identity(ref: ColumnRef) -> tuple[str, int, str, str, int | None]:
    return ref.table_id, ref.column_id, ref.name, ref.table_path, ref.version


def _check_values(node: Node) -> None:
    """Raises MISSING_REQUIRED for a parameter that has no value, INVALID_EXPRESSION for a ranking outside a window."""
    for found in walk(node):
        if isinstance(found, Similarity) and not isinstance(found.query, Literal):
            raise RequestError(ErrorCode.MISSING_REQUIRED, f'{display(found)}: its parameter has no value.')
        if isinstance(found, Ranking):
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION, f'{display(found)} ranks the rows of a window: add .over(order_by=…).'
            )
        if isinstance(found, Parameter):
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                f'{display(node)}: the parameter {found.name!r} has no value; call the @pxt.query function with one.',
            )
