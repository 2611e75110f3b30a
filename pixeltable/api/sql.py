"""`pxt.sql`: queries in SQL over the tables of Pixeltable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pixeltable.api.cells import with_urls
from pixeltable.api.clauses import source_of
from pixeltable.api.default import session
from pixeltable.api.paths import get_table
from pixeltable.api.results import ResultSet
from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exec.engine import Engine
from pixeltable.exec.prepare import Prepared, columns_of, prepare
from pixeltable.exec.query import run
from pixeltable.exec.query_columns import row_id_ref
from pixeltable.exec.sql_statement import parse, typed
from pixeltable.plan.query import Output, QuerySpec, Source, TableSource


def sql(statement: str, /, **tables: Any) -> ResultSet:
    """The rows of a SELECT in the SQL of DuckDB, over tables by path: `pxt.sql('select g, count(*) from docs group by 1')`.

    A version is named in quotes, `"docs:3"`, and so is a path with a character that is no letter; directories are written as in
    `dir.docs`. `id` is the row's id. Json is text in SQL: `meta->>'year'`. Nothing can be changed.

    Args:
        **tables: further names in the statement, for tables and queries: `pxt.sql('select * from q', q=docs.where(...))`.

    Raises:
        NotFoundError: PATH_NOT_FOUND for an unknown table. RequestError: INVALID_ARGUMENT for what is no SQL,
            UNSUPPORTED_OPERATION for anything but a SELECT over tables, or for what DuckDB cannot compute.
    """
    current = session()
    relational = current.engine.context.relational
    parsed = parse(relational, statement)
    names = {name.lower(): source_of(value, f'sql({name}=…)') for name, value in tables.items()}
    sources = [names[name.lower()] if name.lower() in names else _named(name) for name in parsed.tables]
    commit = current.engine.catalog.last_commit()
    prepared = [_prepared(current.engine, source, parsed.columns, commit) for source in sources]
    text = parsed.text(relational)
    first = next((table for source in sources for table in QuerySpec(source).tables), None)
    with current.operation(
        'sql', first.table_id if first else '', first.path if first else 'nothing', changes=False
    ) as engine:
        feeds = {f'input{number}': _rows(engine, each) for number, each in enumerate(prepared)}
        batches = list(engine.context.relational.run_over(text, feeds))
    data, types = typed(batches)
    return ResultSet(data, types, current.settings.time_zone, current.engine.context.services.library)


def _named(name: str) -> Source:
    table = get_table(name)
    if table is None:
        raise InternalError(ErrorCode.INTERNAL_ERROR, f'no table {name!r}')
    return table._query()._spec.source


def _prepared(engine: Engine, source: Source, wanted: set[str] | None, commit: int) -> Prepared:
    """The query for the columns of a source that a statement may read; its ids too, if they are named."""
    columns = list(columns_of(engine, source))
    names = {(column.name or '').lower() for column in columns}
    chosen = [column for column in columns if wanted is None or (column.name or '').lower() in wanted]
    if isinstance(source, TableSource) and 'id' not in names and (not chosen or wanted is None or 'id' in wanted):
        chosen += [] if wanted is None else [Output('id', row_id_ref(source))]
    spec = QuerySpec(source, outputs=tuple(chosen or columns[:1]))
    return prepare(engine, spec, commit)


def _rows(engine: Engine, prepared: Prepared) -> Iterator[pa.Table]:
    schema, library = prepared.arrow_schema, engine.context.services.library
    tables = run(engine.context, prepared.tables, prepared.stages)
    return (with_urls(table.cast(schema), prepared.types, library) for table in tables)
