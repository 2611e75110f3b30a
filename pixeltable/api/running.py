"""What runs a query: `collect` and its kin, and the texts that describe it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from pixeltable.api.clauses import check_rows
from pixeltable.api.datasets import IMAGE_FORMATS, to_coco, to_pytorch
from pixeltable.api.default import say
from pixeltable.api.names import check_choice
from pixeltable.api.reading import Readable
from pixeltable.api.render.describe import describe_query, describe_query_html
from pixeltable.api.results import ResultSet
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.prepare import Prepared, outputs_of, prepare
from pixeltable.exec.query import run
from pixeltable.exec.query_columns import has_no_groups, row_id_ref
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.plan.clause_texts import clause_texts
from pixeltable.plan.explain import explain
from pixeltable.plan.query import OrderKey, Output, QuerySpec, SubQuery, TableSource
from pixeltable.session import Session
from pixeltable.types import buffers

T = TypeVar('T')


class Running(Readable):
    """Clauses, and the session whose tables they are over."""

    __slots__ = ('_session', '_spec')

    def __init__(self, session: Session, spec: QuerySpec) -> None:
        self._session = session
        self._spec = spec

    @property
    def _title(self) -> TableSource:
        """The table that operations are logged for: the first that is read."""
        return next(self._spec.tables)

    def _prepared(self, spec: QuerySpec | None = None) -> Prepared:
        return prepare(self._session.engine, spec or self._spec)

    def _run(self) -> ResultSet:
        return self._collected(self._spec)

    def _collected(self, spec: QuerySpec) -> ResultSet:
        return self._begun(self._result, spec)

    def _begun(self, begin: Callable[[Prepared], T], spec: QuerySpec | None = None) -> T:
        """What `begin` gives for the prepared query; it is called again if files went away before the first rows were read."""
        prepared = self._prepared(spec)
        try:
            return begin(prepared)
        except NotFoundError as error:
            # A purge deletes files at once, and others have taken their places.
            again = self._prepared(spec)
            if error.error_code is not ErrorCode.STORAGE_NOT_FOUND or not again.differs(prepared):
                raise
        return begin(again)

    def _result(self, prepared: Prepared) -> ResultSet:
        tables = list(self._tables(prepared, 'collect'))
        data = pa.concat_tables(tables) if tables else buffers.no_rows(prepared.arrow_schema)
        library = self._session.engine.context.services.library
        return ResultSet(data, prepared.types, self._session.settings.time_zone, library, prepared.unseen)

    def _tables(self, prepared: Prepared, operation: str) -> Generator[pa.Table]:
        """The rows as `prepared` has them, some at a time."""
        schema, table = prepared.arrow_schema, self._title
        with self._session.operation(operation, table.table_id, table.path, changes=False) as engine:
            for found in run(engine.context, prepared.tables, prepared.stages):
                yield found.cast(schema)

    def _count(self) -> int:
        spec, count = self._spec, (Output('n', build.aggregate('count', None)),)
        if isinstance(spec.source, TableSource) and spec == QuerySpec(spec.source):
            return self._rows_of(spec.source)
        is_plain = spec.limit is None and not spec.offset and spec.sample is None and has_no_groups(spec)
        if is_plain:
            counted = dataclasses.replace(spec, outputs=count, order_by=())
        else:
            counted = QuerySpec(SubQuery('counted', spec), outputs=count)
        return int(self._collected(counted).to_arrow().column(0)[0].as_py())

    def _rows_of(self, table: TableSource) -> int:
        """The number of rows of a whole table, which the catalog knows."""
        with self._session.operation('count', table.table_id, table.path, changes=False) as engine:
            at = None if table.version is None else engine.catalog.version(table.table_id, table.version).commit
            return engine.source(table.table_id, at).contents.row_count

    def _head(self, n: int) -> ResultSet:
        check_rows(n, 'n')
        limit = min(n, self._spec.limit) if isinstance(self._spec.limit, int) else n
        return self._collected(dataclasses.replace(self._spec, limit=limit))

    def _tail(self, n: int) -> ResultSet:
        check_rows(n, 'n')
        spec = self._spec
        is_table = isinstance(spec.source, TableSource) and not spec.joins
        if (
            not is_table
            or spec.limit is not None
            or spec.offset
            or spec.distinct
            or spec.group_by is not None
            or spec.sample
        ):
            rows = self._run()
            return rows[max(0, len(rows) - n) :]
        assert isinstance(spec.source, TableSource)
        backwards = tuple(_reversed(key) for key in (*spec.order_by, OrderKey(row_id_ref(spec.source))))
        return self._collected(dataclasses.replace(spec, order_by=backwards, limit=n)).reversed()

    def _explain(self) -> str:
        prepared = self._prepared()
        return explain(
            prepared.stages, prepared.labels, lambda table, conditions: prepared.tables[table].coverage(conditions)
        )

    def to_pytorch_dataset(self, image_format: str = 'pt') -> Any:
        """See `Table.to_pytorch_dataset`."""
        check_choice(image_format, IMAGE_FORMATS, 'image_format')
        return to_pytorch(self._session, self._run(), image_format)

    def to_coco_dataset(self) -> Path:
        """See `Table.to_coco_dataset`."""
        return to_coco(self._session, self._run())

    def describe(self) -> None:
        """Prints the result columns and the clauses of the query."""
        say(repr(self), always=True)

    def __repr__(self) -> str:
        return describe_query(self._from(), *self._description())

    def _repr_html_(self) -> str:
        return describe_query_html(self._from(), *self._description())

    def _from(self) -> str:
        return ', '.join(dict.fromkeys(table.path for table in self._spec.tables))

    def _description(self) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        """`(name, type, expression)` of each result column, and `(clause, text)` of each clause."""
        spec = self._spec
        outputs: list[tuple[str, ...]] = [
            (o.name or '', str(o.node.type), display(o.node)) for o in outputs_of(self._session.engine, spec)
        ]
        return outputs, clause_texts(spec)


def _reversed(key: OrderKey) -> OrderKey:
    nulls = None if key.nulls is None else 'first' if key.nulls == 'last' else 'last'
    return OrderKey(key.node, not key.ascending, nulls)  # type: ignore[arg-type]
