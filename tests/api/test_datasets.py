from __future__ import annotations

import json

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def pictures() -> pxt.Table:
    t = pxt.create_table('pictures', {'k': pxt.Int, 'im': pxt.Image | None, 'found': pxt.Json | None})
    boxes = [{'bbox': [0, 0, 2, 1], 'category': 'cat'}, {'bbox': [1, 1, 1, 1], 'category': 'ape'}]
    t.insert({'k': k, 'im': PIL.Image.new('RGB', (4, 3), (255, 0, 0)), 'found': boxes[:k]} for k in range(3))
    return t


def test_pytorch(pictures: pxt.Table) -> None:
    torch = pytest.importorskip('torch')
    data = pictures.select(pictures.k, pictures.im).to_pytorch_dataset()
    rows = list(torch.utils.data.DataLoader(data, batch_size=None))
    assert [int(row['k']) for row in rows] == [0, 1, 2]
    assert rows[0]['im'].shape == (3, 3, 4)
    assert float(rows[0]['im'].max()) == 1.0
    (batch,) = torch.utils.data.DataLoader(data, batch_size=3)
    assert batch['im'].shape == (3, 3, 3, 4)
    assert len(data) == 3
    arrays = list(pictures.select(pictures.im).to_pytorch_dataset('np'))
    assert (arrays[0]['im'].shape, arrays[0]['im'].dtype) == ((3, 4, 3), np.uint8)


def test_pytorch_refuses_other_formats(pictures: pxt.Table) -> None:
    with pytest.raises(pxt.RequestError, match="'tf'"):
        pictures.to_pytorch_dataset('tf')


def test_coco(pictures: pxt.Table) -> None:
    path = pictures.select({'image': pictures.im, 'annotations': pictures.found}).to_coco_dataset()
    document = json.loads(path.read_text())
    assert [image['width'] for image in document['images']] == [4, 4, 4]
    assert document['categories'] == [{'id': 0, 'name': 'ape'}, {'id': 1, 'name': 'cat'}]
    assert [(each['image_id'], each['category_id'], each['area']) for each in document['annotations']] == [
        (1, 1, 2.0),
        (2, 1, 2.0),
        (2, 0, 1.0),
    ]
    with PIL.Image.open(path.parent / document['images'][2]['file_name']) as image:
        assert image.size == (4, 3)


def test_coco_of_another_shape(pictures: pxt.Table) -> None:
    for query in (
        pictures.select(pictures.k, pictures.im),
        pictures.select({'image': pictures.im, 'annotations': [1]}),
    ):
        with pytest.raises(pxt.RequestError, match='to_coco_dataset') as caught:
            query.to_coco_dataset()
        assert caught.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT
