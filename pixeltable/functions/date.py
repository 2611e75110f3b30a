"""Functions, methods and properties of Date expressions."""

from __future__ import annotations

import datetime
from typing import TypedDict

from pixeltable.udf import methods
from pixeltable.udf.decorators import udf


class IsoCalendar(TypedDict):
    """A date by ISO 8601 week; weekday 1 is Monday."""

    year: int
    week: int
    weekday: int


@udf(is_property=True, sql='year({self})')
def year(self: datetime.date) -> int:
    """The year."""
    return self.year


@udf(is_property=True, sql='month({self})')
def month(self: datetime.date) -> int:
    """The month, from 1 to 12."""
    return self.month


@udf(is_property=True, sql='day({self})')
def day(self: datetime.date) -> int:
    """The day of the month, from 1 to 31."""
    return self.day


@udf
def make_date(year: int, month: int, day: int) -> datetime.date:
    """The date of a year, month and day. A day that does not exist is an error."""
    return datetime.date(year, month, day)


methods.register('make_date', make_date.signature, make_date, is_property=False)


@udf(is_method=True, sql='isodow({self}) - 1')
def weekday(self: datetime.date) -> int:
    """The day of the week; Monday is 0."""
    return self.weekday()


@udf(is_method=True, sql='isodow({self})')
def isoweekday(self: datetime.date) -> int:
    """The day of the week; Monday is 1."""
    return self.isoweekday()


@udf(is_method=True)
def isocalendar(self: datetime.date) -> IsoCalendar:
    """Year, week and weekday by ISO 8601."""
    found = self.isocalendar()
    return {'year': found.year, 'week': found.week, 'weekday': found.weekday}


@udf(is_method=True)
def isoformat(self: datetime.date, sep: str = 'T', timespec: str = 'auto') -> str:
    """The date as `YYYY-MM-DD`; `sep` and `timespec` only matter for timestamps."""
    return self.isoformat()


@udf(is_method=True)
def toordinal(self: datetime.date) -> int:
    """The number of days since the first of January of the year 1, which is day 1."""
    return self.toordinal()


@udf(is_method=True)
def strftime(self: datetime.date, format: str) -> str:
    """The date as text, by the codes of Python's `strftime`."""
    return self.strftime(format)


@udf(is_method=True)
def add_days(self: datetime.date, n: int) -> datetime.date:
    """The date `n` days later. One outside of the years 1 to 9999 is an error."""
    return self + datetime.timedelta(days=n)


@udf(is_method=True)
def replace(
    self: datetime.date, year: int | None = None, month: int | None = None, day: int | None = None
) -> datetime.date:
    """The date with the given parts replaced. A day that does not exist is an error."""
    given = {'year': year, 'month': month, 'day': day}
    return self.replace(**{name: value for name, value in given.items() if value is not None})
