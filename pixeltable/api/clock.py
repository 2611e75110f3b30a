"""The current time."""

from __future__ import annotations

import datetime

from pixeltable.api.default import session


def now() -> datetime.datetime:
    """The current time as a Timestamp value, in the session's time zone."""
    return datetime.datetime.now(session().settings.time_zone)
