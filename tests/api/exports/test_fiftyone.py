"""FiftyOne keeps datasets in MongoDB, which tests do not have: up to there."""

from __future__ import annotations

import importlib.util

import pytest

import pixeltable as pxt


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'image_format': 'gif'}, 'gif'),
        ({'images': 's'}, 'pictures'),
        ({'classifications': 's'}, 'no Json'),
        ({'classifications': {'id': 'j'}}, "'id'"),
        ({'classifications': {'x': 'j'}, 'detections': {'x': 'j'}}, 'two names'),
    ],
)
def test_mistakes(things: pxt.Table, options: dict[str, object], text: str) -> None:
    def expression(value: object) -> object:
        return {name: things[each] for name, each in value.items()} if isinstance(value, dict) else things[value]

    given = {name: value if name == 'image_format' else expression(value) for name, value in options.items()}
    with pytest.raises(pxt.RequestError, match=text) as caught:
        pxt.io.export_images_as_fo_dataset(**{'tbl': things, 'images': things.im} | given)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT


def test_something_else() -> None:
    with pytest.raises(pxt.RequestError, match='table or a query'):
        pxt.io.export_images_as_fo_dataset(5, 5)


@pytest.mark.skipif(importlib.util.find_spec('fiftyone') is not None, reason='FiftyOne is installed')
def test_without_the_package(things: pxt.Table) -> None:
    with pytest.raises(pxt.RequestError, match='fiftyone') as caught:
        pxt.io.export_images_as_fo_dataset(things, things.im)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_CONFIGURATION
