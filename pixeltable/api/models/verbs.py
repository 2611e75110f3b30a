"""What the base class of models does for all of them: compare them with their tables, bind them, create and change tables."""

from __future__ import annotations

from typing import Any

from pixeltable.api.default import say, session
from pixeltable.api.models.applying import create, undo, update
from pixeltable.api.models.binding import Model
from pixeltable.api.models.differences import TableDiff, diff
from pixeltable.api.models.updated import Updated
from pixeltable.api.names import normal_path
from pixeltable.api.paths import get_table, missing
from pixeltable.api.table import Table
from pixeltable.errors import ErrorCode, NotFoundError, RequestError


def get_model_diff(cls: type, catalog_dir: str = '') -> dict[str, TableDiff]:
    """How each model differs from its table, by the name of the table."""
    directory = _directory(catalog_dir)
    return {model.name: diff(model, directory) for model in _models(cls).values()}


def diff_all(cls: type, catalog_dir: str = '') -> None:
    """Prints how models and tables differ."""
    found = get_model_diff(cls, catalog_dir).values()
    changes = [str(each) for each in found if each.resolution != 'up_to_date']
    say('\n'.join(changes or ['All tables are as their models say.']), always=True)


def bind_all(cls: type, catalog_dir: str = '') -> None:
    """Binds all models to tables that exist. Raises PATH_NOT_FOUND for one that does not, ALREADY_BOUND."""
    directory = _directory(catalog_dir)
    found = []
    for model in _models(cls).values():
        model.check_directory(directory)
        found.append((model, get_table(model.path(directory))))
    for model, table in found:
        if table is not None:
            model.bind(table, directory)


def create_all(cls: type, catalog_dir: str = '') -> dict[str, TableDiff]:
    """Creates the tables that do not exist, and binds all models. Raises SCHEMA_MISMATCH if one differs from its model."""
    found = get_model_diff(cls, catalog_dir)
    differing = [str(each) for each in found.values() if each.resolution not in ('up_to_date', 'create')]
    if differing:
        raise RequestError(
            ErrorCode.SCHEMA_MISMATCH, '\n'.join(['there are tables that differ from their models:', *differing])
        )
    _carry_out(_models(cls), _directory(catalog_dir), found)
    return found


def update_all(cls: type, catalog_dir: str = '', *, allow_destructive: bool = False) -> dict[str, TableDiff]:
    """Creates and changes tables until they are as their models say. Expressions that changed leave cells stale.

    Raises SCHEMA_MISMATCH if a difference cannot be mended, DESTRUCTIVE_SCHEMA_CHANGE if something would be dropped
    without `allow_destructive`. Then nothing is changed, and neither is if a change fails, as a computed column may; only what
    others have changed meanwhile is not taken back: a note of the error lists what stays then.
    """
    found = get_model_diff(cls, catalog_dir)
    wrong = [str(each) for each in found.values() if each.resolution == 'unsupported']
    if wrong:
        text = '\n'.join(['there are tables that cannot become what their models say:', *wrong])
        raise RequestError(ErrorCode.SCHEMA_MISMATCH, text)
    dropping = [str(each) for each in found.values() if each.resolution == 'update_destructive']
    if dropping and not allow_destructive:
        raise RequestError(
            ErrorCode.DESTRUCTIVE_SCHEMA_CHANGE,
            '\n'.join(['something would be dropped; pass allow_destructive=True if that is meant:', *dropping]),
        )
    _carry_out(_models(cls), _directory(catalog_dir), found)
    return found


VERBS = (get_model_diff, diff_all, bind_all, create_all, update_all)
"""The class methods of the base class."""


def _models(cls: Any) -> dict[str, Model]:
    """All models that have this base class, by key."""
    found: dict[str, Model] = cls.__pxt_models__
    return found


def _directory(catalog_dir: str) -> str:
    """The directory. Raises DIRECTORY_NOT_FOUND."""
    directory = normal_path(catalog_dir, root=True)
    current = session()
    if directory and not current.catalog.is_directory(directory):
        raise NotFoundError(ErrorCode.DIRECTORY_NOT_FOUND, missing(current, directory, wanted='directory').message)
    return directory


def _carry_out(known: dict[str, Model], directory: str, found: dict[str, TableDiff]) -> None:
    """Makes all tables as their models say. If one fails, all are as before, or the error says what could not be taken back."""
    for model in known.values():
        model.check_directory(directory)
    made: list[Model] = []
    changed: list[Updated] = []
    try:
        for model in known.values():
            if found[model.name].exists:
                changed.append(Updated.of(_bound(model, directory)))
                update(model, found[model.name], changed[-1].done)
            else:
                create(model, directory)
                made.append(model)
    except BaseException as error:
        for model in reversed(made):
            undo(model)
        left = [done for each in reversed(changed) if not each.taken_back() for done in each.done]
        if left:
            error.add_note('\n'.join(['These changes stay; update_all() again makes the rest:', *left]))
        raise


def _bound(model: Model, directory: str) -> Table:
    """The table of a model, bound to it. Raises PATH_NOT_FOUND."""
    table = get_table(model.path(directory))
    assert table is not None
    model.bind(table, directory)
    return table
