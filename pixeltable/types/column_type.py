"""What a column holds: one frozen value for each type, with its parameters.

Users spell types through `pixeltable.types.spelling`; everything below the API passes `ColumnType` around.
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from typing import Any


class Kind(enum.StrEnum):
    """The families of types. The value is the name that users know."""

    STRING = 'String'
    INT = 'Int'
    FLOAT = 'Float'
    BOOL = 'Bool'
    TIMESTAMP = 'Timestamp'
    DATE = 'Date'
    UUID = 'UUID'
    BINARY = 'Binary'
    JSON = 'Json'
    ARRAY = 'Array'
    IMAGE = 'Image'
    VIDEO = 'Video'
    AUDIO = 'Audio'
    DOCUMENT = 'Document'


MEDIA_KINDS = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.DOCUMENT})
NUMERIC_KINDS = frozenset({Kind.BOOL, Kind.INT, Kind.FLOAT})


@dataclass(frozen=True, slots=True)
class ArrayShape:
    """Shape and element type of an array; None is 'any'.

    `dtype` is a NumPy dtype name (`'float32'`), or `'str'`. A shape of `(3, None)` has a free second dimension.
    """

    shape: tuple[int | None, ...] | None = None
    dtype: str | None = None

    @property
    def is_fixed(self) -> bool:
        return self.shape is not None and None not in self.shape and self.dtype not in (None, 'str')


@dataclass(frozen=True, slots=True)
class ImageShape:
    """Size `(width, height)` and Pillow mode of an image; None is 'any'."""

    size: tuple[int, int] | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class JsonObject:
    """A Json object with known keys; keys in `optional` may be missing."""

    fields: tuple[tuple[str, ColumnType], ...]
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JsonList:
    """A Json list: `head` types position by position, then any number of `rest`, or none if it is None."""

    head: tuple[ColumnType, ...] = ()
    rest: ColumnType | None = None


Detail = ArrayShape | ImageShape | JsonObject | JsonList


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type: its kind, whether NULL is allowed, and the parameters that some kinds have."""

    kind: Kind
    nullable: bool = False
    detail: Detail | None = None

    def with_nullable(self, nullable: bool) -> ColumnType:
        return self if nullable == self.nullable else dataclasses.replace(self, nullable=nullable)

    @property
    def is_media(self) -> bool:
        return self.kind in MEDIA_KINDS

    @property
    def is_images(self) -> bool:
        """Whether it is a Json list of images, such as the frames of a film: each an image, or a reference to one."""
        return (
            isinstance(self.detail, JsonList) and self.detail.rest is not None and self.detail.rest.kind is Kind.IMAGE
        )

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC_KINDS

    @property
    def array(self) -> ArrayShape:
        """The array parameters; an open shape where none were given."""
        return self.detail if isinstance(self.detail, ArrayShape) else ArrayShape()

    def __str__(self) -> str:
        """The type as the user would write it, without the `pxt.` prefix."""
        text = self.kind.value + _parameters(self.detail)
        return f'{text} | None' if self.nullable else text

    __repr__ = __str__


def _parameters(detail: Detail | None) -> str:
    parts: list[str]
    match detail:
        case ArrayShape(shape, dtype):
            parts = [repr(shape)] if shape is not None else []
            parts += [dtype] if dtype is not None else []
        case ImageShape(size, mode):
            parts = [repr(size)] if size is not None else []
            parts += [repr(mode)] if mode is not None else []
        case JsonObject(fields, _):
            parts = ['{' + ', '.join(f'{name!r}: {type_}' for name, type_ in fields) + '}']
        case JsonList((), rest) if rest is not None:
            parts = [f'({rest}, ...)']
        case JsonList(head, rest):
            items = [str(item) for item in head] + ([f'{rest}, ...'] if rest is not None else [])
            parts = ['(' + ', '.join(items) + ')']
        case _:
            return ''
    return f'[{", ".join(parts)}]' if parts else ''


STRING = ColumnType(Kind.STRING)
INT = ColumnType(Kind.INT)
FLOAT = ColumnType(Kind.FLOAT)
BOOL = ColumnType(Kind.BOOL)
TIMESTAMP = ColumnType(Kind.TIMESTAMP)
DATE = ColumnType(Kind.DATE)
UUID = ColumnType(Kind.UUID)
BINARY = ColumnType(Kind.BINARY)
JSON = ColumnType(Kind.JSON)
ARRAY = ColumnType(Kind.ARRAY)
IMAGE = ColumnType(Kind.IMAGE)
VIDEO = ColumnType(Kind.VIDEO)
AUDIO = ColumnType(Kind.AUDIO)
DOCUMENT = ColumnType(Kind.DOCUMENT)


def to_document(type_: ColumnType) -> Any:
    """`type_` as JSON-able data, for the catalog: a bare name, or `{'kind', 'nullable', …parameters}`."""
    if type_.detail is None and not type_.nullable:
        return type_.kind.value
    document: dict[str, Any] = {'kind': type_.kind.value}
    if type_.nullable:
        document['nullable'] = True
    match type_.detail:
        case ArrayShape(shape, dtype):
            document['array'] = {'shape': None if shape is None else list(shape), 'dtype': dtype}
        case ImageShape(size, mode):
            document['image'] = {'size': None if size is None else list(size), 'mode': mode}
        case JsonObject(fields, optional):
            document['object'] = {
                'fields': [[name, to_document(field)] for name, field in fields],
                'optional': sorted(optional),
            }
        case JsonList(head, rest):
            document['list'] = {
                'head': [to_document(item) for item in head],
                'rest': None if rest is None else to_document(rest),
            }
    return document


def from_document(document: Any) -> ColumnType:
    """The inverse of `to_document`."""
    if isinstance(document, str):
        return ColumnType(Kind(document))
    detail: Detail | None = None
    if 'array' in document:
        shape = document['array']['shape']
        detail = ArrayShape(None if shape is None else tuple(shape), document['array']['dtype'])
    elif 'image' in document:
        size = document['image']['size']
        detail = ImageShape(None if size is None else (size[0], size[1]), document['image']['mode'])
    elif 'object' in document:
        fields = tuple((name, from_document(field)) for name, field in document['object']['fields'])
        detail = JsonObject(fields, frozenset(document['object']['optional']))
    elif 'list' in document:
        rest = document['list']['rest']
        head = tuple(from_document(item) for item in document['list']['head'])
        detail = JsonList(head, None if rest is None else from_document(rest))
    return ColumnType(Kind(document['kind']), document.get('nullable', False), detail)
