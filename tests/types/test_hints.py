import dataclasses
import datetime
import enum
import pathlib
import subprocess
import sys
import typing
import uuid
from collections.abc import Sequence
from typing import Any, Literal, NewType, TypedDict

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image as PillowImage

from pixeltable.types import spelling as pxt
from pixeltable.types.spelling import from_hint


class Color(enum.Enum):
    RED = 'red'
    BLUE = 'blue'


class Tree(TypedDict):
    label: str
    children: 'list[Tree]'


@dataclasses.dataclass
class Point:
    x: float
    y: float | None = None


UserId = NewType('UserId', int)


@pytest.mark.parametrize(
    ('hint', 'text'),
    [
        (str, 'String'),
        (int, 'Int'),
        (float, 'Float'),
        (bool, 'Bool'),
        (bytes, 'Binary'),
        (datetime.datetime, 'Timestamp'),
        (datetime.date, 'Date'),
        (uuid.UUID, 'UUID'),
        (pathlib.Path, 'String'),
        (dict, 'Json'),
        (dict[str, int], 'Json'),
        (list, 'Json'),
        (list[int], 'Json[(Int, ...)]'),
        (Sequence[str], 'Json[(String, ...)]'),
        (list[Any], 'Json'),
        (tuple[int, str], 'Json[(Int, String)]'),
        (tuple[int, ...], 'Json[(Int, ...)]'),
        (Any, 'Json | None'),
        (typing.Optional[int], 'Int | None'),  # noqa: UP045
        (int | float | None, 'Float | None'),
        (str | dict, 'Json'),
        (str | int, 'Json'),
        (Literal['a', 'b'], 'String'),
        (Literal[1, 2.5], 'Float'),
        (Color, 'String'),
        (UserId, 'Int'),
        (np.ndarray, 'Array'),
        (npt.NDArray[np.float32], 'Array[float32]'),
        (np.float32, 'Float'),
        (np.int64, 'Int'),
        (np.bool_, 'Bool'),
        (PillowImage.Image, 'Image'),
        (pxt.Image['RGB'] | None, "Image['RGB'] | None"),
        (pxt.Array[(3,), pxt.Float], 'Array[(3,), float32]'),
        (Point, "Json[{'x': Float, 'y': Float | None}]"),
    ],
)
def test_hints(hint: Any, text: str) -> None:
    assert str(from_hint(hint)) == text


def test_recursive_model_ends() -> None:
    assert str(from_hint(Tree)) == "Json[{'label': String, 'children': Json[(Json, ...)]}]"


@pytest.mark.parametrize('hint', [object, set, None, print, 3, 'str', complex, int | set, Literal[()]])
def test_unsupported_hints_give_none(hint: Any) -> None:
    assert from_hint(hint) is None


def test_pydantic_model() -> None:
    pydantic = pytest.importorskip('pydantic')
    model = pydantic.create_model('Movie', title=(str, ...), year=(int, 1970))
    found = from_hint(model)
    assert str(found) == "Json[{'title': String, 'year': Int}]"
    assert found is not None
    assert found.detail.optional == {'year'}  # type: ignore[union-attr]


def test_the_names_load_without_heavy_packages() -> None:
    heavy = '{"numpy", "pyarrow", "pandas", "pydantic", "PIL"} & sys.modules.keys()'
    code = f'import sys; import pixeltable.types.spelling, pixeltable.types.infer; sys.exit(len({heavy}))'
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0
