"""The functions that check a home, and put right what can be."""

from __future__ import annotations

from typing import Any

from pixeltable.api.default import session
from pixeltable.api.names import check_count
from pixeltable.api.paths import get_table
from pixeltable.api.table import Table
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.maintenance import repair as repairing
from pixeltable.exec.maintenance import verify as verifying
from pixeltable.exec.maintenance.findings import Problem, VerifyReport
from pixeltable.exec.maintenance.repair import RepairReport

__all__ = ['Problem', 'RepairReport', 'VerifyReport', 'repair', 'verify']


def verify(table: str | Table | None = None, *, sample: int = verifying.SAMPLE) -> VerifyReport:
    """Checks everything that the home holds, or one table; changes nothing, and may run beside readers and writers.

    Every file, those of past versions included, must be there, byte for byte what was written, and hold what the catalog says of
    it; the catalog's rows must agree with each other. Of each stored computed column some cells are computed again and compared.
    The query that a view follows is run, and all rows compared.

    Args:
        table: a table, or its path; all tables by default.
        sample: so many cells of each computed column; 0 calls no function, not even for the query of a view. Functions that are
            not deterministic are left out.

    Returns:
        A report that prints as text. `report.ok` says whether nothing is wrong, `report.problems` what is.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT.
    """
    check_count(sample, 'sample')
    return verifying.verify(session().engine, _table_id(table), verifying.Depth(sample, may_call=sample > 0))


def repair(table: str | Table | None = None) -> RepairReport:
    """Verifies the home, or one table, and puts right what can be: what is computed is computed again, for all versions.

    What a damaged file held and nothing can compute is lost; the report names table, rows and versions. Nothing is dropped:
    such a file stays where it is, and reading it stays an error.

    Args:
        table: a table, or its path; all tables by default.

    Returns:
        A report that prints as text: `report.repaired`, and `report.problems` that remain.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT.
    """
    return repairing.repair(session().engine, _table_id(table))


def _table_id(table: Any) -> str | None:
    if table is None:
        return None
    found = get_table(table) if isinstance(table, str) else table
    if not isinstance(found, Table):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'table is a table or the path of one, not {table!r}.')
    return found._table_id
