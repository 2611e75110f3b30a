from __future__ import annotations

from typing import Any

import pytest

from pixeltable.catalog import leases
from pixeltable.catalog.orphans import written_at


def held(bench: Any) -> list[tuple[Any, ...]]:
    rows = bench.catalog._database.connection().command('SELECT id, "commit", expires FROM leases ORDER BY id')
    return [tuple(row) for row in rows]


def test_an_owner_has_what_it_last_asked_for(bench: Any, table: str) -> None:
    bench.catalog.hold('a', [2, 1], (), 10)
    bench.catalog.hold('b', [1], (), 20)
    assert held(bench) == [('a:1', 1, 10), ('a:2', 2, 10), ('b:1', 1, 20)]
    bench.catalog.hold('a', [3], (), 30)
    assert held(bench) == [('a:3', 3, 30), ('b:1', 1, 20)]
    bench.catalog.hold('a', (), (), 0)
    assert held(bench) == [('b:1', 1, 20)]


def test_a_time_stands_for_the_commit_before_it(bench: Any, table: str) -> None:
    commits = [bench.insert().commit for _ in range(5)]
    times = [version.created_at for version in bench.catalog.versions(table)][::-1]
    bench.catalog.hold('a', (), [times[3]], 10)
    assert held(bench)[0][1] >= commits[2]
    leases.hold(bench.catalog._database, 'a', (), [times[0] - 10**6], 10)
    assert held(bench) == [('a:0', 0, 10)]


@pytest.mark.parametrize(('key', 'known'), [('tables/t/notes.txt', False), ('tables/t/' + '0' * 32 + '.keys', True)])
def test_names_that_are_ours(key: str, known: bool) -> None:
    assert (written_at(key) is not None) == known
