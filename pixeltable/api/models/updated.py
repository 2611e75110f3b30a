"""What an update of models did to one table, so that it can be taken back if the rest of the update fails."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixeltable.api.table import Table
from pixeltable.api.versions import taking_back
from pixeltable.catalog.changes import RequirementFailed
from pixeltable.catalog.past import Version
from pixeltable.errors import Error
from pixeltable.exec.views.following import commit_with_views


@dataclass
class Updated:
    """A table that is being changed.

    Attributes:
        before: its version when that began.
        done: the changes that were made, in words; each made a version.
    """

    table: Table
    before: Version
    done: list[str] = field(default_factory=list)

    @staticmethod
    def of(table: Table) -> Updated:
        return Updated(table, table._session.catalog.versions(table._table_id, 1)[0])

    def taken_back(self) -> bool:
        """Makes the table what it was before, in one commit, and its history too.

        False if that cannot be done: the table has no past, or others changed it meanwhile, or need what is new.
        """
        if not self.done:
            return True
        session, table_id, path = self.table._session, self.table._table_id, self.table._path
        newest = session.catalog.versions(table_id, len(self.done) + 1)
        if newest[-1].commit != self.before.commit:
            return False
        try:
            with session.operation('revert', table_id, path, f'revert of {path!r}') as engine:
                commit_with_views(engine, taking_back(table_id, newest), table_id)
        except (Error, RequirementFailed):
            return False
        return True
