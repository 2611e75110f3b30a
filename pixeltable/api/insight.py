"""What operations on a table took and used: the verbs that show it."""

from __future__ import annotations

from pixeltable.api.handle import Handle
from pixeltable.api.profiles import Profile
from pixeltable.errors import ErrorCode, RequestError


class Insight(Handle):
    """last_profile."""

    __slots__ = ()

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
