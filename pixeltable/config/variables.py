"""Values that a program leaves to the place where it runs. `pxt.ConfigVar('media', pxt.URI)` stands for what the environment
variable `PIXELTABLE_VAR_MEDIA` says when it is needed; only the reference `$media` is stored."""

from __future__ import annotations

import os
import re
from typing import Any, Generic, TypeVar

from pixeltable._support.urls import without_secrets
from pixeltable.config.data_root import data_root
from pixeltable.errors import ErrorCode, RequestError

_SIGN = '$'
_NAME = re.compile('[a-z_][a-z0-9_]*')


class URI(str):
    """A folder, or a URL such as `'s3://bucket/prefix'` or `'file:///folder'`.

    Raises:
        RequestError: INVALID_ARGUMENT for what is neither.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> URI:
        try:
            data_root(text)
        except (TypeError, ValueError) as error:
            shown = without_secrets(text) if isinstance(text, str) else text
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{shown!r} is no folder or URL: {error}.') from error
        return super().__new__(cls, text)


T = TypeVar('T', bound=str)


class ConfigVar(Generic[T]):
    """A value that the environment says: of the variable `PIXELTABLE_VAR_<NAME>`, each time that it is needed.

        media = pxt.ConfigVar('media', pxt.URI)
        t.add_computed_column(small=t.img.resize((64, 48)), destination=media)

    The column is declared once, and each machine or deployment says where its media go. `value()` reads it, in functions too.

    Args:
        name: small letters, digits and underscores.
        type_: `pxt.URI` for a folder or a URL, `str` for any text.

    Raises:
        RequestError: INVALID_ARGUMENT for another name or type.
    """

    def __init__(self, name: str, type_: type[T]) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'ConfigVar: a name has small letters, digits and underscores, as in media_dest; not {name!r}.',
            )
        if type_ not in (str, URI):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'ConfigVar {name!r}: its type is str or pxt.URI, not {type_!r}.'
            )
        self.name = name
        self.type_ = type_

    @property
    def env_var(self) -> str:
        """The environment variable that has the value."""
        return f'PIXELTABLE_VAR_{self.name.upper()}'

    def value(self) -> T:
        """What the environment says now.

        Raises:
            RequestError: MISSING_REQUIRED if it says nothing, INVALID_CONFIGURATION if it is to be a `pxt.URI` and is none.
        """
        text = os.environ.get(self.env_var)
        if not text:
            raise RequestError(
                ErrorCode.MISSING_REQUIRED, f'ConfigVar {self.name!r}: set the environment variable {self.env_var}.'
            )
        try:
            return self.type_(text)
        except RequestError as error:
            raise RequestError(
                ErrorCode.INVALID_CONFIGURATION, f'environment variable {self.env_var}: {error.message}'
            ) from error

    def __str__(self) -> str:
        """The reference that is stored, as in `$media`."""
        return f'{_SIGN}{self.name}'

    def __format__(self, _: str) -> str:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'ConfigVar {self.name!r} has no value yet that a string could hold; value() gives the one of now.',
        )

    def __repr__(self) -> str:
        return f'ConfigVar({self.name!r}, {self.type_.__name__})'


def declared_root(place: Any) -> str:
    """What is stored of a folder or a URL, or of a variable for one. Raises like `data_root`."""
    if not isinstance(place, ConfigVar):
        return data_root(place)
    if place.type_ is not URI:
        raise TypeError(f'it needs ConfigVar({place.name!r}, pxt.URI)')
    return str(place)


def is_late(declared: str) -> bool:
    """Whether it is a variable."""
    return declared.startswith(_SIGN)


def root_now(declared: str) -> str:
    """The data root that `declared_root` stands for now. Raises like `ConfigVar.value`."""
    if not is_late(declared):
        return declared
    return data_root(ConfigVar(declared.removeprefix(_SIGN), URI).value())
