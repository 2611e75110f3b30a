"""Compares what the processes of a soak saw and were told with the serial order of the commits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


def entries(log: Path) -> list[Entry]:
    """The whole lines of a log; a kill may have cut one short, and the next process goes on behind it."""
    found = []
    for line in log.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def check_observations(log: list[Entry], digest_of: Callable[[int], str]) -> int:
    """Each observation is the whole of one version that was current while it was made. Returns how many there were."""
    seen = [entry for entry in log if 'seen' in entry]
    for entry in seen:
        between = range(entry['before'], entry['after'] + 1)
        assert entry['seen'] in {digest_of(version) for version in between}, f'a reader saw no version: {entry}'
    return len(seen)


def possible_batches(log: list[Entry]) -> dict[str, set[tuple[int, ...] | None]]:
    """By batch, the values of `n` that it may have now; None is a batch that is not there.

    Only its own writer changes a batch, one operation after another. What was acknowledged took effect once; what a kill cut
    off took effect once or not at all. An update of a batch of which nothing is left does nothing.
    """
    possible: dict[str, set[tuple[int, ...] | None]] = {}
    for number, entry in enumerate(log):
        if 'do' not in entry:
            continue
        batch = entry['batch']
        done = any(later.get('done') == batch for later in log[number + 1 : number + 2])
        before = possible.get(batch, {None})
        if entry['do'] == 'insert':
            after: set[tuple[int, ...] | None] = {tuple(range(entry['size']))}
        elif entry['do'] == 'update':
            after = {None if state is None else tuple(n + 1000 for n in state) for state in before}
        else:
            after = {None}
        possible[batch] = after if done else before | after
    return possible


def check_batches(logs: list[list[Entry]], rows: list[Entry]) -> int:
    """The table has every batch as its writer's log says it must be, and no other rows. Returns how many batches there were."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row['batch'], []).append(row['n'])
    batches: dict[str, set[tuple[int, ...] | None]] = {}
    for log in logs:
        batches |= possible_batches(log)
    assert found.keys() <= batches.keys(), 'rows that nobody inserted'
    for batch, states in batches.items():
        state = tuple(sorted(found[batch])) if batch in found else None
        assert state in states, f'batch {batch}: {state and state[:5]}…, possible are {[s and s[:5] for s in states]}'
    return len(batches)
