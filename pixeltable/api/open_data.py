"""How other programs read a table's files."""

from __future__ import annotations

from pixeltable.api.handle import Handle
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.open_data.statement import duckdb_sql


class OpenData(Handle):
    """duckdb_sql."""

    __slots__ = ()

    def duckdb_sql(self, version: int | None = None) -> str:
        """A SQL statement with which plain DuckDB (1.3 or later) reads the table from its Parquet files, without Pixeltable.

        It gives the rows of one version, in no particular order, under the names and types that the columns have: Json as JSON,
        media as their URLs, arrays of fixed shape as DuckDB arrays, other arrays as their bytes with type and shape. A view is
        joined with its base. Recent rows that are not in Parquet yet are in the statement as literals; `optimize()` makes it
        short. Computed columns that are not stored are left out, and named in a comment. Files in a bucket are read with
        DuckDB's own credentials. The statement is good for as long as its files are there: until the version is vacuumed, or
        other files have taken their place.

        Args:
            version: a version of the table; by default the newest, or that of this handle.

        Raises:
            NotFoundError: PATH_NOT_FOUND for a version that does not exist. RequestError: INVALID_ARGUMENT; INVALID_DATA_FORMAT
                if recent rows cannot be read.
        """
        if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'version is a number, not {version!r}.')
        catalog = self._session.catalog
        number = self._version if version is None else version
        if number is None:
            source = self._source()
            commit = source.contents.commit
            number = next(each.version for each in catalog.versions(self._table_id, 2) if each.commit <= commit)
        else:
            source = self._session.engine.source(self._table_id, catalog.version(self._table_id, number).commit)
        heading = f'{source.schema.table.path}, version {number} (commit {source.contents.commit})'
        return duckdb_sql(source, heading, self._session.engine.context.store.objects.url)
