"""The verbs of a table that say which of its cells are not as they would be now, and why."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pyarrow as pa

from pixeltable.api.default import say
from pixeltable.api.handle import Handle
from pixeltable.api.listing import Listing
from pixeltable.api.results import ResultSet
from pixeltable.exec.changes.accepting import accept_stale
from pixeltable.exec.failures import FIELDS, failures
from pixeltable.exec.reasons import stale_cells
from pixeltable.types.coerce import column_to_arrow
from pixeltable.types.column_type import INT, STRING, ColumnType

_STALE = {'column': STRING, 'cells': INT, 'reason': STRING, 'detail': STRING}
_ERRORS: dict[str, ColumnType] = dict(zip(FIELDS, (INT, STRING, STRING, STRING, INT, STRING, STRING), strict=True))


class Staleness(Handle):
    """stale, accept_stale, errors."""

    __slots__ = ()

    def stale(self) -> ResultSet:
        """The computed columns with cells that would come out otherwise now. Reads no data, but for errors.

        A row has `column`, `cells` (how many), `reason` and `detail` (in words). The reason is

        - `'code'`: the function or the expression has changed;
        - `'dependency'`: something that the function reads has: a helper, a constant, a class;
        - `'model'`: another model is called;
        - `'input'`: a column that it reads is stale, or was changed with `cascade=False`;
        - `'missing function'`: the function cannot be found, or no longer fits; the cells can be read and not computed;
        - `'error'`: the cell failed.

        `recompute_columns(only='stale')` computes the cells of the first four again, `only='errors'` the failed ones.
        Cells of background jobs that are still to be computed are not stale.
        """
        source = self._source()
        rows = [astuple(row) for row in stale_cells(self._session.engine, source, self._session.codes)]
        columns = list(zip(*rows, strict=True)) or [()] * len(_STALE)
        arrays = {
            name: column_to_arrow(each, type_.with_nullable(True), column=name)
            for (name, type_), each in zip(_STALE.items(), columns, strict=True)
        }
        data = pa.table(arrays)
        return Listing(data, _STALE, self._session.settings.time_zone)

    def accept_stale(self, *columns: Any) -> int:
        """Says that a change of code changes no result, as a renamed variable does: what the old code made counts as made by
        the code of now. Nothing is computed. Returns how many cells that concerns.

        This is a version of the table, which `revert` can take back; it stays through `pxt.restore`.

        Args:
            columns: names or columns; by default all that are stale by `'code'`, `'dependency'` or `'model'`.

        Raises:
            RequestError: UNSUPPORTED_OPERATION for a column that is not computed and stored. NotFoundError: COLUMN_NOT_FOUND;
                FUNCTION_NOT_FOUND if the function is gone.
        """
        schema = self._writable('accept_stale')
        records = [self._stored_computed('accept_stale', schema, column) for column in columns]
        with self._session.operation('accept stale', self._table_id, self._path) as engine:
            cells = accept_stale(engine, schema, records)
        say(f'Accepted {cells} cell{"" if cells == 1 else "s"} of {self._path!r} that other code made.')
        return cells

    def errors(self, column: Any = None) -> ResultSet:
        """The cells that failed, of one column or of all.

        A row has the `id` of the row and the `column`; `errortype` and `errormsg`; `attempts`, the calls that were made; `input`,
        the column that failed first if this cell only reads it; and `traceback`, where the function failed, without the values
        of variables. What is not known, as of cells that older releases stored, is NULL.

        Raises:
            RequestError: UNSUPPORTED_OPERATION for a column that is not computed and stored. NotFoundError: COLUMN_NOT_FOUND.
        """
        source = self._source()
        if column is None:
            records = [each for each in source.schema.computed if each.stored]
        else:
            records = [self._stored_computed('errors', source.schema, column)]
        return ResultSet(failures(source, records), _ERRORS, self._session.settings.time_zone)
