"""The verb of a table that computes what is stored again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pixeltable.api.jobs import Job, begun
from pixeltable.api.names import check_choice
from pixeltable.api.status import UpdateStatus
from pixeltable.api.writing import Writing, predicates_of
from pixeltable.catalog.jobs import Only
from pixeltable.catalog.records import Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.choosing import Request
from pixeltable.exec.changes.recompute import recompute
from pixeltable.exec.jobs.starting import start_recomputation
from pixeltable.exprs.nodes import Node

ONLY = ('all', 'stale', 'errors')


class Recomputing(Writing):
    """recompute_columns."""

    __slots__ = ()

    def recompute_columns(
        self,
        *columns: Any,
        where: Any = None,
        errors_only: bool = False,
        cascade: bool = True,
        only: str = 'all',
        print_stats: bool = False,
        background: bool = False,
    ) -> Any:
        """Computes columns again, and what depends on them.

        Args:
            columns: names or columns. With `only='stale'` or `only='errors'` none need be given: then all that this concerns.
            where: which rows; all if None.
            errors_only: the same as `only='errors'`, for exactly one column.
            cascade: whether dependent columns are computed again too. If not, `stale()` lists them.
            only: `'stale'` computes cells that other code has made, or that were left behind by a change without `cascade`;
                `'errors'` those that failed; `'all'` every cell.
            print_stats: whether to print where the time went, as `last_profile` has it.
            background: returns a `Job` that does it, for the rows that there are now. Cells keep their values until new ones are
                there.

        Raises:
            RequestError: MISSING_REQUIRED without columns, UNSUPPORTED_OPERATION for one that is not computed, for one of
                the primary key, and for several with `errors_only`.
            NotFoundError: COLUMN_NOT_FOUND; FUNCTION_NOT_FOUND if the function of a column is gone.
        """
        schema, request = self._request(columns, predicates_of(where), self._only(columns, errors_only, only), cascade)
        if background:
            return self._recompute_later(schema, request)
        return self._recompute(schema, request, print_stats)

    @staticmethod
    def _only(columns: Sequence[Any], errors_only: bool, only: str) -> str:
        """What `only` means together with `errors_only`. Raises INVALID_ARGUMENT if they do not go together."""
        if not errors_only:
            return only
        if only != 'all':
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'recompute_columns() takes either errors_only or only={only!r}, not both.'
            )
        if len(columns) != 1:
            raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, 'errors_only=True takes exactly one column.')
        return 'errors'

    def _request(
        self, columns: Sequence[Any], predicates: Sequence[Node], only: str, cascade: bool
    ) -> tuple[Schema, Request]:
        """The schema, and what is to be computed again."""
        schema = self._writable('recompute_columns')
        check_choice(only, ONLY, 'only')
        if not columns and only == 'all':
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                "recompute_columns() needs at least one column, or only='stale' or only='errors' for all that are concerned.",
            )
        records = tuple(self._stored_computed('recompute_columns', schema, column) for column in columns)
        key = next((record for record in records if record in schema.key), None)
        if key is not None:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'recompute_columns(): {key.name!r} is part of the primary key; its values stay what they are.',
            )
        if not columns and any(record.is_computed for record in schema.key):
            records = tuple(each for each in schema.computed if each.stored and each not in schema.key)
        return schema, Request(records, tuple(predicates), cast(Only, only), cascade)

    def _recompute(self, schema: Schema, request: Request, print_stats: bool = False) -> UpdateStatus:
        with self._session.operation('recompute', self._table_id, self._path) as engine:
            outcome = recompute(engine, schema, request, self._aborts(None, schema))
            engine.context.operation.facts = outcome.facts
        return self._finish(outcome, None, print_stats)

    def _recompute_later(self, schema: Schema, request: Request) -> Job:
        abort = self._aborts(None, schema)
        with self._session.operation('recompute', self._table_id, self._path) as engine:
            job = start_recomputation(engine, schema, request, abort)
        return begun(self._session, job)
