"""Results as datasets that other programs train on: for PyTorch, and in the format of COCO."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from pixeltable._support.optional import require
from pixeltable.api.cells import presented
from pixeltable.api.results import ResultSet
from pixeltable.api.whole_files import write_whole
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.media.library import Library
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.pictures import is_image

if TYPE_CHECKING:
    from pixeltable.session import Session

ROWS_AT_ONCE = 1024
IMAGE_FORMATS = ('pt', 'np')


def to_pytorch(session: Session, result: ResultSet, image_format: str) -> Any:
    """An `IterableDataset` over the rows, which are kept in a file of the folder `dataset_cache` of the home."""
    torch = require('torch', 'huggingface')
    path = _cached(session, result)

    class Rows(torch.utils.data.IterableDataset):  # type: ignore[misc, name-defined]
        """The rows of a query as dicts. The workers of a `DataLoader` share them out."""

        def __iter__(self) -> Iterator[dict[str, Any]]:
            worker = torch.utils.data.get_worker_info()
            first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
            file = pq.ParquetFile(path)
            for group in range(first, file.num_row_groups, step):
                for row in result.of(file.read_row_group(group)):
                    yield {name: _for_torch(value, image_format, torch) for name, value in row.items()}

        def __len__(self) -> int:
            return len(result)

    return Rows()


def _cached(session: Session, result: ResultSet) -> Path:
    """A file with the rows; equal rows are in it already."""
    data = result.to_arrow()
    sink = hashlib.sha256(str(data.schema).encode())
    for batch in data.combine_chunks().to_batches():
        sink.update(batch.serialize())
    folder = session.settings.home / 'dataset_cache'
    path = folder / f'{sink.hexdigest()[:32]}.parquet'
    if not path.exists():
        write_whole(path, lambda part: pq.write_table(data, part, row_group_size=ROWS_AT_ONCE))
    return path


def _for_torch(value: Any, image_format: str, torch: Any) -> Any:
    """Pictures as tensors of channels, rows and columns in [0, 1], or as arrays of rows, columns and channels."""
    if not is_image(value):
        return value.copy() if isinstance(value, np.ndarray) else value
    pixels = np.array(value)
    if image_format == 'np':
        return pixels
    channels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    tensor = torch.from_numpy(np.ascontiguousarray(channels))
    return tensor.float() / 255 if pixels.dtype == np.uint8 else tensor


def to_coco(session: Session, result: ResultSet) -> Path:
    """Writes pictures and `data.json` into a folder of `dataset_cache`; gives the path of `data.json`.

    Raises INVALID_ARGUMENT for rows of another shape, before anything is written.
    """
    names = list(result.schema)
    if len(names) != 1:
        raise _no_coco(f'the query has the columns {", ".join(names)}, and not one')
    library = session.engine.context.services.library
    rows = [_checked(row[names[0]], number, library) for number, row in enumerate(result)]
    folder = session.settings.home / 'dataset_cache' / f'coco_{uuid.uuid4().hex}'
    (folder / 'images').mkdir(parents=True)
    try:
        document = _coco_document(rows, folder)
        path = folder / 'data.json'
        path.write_text(json.dumps(document))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return path


def _coco_document(rows: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, Any]:
    labels = {str(each['category']): each['category'] for row in rows for each in row['annotations']}
    ordered = sorted(labels.values(), key=lambda label: (isinstance(label, str), label))
    ids = {str(label): label if isinstance(label, int) else number for number, label in enumerate(ordered)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        image, name = row['image'], f'images/{number:08}.png'
        image.save(folder / name)
        images.append({'id': number, 'file_name': name, 'width': image.width, 'height': image.height})
        for each in row['annotations']:
            box = [float(side) for side in each['bbox']]
            annotations.append(
                {
                    'id': len(annotations),
                    'image_id': number,
                    'category_id': ids[str(each['category'])],
                    'bbox': box,
                    'area': box[2] * box[3],
                    'iscrowd': 0,
                }
            )
    categories = [{'id': ids[str(label)], 'name': str(label)} for label in ordered]
    return {'images': images, 'annotations': annotations, 'categories': categories}


def _checked(value: Any, row: int, library: Library) -> dict[str, Any]:
    """The row with its picture opened."""
    if not isinstance(value, Mapping) or not {'image', 'annotations'} <= value.keys():
        raise _no_coco(f'row {row} has {value!r:.80}')
    if isinstance(value['image'], str):  # pictures inside Json are references
        value = {**value, 'image': presented(value['image'], ColumnType(Kind.IMAGE), library)}
    if not is_image(value['image']) or not isinstance(value['annotations'], (list, tuple)):
        raise _no_coco(f'row {row} has {value!r:.80}')
    for each in value['annotations']:
        box = each.get('bbox') if isinstance(each, Mapping) else None
        if not isinstance(box, (list, tuple)) or len(box) != 4 or not isinstance(each.get('category'), (str, int)):
            raise _no_coco(f'row {row} has the annotation {each!r:.80}')
    return dict(value)


def _no_coco(found: str) -> RequestError:
    return RequestError(
        ErrorCode.INVALID_ARGUMENT,
        f"to_coco_dataset(): {found}; select one dict {{'image': …, 'annotations': [{{'bbox': [x, y, width, height], "
        "'category': …}, …]}.",
    )
