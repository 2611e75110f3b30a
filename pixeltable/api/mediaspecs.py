"""The options of columns that say where and how their media are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixeltable._support.urls import without_secrets
from pixeltable.api.names import check_choice
from pixeltable.catalog.media_specs import MediaSpec
from pixeltable.config.data_root import data_root
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.media.images import FORMATS, WITH_QUALITY
from pixeltable.types.column_type import ColumnType, Kind


def media_spec(name: str, spec: Mapping[str, Any], *, computed: bool, type_: ColumnType) -> MediaSpec:
    """What a column's record keeps of them. Raises like `columnspecs.options_of`."""
    validation = spec.get('media_validation')
    destination, format_, quality, pin = (spec.get(key) for key in ('destination', 'format', 'quality', 'pin'))
    if validation is not None:
        check_choice(validation, ('on_read', 'on_write'), f'column {name!r}: media_validation')
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


def _root(name: str, destination: Any) -> str | None:
    try:
        return None if destination is None else data_root(destination)
    except (TypeError, ValueError) as error:
        shown = without_secrets(destination) if isinstance(destination, str) else destination
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'column {name!r}: destination={shown!r} is no folder or URL: {error}.'
        ) from error


def _only(name: str, option: str, kind: str) -> RequestError:
    return RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'column {name!r}: only {kind} takes {option}; leave it out.')
