"""What operations on a table took and used: the verbs that show it."""

from __future__ import annotations

import datetime

from pixeltable.api.default import is_verbose, say
from pixeltable.api.handle import Handle
from pixeltable.api.profiles import Profile
from pixeltable.api.recorded import usage_of
from pixeltable.api.results import ResultSet
from pixeltable.api.status import UpdateStatus
from pixeltable.errors import ErrorCode, RequestError


class Insight(Handle):
    """last_profile, usage, and the line that each operation prints."""

    __slots__ = ()

    def _say(self, status: UpdateStatus, print_stats: bool) -> None:
        if print_stats or is_verbose():  # to put it into words takes longer than a statement of the database
            say(status.message, always=True)
        if print_stats:
            say(repr(Insight.last_profile(self)), always=True)

    def usage(self, since: datetime.date | str | None = None, by: str = 'column') -> ResultSet:
        """`pxt.usage` for this table."""
        return usage_of(self._session, self._table_id, since, by)

    def last_profile(self) -> Profile:
        """Where the time of the last operation on this table went, a query among them, in this process.

        Raises:
            RequestError: INVALID_STATE if there was none since the process started.
        """
        operation = self._session.last_operations.get(self._table_id)
        if operation is None:
            raise RequestError(
                ErrorCode.INVALID_STATE,
                f'last_profile(): this process has done nothing with {self._path!r} yet; profiles are not stored.',
            )
        return Profile.of(operation)
