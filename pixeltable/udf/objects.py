"""What of an object, a class or a function is data or code of the user's, and what is not worth a look."""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import inspect
import io
import os
import string
import sys
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from pixeltable.udf import references

_CONTAINERS = (
    dict,
    list,
    set,
    collections.defaultdict,
    collections.OrderedDict,
    collections.deque,
    collections.Counter,
)
_CONSTRUCTORS = ('__init__', '__new__', '__post_init__', '__setstate__')
_NOTHING = object()
_WRAPPED = ('__wrapped__', *functools.WRAPPER_ASSIGNMENTS)


class Watched(NamedTuple):
    """A function that was looked at, and what it was made of then: a reload may change it in place.

    `read` has what it read: the namespace, the name in it, and the value.
    """

    function: FunctionType
    code: CodeType
    defaults: Any
    read: tuple[tuple[Mapping[str, Any], str, Any], ...]

    def is_unchanged(self) -> bool:
        """Whether it still has this code, and the names that it reads still stand for the same objects."""
        return (
            self.function.__code__ is self.code
            and self.function.__defaults__ is self.defaults
            and all(names.get(name, self) is value for names, name, value in self.read)
        )


def watched(function: FunctionType, read: Mapping[str, Any]) -> Watched:
    """What to look at to see whether `function`, which reads `read`, has changed."""
    places = ((_namespace(function, text.rpartition('.')[0]), text.rpartition('.')[2], read[text]) for text in read)
    found = tuple((names, name, value) for names, name, value in places if names.get(name, _NOTHING) is value)
    return Watched(function, function.__code__, function.__defaults__, found)


def _namespace(function: FunctionType, path: str) -> Mapping[str, Any]:
    """The names of the module that `path` stands for in `function`; of its own module for an empty path."""
    names: Mapping[str, Any] = function.__globals__
    for part in filter(None, path.split('.')):
        found = names.get(part)
        names = vars(found) if isinstance(found, ModuleType) else {}
    return names


class Stream(NamedTuple):
    """A standard stream, which a program may replace by another one."""

    name: str

    def __repr__(self) -> str:
        mode = 'r' if self.name == 'stdin' else 'w'
        return f"_io.TextIOWrapper <_io.TextIOWrapper name='<{self.name}>' mode='{mode}' encoding='utf-8'>"


def stream(value: Any) -> Stream | None:
    """The standard stream that `value` is, None if it is none."""
    names = ('stdin', 'stdout', 'stderr')
    return next(
        (Stream(name) for name in names if value is getattr(sys, name) or value is getattr(sys, f'__{name}__')), None
    )


def is_of_process(value: Any) -> bool:
    """True for what belongs to the running process and is no input of a function's code, such as its environment."""
    return isinstance(value, (os._Environ, io.IOBase)) or any(
        value is each for each in (sys.argv, sys.path, sys.modules, sys.flags)
    )


def is_container(value: Any) -> bool:
    """True for the containers that programs keep their caches in."""
    return type(value) in _CONTAINERS


def registered(function: FunctionType) -> Mapping[Any, Any] | None:
    """The implementations of a `functools.singledispatch` function, None for any other."""
    found = vars(function).get('registry')
    return found if isinstance(found, MappingProxyType) else None


def is_own(cls: type, name: str) -> bool:
    """True for what the user wrote in a class, not what Python or `dataclass` added."""
    member = vars(cls)[name]
    if isinstance(member, FunctionType):
        return member.__code__.co_filename != '<string>'
    if not (name.startswith('__') and name.endswith('__')):
        return True
    return name in ('__dataclass_fields__', '__pydantic_fields__') or _is_users(member)


def _is_users(member: Any) -> bool:
    """Whether it is a static or class method that the user wrote, such as `__new__`."""
    inner = getattr(member, '__func__', None) if isinstance(member, (staticmethod, classmethod)) else member
    if not isinstance(inner, FunctionType) or inner.__code__.co_filename == '<string>':
        return False
    return references.is_user_module(inner.__module__)


def has_own_code(cls: type) -> bool:
    """Whether a class of the user's own has methods."""
    if not references.is_user_module(cls.__module__):
        return False
    return any(_is_users(member) or isinstance(member, property) for member in vars(cls).values())


