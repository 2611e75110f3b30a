"""The base class of models, and the class of its subclasses."""

from __future__ import annotations

import sys
import uuid
from typing import Any

from pixeltable.api.mediaspecs import MEDIA_VALIDATION
from pixeltable.api.models.bases import implied_types
from pixeltable.api.models.binding import DEFERRED, Model, ModelQuery, called
from pixeltable.api.models.columns import Body, BtreeIndex, EmbeddingIndex, placeholder
from pixeltable.api.models.differences import column_name
from pixeltable.api.models.verbs import VERBS
from pixeltable.api.names import check_choice, normal_path
from pixeltable.api.table import GIVING_WAY, RESERVED
from pixeltable.errors import ErrorCode, MissingAttributeError, RequestError, did_you_mean
from pixeltable.iterators.function import IteratorCall
from pixeltable.types.column_type import INT

_OPTIONS = ('has_default_idxs', 'media_validation', 'comment', 'custom_metadata', '_is_data_versioned')


class ModelClass(type):
    """Makes models of the bodies of classes. `Model.column` is an expression, `Model.verb` that of its table."""

    @classmethod
    def __prepare__(
        cls, cls_name: str, bases: tuple[type, ...], /, base: Any = None, iterator: Any = None, **_options: Any
    ) -> Any:
        if not bases:
            return {}
        frame = sys._getframe(1)
        return Body(uuid.uuid4().hex, cls_name, frame.f_globals | frame.f_locals, implied_types(base, iterator))

    def __new__(metacls, cls_name: str, bases: tuple[type, ...], body: Any, **options: Any) -> Any:
        if not bases:
            return super().__new__(metacls, cls_name, bases, body)
        made = super().__new__(metacls, cls_name, bases, dict(body))
        known: dict[str, Model] = made.__pxt_models__
        made.__pxt_model__ = _model(cls_name, body, options, known)  # type: ignore[attr-defined]
        known[body.key] = made.__pxt_model__
        return made

    def __init__(cls, cls_name: str, bases: tuple[type, ...], body: Any, **_options: Any) -> None:
        super().__init__(cls_name, bases, body)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith('__'):
            raise AttributeError(name)
        model: Model = cls.__pxt_model__
        if name == 'table':
            return model.bound()
        is_column = any(known.lower() == name.lower() for known in model.types)
        if name in RESERVED or (name in GIVING_WAY and not is_column):
            return _verb(model, name)
        if model.table is not None:
            return model.table[name]
        for number, known in enumerate(model.types, 1):
            if known.lower() == name.lower():
                return placeholder(model.key, model.cls_name, known, number, model.types[known])
        if name == 'id':
            return placeholder(model.key, model.cls_name, 'id', 0, INT)
        raise MissingAttributeError(
            ErrorCode.COLUMN_NOT_FOUND,
            f'model {model.cls_name} has no column {name!r}.{did_you_mean(name, list(model.types))}',
        )

    def __repr__(cls) -> str:
        model = cls.__dict__.get('__pxt_model__')
        if model is None or model.table is None:
            return super().__repr__()
        return f'{model.cls_name}: {model.table!r}'


def _verb(model: Model, name: str) -> Any:
    """A verb of the model's table; one that builds a query also works before there is a table."""
    if model.table is not None:
        verb = getattr(model.table, name)
        return lambda *args, **kwargs: called(model, verb, args, kwargs)
    if name in DEFERRED:
        return getattr(ModelQuery(model), name)
    return model.bound()


def _model(cls_name: str, body: Body, options: dict[str, Any], known: dict[str, Model]) -> Model:
    name, base, iterator = options.pop('name', None), options.pop('base', None), options.pop('iterator', None)
    if not isinstance(name, str) or '/' in normal_path(name):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f"model {cls_name}: name the table, as in class {cls_name}(Base, name='docs')."
        )
    if any(model.name == name for model in known.values()):
        raise RequestError(
            ErrorCode.INVALID_SCHEMA, f'model {cls_name}: another model has the name {name!r}; use another.'
        )
    for option in options:
        if option not in _OPTIONS or (base is not None and option == '_is_data_versioned'):
            allowed = ', '.join(('name', 'base', 'iterator', *_OPTIONS))
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'model {cls_name}: {option!r} is no option here; options are {allowed}.'
            )
    check_choice(options.get('media_validation', 'on_write'), MEDIA_VALIDATION, 'media_validation')
    if iterator is not None and (base is None or not isinstance(iterator, IteratorCall)):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'model {cls_name}: iterator is a call of an iterator, and needs a base.'
        )
    if base is None and all(column.value is not None for column in body.columns.values()):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'model {cls_name} has no column to insert into; declare one, as in k: pxt.Int.'
        )
    indexes = list(body.get('__indexes__', ()))
    for index in indexes:
        if not isinstance(index, (BtreeIndex, EmbeddingIndex)):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'model {cls_name}: __indexes__ holds pxt.EmbeddingIndex and pxt.BtreeIndex, not {index!r:.80}.',
            )
        if column_name(index).lower() not in {name.lower() for name in body.types}:
            raise RequestError(
                ErrorCode.INVALID_SCHEMA, f'model {cls_name}: there is no column {column_name(index)!r} to index.'
            )
    return Model(
        body.key, cls_name, normal_path(name), body.columns, body.types, indexes, base, iterator, options, known
    )


def model_base(cls_name: str = 'TableModel') -> Any:
    """The base class for models: classes that declare tables.

        Base = pxt.model_base()

        class Docs(Base, name='docs'):
            text: pxt.String
            size = text.len()

        Base.create_all()
        Docs.insert([{'text': 'hello'}])

    Its class methods concern all models that are derived from it: `create_all`, `bind_all`, `get_model_diff`, `diff_all` and
    `update_all`, each for the directory in which the tables lie.
    """
    if not isinstance(cls_name, str) or not cls_name.isidentifier():
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'model_base(): {cls_name!r:.80} cannot name a class.')
    body = {'__pxt_models__': {}, '__doc__': 'The base class of models.', '__module__': __name__}
    return ModelClass(cls_name, (), body | {verb.__name__: classmethod(verb) for verb in VERBS})
