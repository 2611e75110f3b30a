"""Changes of code that are said to change no result."""

from __future__ import annotations

import pytest

import pixeltable as pxt

CODE = """
@pxt.udf
def f(k: int) -> int:
    return k * 10

@pxt.udf
def g(x: int) -> int:
    return x + 1
"""
COSMETIC = CODE.replace(
    'def f(k: int) -> int:\n    return k * 10', 'def f(k: int) -> int:\n    ten = 10\n    return k * ten'
)
OTHER = CODE.replace('k * 10', 'k * 100')


@pytest.fixture
def changed(users_module, t) -> pxt.Table:
    """`t` with `x = f(k)` and `y = g(x)`, whose code has changed since without another result."""
    code = users_module.write(CODE)
    table = pxt.get_table('t')
    table.add_computed_column(x=code.f(table.k))
    table.add_computed_column(y=code.g(table.x))
    users_module.write(COSMETIC)
    return pxt.get_table('t')


def reasons(table: pxt.Table) -> list[tuple[str, int, str]]:
    return [(row['column'], row['cells'], row['reason']) for row in table.stale()]


def test_nothing_is_computed_and_nothing_is_stale(changed, users_module) -> None:
    assert reasons(changed) == [('x', 5, 'code'), ('y', 5, 'input')]
    assert changed.accept_stale('x') == 5
    assert reasons(changed) == []
    assert changed.accept_stale() == 0
    assert changed.recompute_columns(only='stale').num_rows == 0
    users_module.write(COSMETIC)
    assert reasons(pxt.get_table('t')) == []


def test_it_is_in_the_history_and_can_be_taken_back(changed) -> None:
    changed.accept_stale()
    newest = changed.get_versions(1)[0]
    assert (newest['change_type'], newest['schema_change']) == ('schema', 'Accepted: x')
    changed.revert()
    assert reasons(changed) == [('x', 5, 'code'), ('y', 5, 'input')]


def test_it_stays_through_a_restore(changed) -> None:
    version = changed.get_versions(1)[0]['version']
    changed.accept_stale()
    changed.delete(changed.k > 2)
    pxt.restore(changed, version=version)
    assert (changed.count(), reasons(changed)) == (5, [])
    assert reasons(changed.at(version)) == [('x', 5, 'code'), ('y', 5, 'input')]


def test_it_holds_for_the_code_that_it_was_said_of(changed, users_module) -> None:
    changed.accept_stale()
    users_module.write(CODE)
    assert reasons(pxt.get_table('t')) == []  # back again
    users_module.write(OTHER)
    assert reasons(pxt.get_table('t')) == [('x', 5, 'code'), ('y', 5, 'input')]


def test_cells_of_several_codes(changed, users_module) -> None:
    changed.recompute_columns('x', where=changed.k == 1)
    users_module.write(COSMETIC.replace('ten', 'ten_'))
    table = pxt.get_table('t')
    assert reasons(table)[0] == ('x', 5, 'code')
    assert table.accept_stale(table.x) == 5
    assert reasons(table) == []


def test_renaming_keeps_it(changed) -> None:
    changed.accept_stale()
    changed.rename_column('x', 'xx')
    assert reasons(changed) == []


def test_writers_go_on(changed) -> None:
    stale = pxt.get_table('t')
    changed.accept_stale()
    stale.insert(k=9, s='z')
    assert (stale.collect()['y'][-1], reasons(stale)) == (91, [])


def test_what_is_left_behind_is_not_accepted(changed) -> None:
    changed.accept_stale()
    changed.update({'k': 8}, where=changed.k == 0, cascade=False)
    assert changed.accept_stale() == 0
    assert reasons(changed) == [('x', 1, 'input'), ('y', 1, 'input')]


def test_what_cannot_be_accepted(changed, users_module) -> None:
    with pytest.raises(pxt.RequestError, match="'k' is no stored computed column"):
        changed.accept_stale('k')
    with pytest.raises(pxt.RequestError, match='past version'):
        changed.at(1).accept_stale()
    users_module.write('')
    with pytest.warns(pxt.PixeltableWarning, match='no longer has'):
        table = pxt.get_table('t')
    with pytest.raises(pxt.NotFoundError, match="column 'x' of 't' cannot be computed"):
        table.accept_stale('x')
