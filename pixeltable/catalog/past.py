"""Answers of `read/` about a table's past. None of it is stored as it stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pixeltable.catalog.records import TableRecord


@dataclass(frozen=True, slots=True)
class Pin:
    """A snapshot, which needs a version of its table. `table_id` is its own if it has a path of its own, else None."""

    name: str
    version: int
    commit: int
    table_id: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What a table held after `commit`, in the order of commits: that of the version that was its newest then.

    `content` is the commit of that version, which is an earlier one after a revert. `vacuumed` is as in `Version`.
    """

    commit: int
    created_at: int
    version: int
    content: int
    vacuumed: int | None = None


@dataclass(frozen=True, slots=True)
class DroppedTable:
    """A table that was dropped, with its views and snapshots that had paths and were dropped by the same commit.

    Each of these comes after what it is derived from.
    """

    table_id: str
    commit: int
    derived: tuple[TableRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One commit of a table as its history shows it. `summary` holds counts, durations and fingerprints.

    `vacuumed` is the commit that removed what only this version needed: since then it can no longer be read.
    """

    version: int
    commit: int
    created_at: int
    user: str
    operation: str
    kind: str
    summary: dict[str, Any]
    vacuumed: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A name, with tags, for a commit of a table."""

    name: str
    table_id: str
    commit: int
    version: int
    created_at: int
    tags: tuple[str, ...] = ()
