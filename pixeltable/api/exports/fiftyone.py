"""`pxt.io.export_images_as_fo_dataset`: pictures and labels as a dataset of FiftyOne, to look at in its app."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from pixeltable._support.optional import require
from pixeltable.api.default import session
from pixeltable.api.exports.foreign import Writing
from pixeltable.api.exports.rows import ROWS_AT_ONCE, Exported, exported
from pixeltable.api.reading import Readable
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.expr import require_expression
from pixeltable.media.references import is_content, local_path
from pixeltable.types.arrow import decode
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import fragment

_IMAGE = 'filepath'
_OF_SAMPLES = ('id', 'filepath', 'tags', 'metadata', 'created_at', 'last_modified_at')
_FORMATS = ('webp', 'png', 'jpeg', 'jpg', 'bmp', 'tiff')


def export_images_as_fo_dataset(
    tbl: Any,
    images: Any,
    image_format: str = 'webp',
    classifications: Any = None,
    detections: Any = None,
) -> Any:
    """Makes a FiftyOne dataset with a sample for each row whose picture is not NULL.

    Pictures that are files stay where they are. Others, such as frames and results of functions, are written into the folder
    `dataset_cache` of the home.

    Args:
        tbl: the table, or a query, of the rows.
        images: an expression of the pictures.
        image_format: how pictures that are no files are written: `'webp'`, without loss, `'png'`, `'jpeg'`, `'bmp'`, `'tiff'`.
        classifications: Json of lists of `{'label': 'zebra', 'confidence': 0.3}`: an expression, a list of them, or a dict by the
            names of the fields, which else are `classifications`, `classifications_1`, …
        detections: the same for lists of `{'label': …, 'confidence': …, 'bounding_box': [x, y, width, height]}`, the box in parts
            of width and height of the picture.

    Returns:
        A `fiftyone.Dataset`.

    Raises:
        RequestError: INVALID_ARGUMENT for something else, and for labels of another shape; INVALID_CONFIGURATION without the
            package fiftyone; UNSUPPORTED_OPERATION for what FiftyOne refuses. There is no dataset then.
    """
    if not isinstance(tbl, Readable):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'give a table or a query to export, not {tbl!r:.80}.')
    if image_format not in _FORMATS:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'image_format={image_format!r}: it must be one of {", ".join(map(repr, _FORMATS))}.',
        )
    if build.node(require_expression(images, 'images')).type.kind is not Kind.IMAGE:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'images is an expression of pictures, not {images!r}.')
    classes, boxes = _fields('classifications', classifications), _fields('detections', detections)
    twice = next((name for name in classes if name in boxes), None)
    if twice is not None:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{twice!r} is among classifications and detections; use two names.'
        )
    fo = require('fiftyone', 'fiftyone')
    folder = session().settings.home / 'dataset_cache' / f'fiftyone_{uuid.uuid4().hex}'
    dataset = None
    writing = Writing('export_images_as_fo_dataset()')
    try:
        query = tbl.select(**{_IMAGE: images}, **classes, **boxes)
        with exported(query, inline_images=True) as rows, writing.translated():
            dataset = fo.Dataset()
            dataset.add_samples(writing.watched(_samples(fo, rows, folder, image_format, set(classes))))
    except BaseException:
        if dataset is not None:
            dataset.delete()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return dataset


def _fields(kind: str, given: Any) -> dict[str, Any]:
    """The expressions of labels by the names of their fields."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        found = dict(given)
    else:
        given = given if isinstance(given, (list, tuple)) else [given]
        found = {f'{kind}_{number}' if number else kind: each for number, each in enumerate(given)}
    for name, each in found.items():
        if not isinstance(name, str) or not name.isidentifier() or name.startswith('_') or name in _OF_SAMPLES:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{kind}: {name!r} cannot be the name of a field of labels.')
        if build.node(require_expression(each, f'{kind} {name!r}')).type.kind is not Kind.JSON:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{kind}: {name!r} is no Json, but {each!r}.')
    return found


def _samples(fo: Any, rows: Exported, folder: Path, image_format: str, classes: Collection[str]) -> Iterator[Any]:
    for number, row in enumerate(_decoded(rows)):
        reference = row.pop(_IMAGE)
        if reference is not None:
            labels = {name: _labels(fo, value, name, number, is_class=name in classes) for name, value in row.items()}
            yield fo.Sample(filepath=_file(rows, reference, folder / f'{number:08}.{image_format}'), **labels)


def _decoded(rows: Exported) -> Iterator[dict[str, Any]]:
    for table in rows.rows.chunks(ROWS_AT_ONCE):
        columns = [decode(table.column(name), type_, rows.zone) for name, type_ in rows.types.items()]
        yield from (dict(zip(rows.types, values, strict=True)) for values in zip(*columns, strict=True))


def _file(rows: Exported, reference: str, path: Path) -> str:
    """The path of the picture; it is written to `path` if it has none that stays."""
    existing = None if is_content(reference) or fragment(reference) else local_path(reference)
    if existing is not None:
        return existing
    path.parent.mkdir(parents=True, exist_ok=True)
    image = rows.library.opened(reference, Kind.IMAGE)
    options = {'lossless': True} if path.suffix == '.webp' else {}
    if path.suffix in ('.jpeg', '.jpg', '.bmp') and image.mode not in ('RGB', 'L'):
        image = image.convert('RGB')
    image.save(path, **options)
    return str(path)


def _labels(fo: Any, value: Any, name: str, row: int, is_class: bool) -> Any:
    if value is None:
        return None
    if not isinstance(value, list) or not all(_is_label(each, has_box=not is_class) for each in value):
        shape = '' if is_class else ", 'bounding_box': [x, y, width, height]"
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f"{name!r}, row {row}: labels are a list of {{'label': …, 'confidence': …{shape}}}, not {value!r:.120}.",
        )
    label = fo.Classification if is_class else fo.Detection
    known = ('label', 'confidence') if is_class else ('label', 'confidence', 'bounding_box')
    labels = [label(**{key: each[key] for key in known if key in each}) for each in value]
    return fo.Classifications(classifications=labels) if is_class else fo.Detections(detections=labels)


def _is_label(value: Any, has_box: bool) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get('label'), str):
        return False
    return isinstance(value.get('confidence', 0.0), Real) and (not has_box or _is_box(value.get('bounding_box')))


def _is_box(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 4 and all(isinstance(side, Real) for side in value)
