"""Media inside of typed Json, such as the frames of a film: each of them a value, or the reference to one."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pixeltable.types.column_type import ColumnType, JsonList, JsonObject, Kind


@lru_cache(maxsize=1024)
def holds_media(type_: ColumnType) -> bool:
    """Whether it is of Json with media inside."""
    match type_.detail:
        case JsonObject(fields=fields):
            inside = [each for _, each in fields]
        case JsonList(head=head, rest=rest):
            inside = [*head, *([] if rest is None else [rest])]
        case _:
            return False
    return any(each.is_media or holds_media(each) for each in inside)


def replaced(value: Any, type_: ColumnType, change: Callable[[Any, Kind], Any]) -> Any:
    """`value` with what `change` gives for each of the media inside, in their order. NULL stays."""
    if type_.is_media:
        return value if value is None else change(value, type_.kind)
    match type_.detail:
        case JsonObject(fields=fields) if isinstance(value, dict) and holds_media(type_):
            types = dict(fields)
            return {key: replaced(each, types[key], change) if key in types else each for key, each in value.items()}
        case JsonList(head=head, rest=rest) if isinstance(value, list) and holds_media(type_):
            items = [*head, *[rest or ColumnType(Kind.JSON)] * (len(value) - len(head))]
            return [replaced(each, item, change) for each, item in zip(value, items, strict=False)]
    return value
