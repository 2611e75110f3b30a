"""Ways to say which past state of a table is meant: a version number, the name of a snapshot, a time."""

from __future__ import annotations

import datetime
import operator
from typing import Any

from pixeltable.catalog.past import Version
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.session import Session

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

Moment = int | str | datetime.datetime


def version_of(session: Session, table_id: str, moment: Any) -> Version:
    """The version that `moment` means. A time means the last version committed by then; without a zone it is the session's.

    Raises PATH_NOT_FOUND if there is none or it was vacuumed, INVALID_ARGUMENT for anything that is no moment, and for a
    time in the future.
    """
    catalog = session.catalog
    if isinstance(moment, datetime.datetime):
        zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=session.settings.time_zone)
        found = catalog.version_at(table_id, zoned)
        # The clock of another host may be ahead: the time of a version that is there can be asked for.
        if zoned > max(datetime.datetime.now(datetime.UTC), _EPOCH + datetime.timedelta(microseconds=found.created_at)):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{zoned.isoformat()} lies in the future: what the table will hold then is not known yet.',
            )
        return found
    if isinstance(moment, str):
        pin = next((pin for pin in catalog.pins(table_id) if pin.name == moment), None)
        return catalog.version(table_id, (pin or catalog.snapshot(table_id, moment)).version)
    if hasattr(moment, '__index__') and not isinstance(moment, bool | type):
        return catalog.version(table_id, operator.index(moment))
    raise RequestError(
        ErrorCode.INVALID_ARGUMENT, f'{moment!r} is neither a version number nor the name of a snapshot nor a datetime.'
    )
