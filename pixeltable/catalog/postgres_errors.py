"""What the errors of PostgreSQL mean to a user: by their code, or by their words where there is none.

Texts of the server may be shown, as they hold no password. Knows no driver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixeltable.errors import (
    AuthorizationError,
    ConcurrencyError,
    Error,
    ErrorCode,
    InternalError,
    RequestError,
    ServiceUnavailableError,
)


@dataclass(frozen=True, slots=True)
class Place:
    """What messages call a catalog, and how users choose another one."""

    name: str
    elsewhere: str


Meaning = Callable[[Place, str], Error]

# The server gives no code when it refuses a connection, only words, which are English unless it was set up otherwise.
_NOT_ALLOWED = (
    'authentication failed',
    'no password supplied',
    'pg_hba.conf',
    'not permitted to log in',
    'permission denied',
)


def of_connecting(text: str, place: Place, needs_password: bool) -> Error:
    """The error for a connection that could not be made."""
    if needs_password:
        return AuthorizationError(
            ErrorCode.MISSING_CREDENTIALS,
            f'The catalog {place.name!r} needs a password: put it into the URL, or into ~/.pgpass or PGPASSWORD.',
        )
    is_missing = 'does not exist' in text
    if any(words in text for words in _NOT_ALLOWED) or (is_missing and 'role "' in text):
        return _not_allowed(place, text)
    if is_missing and 'database "' in text:
        return refused(place, f'does not exist ({text}). Create the database, or correct its name')
    return _unavailable(place, text)


def of_state(state: str, place: Place, text: str) -> Error:
    """The error for a statement that failed with code `state`."""
    meaning = _MEANINGS.get(state) or _MEANINGS.get(state[:2])
    if meaning is None:
        return InternalError(ErrorCode.INTERNAL_ERROR, f'A statement failed on the catalog {place.name!r}: {text}')
    return meaning(place, text)


def one_line(error: Exception) -> str:
    return ' '.join(str(error).split()).rstrip('.')


def refused(place: Place, what: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_CONFIGURATION, f'The catalog {place.name!r} {what}. {place.elsewhere}')


def cannot_be_stored(text: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_ARGUMENT, f'A value cannot be stored in the catalog: {text}')


def _unavailable(place: Place, text: str) -> Error:
    return ServiceUnavailableError(
        ErrorCode.DATABASE_UNAVAILABLE,
        f'The catalog {place.name!r} is not available: {text}. The server may be down, restarting, full or out of reach; '
        'try again.',
    )


def _busy(place: Place, text: str) -> Error:
    return ServiceUnavailableError(
        ErrorCode.DATABASE_UNAVAILABLE,
        f'The catalog {place.name!r} is not available: another process has been writing for too long ({text}); try again.',
    )


def _outrun(place: Place, text: str) -> Error:
    return ConcurrencyError(
        ErrorCode.SERIALIZATION_FAILURE, f'The catalog {place.name!r} gave way to another session: {text}; try again.'
    )


def _not_allowed(place: Place, text: str) -> Error:
    return AuthorizationError(
        ErrorCode.INSUFFICIENT_PRIVILEGES,
        f'The catalog {place.name!r} refuses this user: {text}. Correct the user or the password in PIXELTABLE_CATALOG, or '
        'grant the rights to connect, and to create and change tables in the schema.',
    )


def _means(what: str) -> Meaning:
    return lambda place, text: refused(place, f'{what} ({text})')


_GONE = _means('is not whole: its tables are gone, or were changed by another program')
_TAKEN = _means('holds something of another program under a name that a catalog needs')
_DAMAGED = _means('is damaged: restore it from a backup')

# Codes of five letters, or their class: https://www.postgresql.org/docs/current/errcodes-appendix.html
_MEANINGS: dict[str, Meaning] = {
    '08': _unavailable,
    '25006': _means('cannot be written: the server, or this user, may only read'),
    '28': _not_allowed,
    '3F000': _GONE,
    '40': _outrun,
    '42501': _not_allowed,
    '42703': _GONE,
    '42P01': _GONE,
    '42710': _TAKEN,
    '42P07': _TAKEN,
    '53': _unavailable,
    '54': lambda place, text: cannot_be_stored(text),
    '55P03': _busy,
    '57': _unavailable,
    '58': _unavailable,
    'XX001': _DAMAGED,
    'XX002': _DAMAGED,
}
