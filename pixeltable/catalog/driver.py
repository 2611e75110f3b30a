"""What the catalog needs of a database product, and what it says when a COMMIT goes unanswered.

The products are in `sqlite.py` and `postgres.py`; they run the same SQL, and differ in what is here. Knows no table of the
catalog.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy.engine import Dialect

from pixeltable.errors import Error, ErrorCode, ServiceUnavailableError


class Driver(Protocol):
    """A database: `connect`, then statements of a `cursor`, between `begin_*` and COMMIT where they belong together.

    `raw` is what `connect` returned.

    Attributes:
        place: what messages call the database. Has no password.
        elsewhere: how users choose another one.
        is_shared: whether tables of other programs may lie beside the catalog's.
        relations: SQL for the names that are taken in the database, or in that part of it where the catalog lies.
        integrity: a statement whose rows say what is wrong with the database, 'ok' if nothing is; None if there is none.
        errors: what the product raises. `translate` takes these, and they get no further.
    """

    place: str
    elsewhere: str
    is_shared: bool
    relations: str
    integrity: str | None
    errors: tuple[type[Exception], ...]
    dialect: Dialect

    def connect(self) -> Any: ...

    def prepare(self, raw: Any) -> None:
        """Called once, before a new catalog is created."""

    def cursor(self, raw: Any) -> Any: ...

    def begin_read(self, raw: Any) -> None: ...

    def begin_write(self, raw: Any) -> None:
        """Waits until no other process writes. Commits are made one after the other, and seen in the order of their ids."""

    def pipeline(self, raw: Any) -> AbstractContextManager[Callable[[], None]]:
        """Inside, statements need not be answered before the next one is sent; calling what it yields waits for the answers."""

    def in_transaction(self, raw: Any) -> bool: ...

    def is_lost(self, raw: Any, error: Exception) -> bool:
        """Whether `error` says that the connection cannot be trusted any more. A COMMIT that raised it may have taken effect."""

    def scrub(self, command: Callable[[str], list[Any]]) -> list[str]:
        """Overwrites what was deleted, by SQL that `command` runs outside a transaction; returns where it may still be."""

    def translate(self, error: Exception) -> Error:
        """The error of ours that says what `error` means for the user."""


class OutcomeUnknownError(ServiceUnavailableError):
    """Raised when a COMMIT was sent and its answer never came."""

    def __init__(self, cause: Error) -> None:
        super().__init__(
            ErrorCode.DATABASE_UNAVAILABLE,
            'It is not known whether the change was made: the catalog did not answer. Look before you repeat it. '
            f'({cause.message})',
        )
        self.cause = cause
