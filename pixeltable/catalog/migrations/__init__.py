"""Brings the catalog of an older release to the format of this one: one file a step, each from one format to the next.

All steps run in one transaction of the database, so that a crash leaves the old format or the new one, and the next start
goes on from what it finds. A step is plain SQL, and documents as dicts: it imports no code that later releases change.
"""

from __future__ import annotations

from collections.abc import Callable

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.migrations import format_2, format_3, format_4

FORMAT_VERSION = 4
"""The format that this release writes."""

STEPS: dict[int, Callable[[Connection], None]] = {2: format_2.migrate, 3: format_3.migrate, 4: format_4.migrate}
"""What makes a catalog of format `n - 1` one of format `n`."""


def migrate(connection: Connection, version: int) -> None:
    """Inside a write transaction: from `version` to the newest. The caller records the new version in `meta`."""
    for step in range(version + 1, FORMAT_VERSION + 1):
        STEPS[step](connection)
