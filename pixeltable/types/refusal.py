"""Why one value was not accepted.

It never leaves `coerce`, which knows the column and row and raises the user's error.
"""

from __future__ import annotations


class RefusalError(Exception):
    """Raised by the acceptance functions of this package; `where` is the path inside a Json value."""

    def __init__(self, reason: str, where: str = '') -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where

    def within(self, step: str) -> RefusalError:
        """The same refusal, seen from one level further out."""
        return RefusalError(self.reason, step + self.where)
