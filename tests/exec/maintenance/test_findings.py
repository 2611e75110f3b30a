from __future__ import annotations

from pixeltable.exec.maintenance.findings import RESTORE, Problem


def test_a_remedy_that_the_problem_names_itself_is_said_once() -> None:
    assert str(Problem(None, None, f'it is damaged; {RESTORE}', RESTORE)) == f'catalog: it is damaged; {RESTORE}.'
    assert str(Problem('t', None, 'it is damaged', RESTORE)) == f"table 't': it is damaged; {RESTORE}."