def hidden_in_class(cls: type) -> Iterator[Any]:
    """What else decides how a class behaves, and is in none of its members as it stands."""
    if type(cls) is not type and references.is_user_module(type(cls).__module__):
        yield type(cls)
    for field in dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ():
        if field.name not in vars(cls).get('__dataclass_fields__', {}):
            continue
        # Without slots, a default is a class attribute.
        if field.default is not dataclasses.MISSING and vars(cls).get(field.name) is not field.default:
            yield field.name, field.default
        if field.default_factory is not dataclasses.MISSING and references.is_user_module(
            field.default_factory.__module__
        ):
            yield field.name, field.default_factory
    for field_name, info in vars(cls).get('__pydantic_fields__', {}).items():
        if info.default_factory is not None:
            yield field_name, info.default_factory
    if issubclass(cls, enum.Enum):
        known = vars(cls).get('_value2member_map_', {})
        yield from (
            (member.name, member.value)
            for member in vars(cls).get('_member_map_', {}).values()
            if not (member.__hash__ and _is_key(member.value, known))
        )


def _is_key(value: Any, mapping: Mapping[Any, Any]) -> bool:
    try:
        return value in mapping
    except TypeError:
        return False


def content(value: Any) -> list[Any]:
    """What an object holds, where that is not just its `repr`; nothing for an object that is only known by its kind."""
    for kind, parts in _KNOWN:
        if isinstance(value, kind):
            return parts(value)
    wrapped = getattr(value, '__wrapped__', None)
    is_users = references.is_user_module(type(value).__module__)
    found = [wrapped] if callable(wrapped) else []
    if not is_users:
        return found or _template(value)
    base = next((base for base in (str, bytes, int, float) if isinstance(value, base)), None)
    if base is not None:
        found.append(base(value))
    attributes = _attributes(value)
    if attributes is not None and (attributes or not found):
        found.append(attributes)
    return found


_KNOWN: list[tuple[Any, Callable[[Any], list[Any]]]] = [
    (functools.cached_property, lambda value: [value.func]),
    (functools.partialmethod, lambda value: [value.func, value.args, value.keywords]),
    (functools.singledispatchmethod, lambda value: [value.func, dict(value.dispatcher.registry)]),
    (string.Template, lambda value: [value.template]),
    (dataclasses.Field, lambda value: []),  # see `hidden_in_class`
    ((MappingProxyType, collections.ChainMap), lambda value: [dict(value)] if ' at 0x' in repr(value) else []),
    (collections.deque, lambda value: [list(value)] if ' at 0x' in repr(value) else []),
    (SimpleNamespace, lambda value: [vars(value)] if ' at 0x' in repr(value) else []),
]


def _template(value: Any) -> list[Any]:
    """The compiled text of a Jinja template, which keeps nothing else of it."""
    render = getattr(value, 'root_render_func', None)
    return [render, dict(getattr(value, 'blocks', {}))] if isinstance(render, FunctionType) else []


def _attributes(value: Any) -> dict[str, Any] | None:
    """The attributes of an object of the user's own, without what its methods keep in it for later."""
    cls = type(value)
    slots = [name for base in cls.__mro__ for name in _slots(base) if name not in ('__dict__', '__weakref__')]
    if not hasattr(value, '__dict__') and not (slots and ' at 0x' in repr(value)):
        return None
    found = dict(getattr(value, '__dict__', {}))
    found |= {name: getattr(value, name) for name in slots if hasattr(value, name)}
    if callable(found.get('__wrapped__')):
        found = {name: each for name, each in found.items() if name not in _WRAPPED}
        if not found:
            return None
    kept = _kept_by_methods(cls)
    return {
        name: _initial(each) if name in kept else each
        for name, each in found.items()
        if not isinstance(inspect.getattr_static(cls, name, None), functools.cached_property)
    }


def _initial(value: Any) -> Any:
    """What an attribute that methods set most likely was before."""
    return type(value)() if type(value) in (*_CONTAINERS, bool, int, float, str) else None


def _slots(cls: type) -> tuple[str, ...]:
    slots = vars(cls).get('__slots__', ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _kept_by_methods(cls: type) -> set[str]:
    """The private attributes that methods other than the constructor set: a client made at its first use, a cached result."""
    found: set[str] = set()
    for base in filter(lambda base: references.is_user_module(base.__module__), cls.__mro__):
        for name, member in vars(base).items():
            if isinstance(member, FunctionType) and name not in _CONSTRUCTORS:
                found |= references.attributes_set(member)
    return {name for name in found if name.startswith('_')}
