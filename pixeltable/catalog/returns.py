"""Changes that name versions of a table, and those that go back to them. All others are in `changes`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddSnapshot:
    """Names the commit at which `table_id` got version `version`."""

    name: str
    table_id: str
    tags: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class DropSnapshot:
    table_id: str
    name: str


@dataclass(frozen=True, slots=True)
class RestoreTable:
    """Brings a dropped table back to its path, with its rows, snapshots and history as they were when it was dropped."""

    table_id: str


@dataclass(frozen=True, slots=True)
class Restore:
    """Makes the table's columns and contents what they were at `commit`."""

    table_id: str
    commit: int


@dataclass(frozen=True, slots=True)
class ForgetVersion:
    """Takes the newest version out of the table's history; `revert` pairs it with a `Restore`."""

    table_id: str
    version: int
