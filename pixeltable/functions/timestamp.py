"""Functions, methods and properties of Timestamp expressions. Parts such as the hour are those in the value's time zone.

None of them has a SQL form: the time zone of a value is that of the session here, and that of the database there.
"""

from __future__ import annotations

import datetime
import zoneinfo

from pixeltable.functions.date import IsoCalendar
from pixeltable.udf import methods
from pixeltable.udf.decorators import udf


@udf(is_property=True)
def year(self: datetime.datetime) -> int:
    """The year."""
    return self.year


@udf(is_property=True)
def month(self: datetime.datetime) -> int:
    """The month, from 1 to 12."""
    return self.month


@udf(is_property=True)
def day(self: datetime.datetime) -> int:
    """The day of the month, from 1 to 31."""
    return self.day


@udf(is_property=True)
def hour(self: datetime.datetime) -> int:
    """The hour, from 0 to 23."""
    return self.hour


@udf(is_property=True)
def minute(self: datetime.datetime) -> int:
    """The minute, from 0 to 59."""
    return self.minute


@udf(is_property=True)
def second(self: datetime.datetime) -> int:
    """The second, from 0 to 59."""
    return self.second


@udf(is_property=True)
def microsecond(self: datetime.datetime) -> int:
    """The microsecond, from 0 to 999999."""
    return self.microsecond


@udf(is_method=True)
def date(self: datetime.datetime) -> datetime.date:
    """The date."""
    return self.date()


@udf(is_method=True)
def astimezone(self: datetime.datetime, tz: str) -> datetime.datetime:
    """The same moment in another time zone, such as 'Europe/Berlin'. An unknown zone is an error."""
    return self.astimezone(zoneinfo.ZoneInfo(tz))


@udf(is_method=True)
def weekday(self: datetime.datetime) -> int:
    """The day of the week; Monday is 0."""
    return self.weekday()


@udf(is_method=True)
def isoweekday(self: datetime.datetime) -> int:
    """The day of the week; Monday is 1."""
    return self.isoweekday()


@udf(is_method=True)
def isocalendar(self: datetime.datetime) -> IsoCalendar:
    """Year, week and weekday by ISO 8601."""
    found = self.isocalendar()
    return {'year': found.year, 'week': found.week, 'weekday': found.weekday}


@udf(is_method=True)
def isoformat(self: datetime.datetime, sep: str = 'T', timespec: str = 'auto') -> str:
    """The timestamp in ISO 8601 form."""
    return self.isoformat(sep, timespec)


@udf(is_method=True)
def strftime(self: datetime.datetime, format: str) -> str:
    """The timestamp as text, by the codes of Python's `strftime`."""
    return self.strftime(format)


@udf
def make_timestamp(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> datetime.datetime:
    """The timestamp of a date and time in the default time zone. One that does not exist is an error."""
    return datetime.datetime(year, month, day, hour, minute, second, microsecond)


methods.register('make_timestamp', make_timestamp.signature, make_timestamp, is_property=False)


@udf(is_method=True)
def replace(
    self: datetime.datetime,
    year: int | None = None,
    month: int | None = None,
    day: int | None = None,
    hour: int | None = None,
    minute: int | None = None,
    second: int | None = None,
    microsecond: int | None = None,
) -> datetime.datetime:
    """The timestamp with the given parts replaced. One that does not exist is an error."""
    given = {
        'year': year,
        'month': month,
        'day': day,
        'hour': hour,
        'minute': minute,
        'second': second,
        'microsecond': microsecond,
    }
    parts = {name: value for name, value in given.items() if value is not None}
    return self.replace(**parts)  # type: ignore[arg-type]  # no tzinfo among them


@udf(is_method=True)
def strip_timezone(self: datetime.datetime) -> datetime.datetime:
    """The timestamp without its time zone, so that it is read in the default one."""
    return self.replace(tzinfo=None)


@udf(is_method=True)
def toordinal(self: datetime.datetime) -> int:
    """The number of days since the first of January of the year 1, which is day 1."""
    return self.toordinal()


@udf(is_method=True)
def posix_timestamp(self: datetime.datetime) -> float:
    """The number of seconds since the first of January 1970, UTC."""
    return self.timestamp()
