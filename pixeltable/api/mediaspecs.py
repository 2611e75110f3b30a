"""The options of columns that say when their media are checked, and where and how they are stored."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypedDict

from pixeltable._support.urls import without_secrets
from pixeltable.api.names import check_choice
from pixeltable.catalog.media_specs import MediaSpec
from pixeltable.catalog.records import ColumnRecord, TableRecord
from pixeltable.config.variables import URI, ConfigVar, declared_root
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.media.encoding import FORMATS, WITH_QUALITY
from pixeltable.types.column_type import ColumnType, Kind

Destination = str | os.PathLike[str] | ConfigVar[URI] | None

MEDIA_VALIDATION = ('on_write', 'on_read')


class MediaMetadata(TypedDict):
    """What `ColumnMetadata` has about media: when they are checked, where and how they are stored, and, for a column that is not
    computed, whether a copy is kept of what is referenced. None is what goes without saying.
    """

    media_validation: str | None
    destination: str | None
    format: str | None
    quality: int | None
    pin: bool | None


def media_spec(name: str, spec: Mapping[str, Any], *, computed: bool, type_: ColumnType) -> MediaSpec:
    """What a column's record keeps of them. Raises like `columnspecs.options_of`."""
    validation = spec.get('media_validation')
    destination, format_, quality, pin = (spec.get(key) for key in ('destination', 'format', 'quality', 'pin'))
    if validation is not None:
        check_choice(validation, MEDIA_VALIDATION, f'column {name!r}: media_validation')
        if not type_.is_media:
            raise _only(name, 'media_validation', 'an Image, Video, Audio or Document column')
    is_stored = spec.get('stored') is not False
    if destination is not None and not (computed and is_stored and type_.is_media):
        raise _only(name, 'destination', 'a stored computed column of type Image, Video, Audio or Document')
    for option, value in (('format', format_), ('quality', quality)):
        if value is not None and not (is_stored and type_.kind is Kind.IMAGE):
            raise _only(name, option, 'a stored Image column')
    if format_ is not None:
        check_choice(format_, FORMATS, f'column {name!r}: format')
    if quality is not None:
        if format_ not in WITH_QUALITY:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'column {name!r}: quality goes with a format that has one, {", ".join(WITH_QUALITY)}; not with {format_!r}.',
            )
        if type(quality) is not int or not 1 <= quality <= 100:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'column {name!r}: quality is from 1 to 100, not {quality!r}.'
            )
    if pin is not None and (computed or not type_.is_media):
        raise _only(name, 'pin', 'a column of media that is not computed')
    if not isinstance(pin, bool | None):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'column {name!r}: pin is True or False, not {pin!r}.')
    return MediaSpec(validation, _root(name, destination), format_, quality, pin)


def media_metadata(table: TableRecord, column: ColumnRecord) -> MediaMetadata:
    """With what the table says where the column says nothing."""
    said, is_media = column.media, column.type.is_media
    is_pinned = table.pin if said.pin is None else said.pin
    return {
        'media_validation': (said.validation or table.media_validation) if is_media else None,
        'destination': said.destination,
        'format': said.format,
        'quality': said.quality,
        'pin': is_pinned if is_media and not column.is_computed else None,
    }


def media_texts(metadata: MediaMetadata) -> tuple[str, ...]:
    """What was said of how media are stored, as `describe()` shows it."""
    others = (metadata['format'], metadata['quality'], metadata['destination'])
    return ('yes' if metadata['pin'] else '', *('' if each is None else str(each) for each in others))


def _root(name: str, destination: Any) -> str | None:
    try:
        return None if destination is None else declared_root(destination)
    except (TypeError, ValueError) as error:
        shown = without_secrets(destination) if isinstance(destination, str) else destination
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'column {name!r}: destination={shown!r} is no folder or URL: {error}.'
        ) from error


def _only(name: str, option: str, kind: str) -> RequestError:
    return RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'column {name!r}: only {kind} takes {option}; leave it out.')
