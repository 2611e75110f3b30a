"""Errors of the libraries that write for us, as ours: the one place where those of exports are translated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pixeltable.errors import Error, ErrorCode, RequestError

T = TypeVar('T')


def check_text(value: object, name: str) -> None:
    """Raises INVALID_ARGUMENT for what is no text, such as the name of a table."""
    if not isinstance(value, str) or not value:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name} is a text that is not empty, not {value!r}.')


class Writing:
    """Remembers the error of ours that ended a stream of rows: some libraries only pass on its text."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._error: Error | None = None

    def watched(self, items: Iterable[T]) -> Iterator[T]:
        """The same items."""
        try:
            yield from items
        except Error as error:
            self._error = error
            raise

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raises UNSUPPORTED_OPERATION for what is no error of ours, with the text of the library."""
        try:
            yield
        except Error:
            raise
        except Exception as error:
            if self._error is not None:
                raise self._error from None
            said = ' '.join(str(error).split()) or type(error).__name__
            raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{self._title}: {said:.500}') from error
