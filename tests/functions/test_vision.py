from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.functions import vision as pxtv
from pixeltable.functions.vision.precision import average_precisions

BOX = [[10, 20, 30, 60]]


pytestmark = pytest.mark.usefixtures('run_at_once')


def test_convert() -> None:
    assert pxtv.bboxes_convert(BOX, src_format='xyxy', dst_format='xywh') == [[10, 20, 20, 40]]
    assert pxtv.bboxes_convert(BOX, src_format='xywh', dst_format='cxcywh') == [[25, 50, 30, 60]]
    for bad in ([[1, 2, 3]], ['abcd'], [5], [[True, 0, 1, 1]]):
        with pytest.raises(pxt.RequestError, match='four numbers'):
            pxtv.bboxes_convert(bad, src_format='xyxy', dst_format='xywh')


def test_pixels_stay_whole() -> None:
    assert pxtv.bboxes_convert([[0, 0, 3, 3]], src_format='xyxy', dst_format='cxcywh') == [[2, 2, 3, 3]]
    assert pxtv.bboxes_convert([[0.0, 0, 3, 3]], src_format='xyxy', dst_format='cxcywh') == [[1.5, 1.5, 3, 3]]
    assert pxtv.bboxes_scale([[2, 3, 9, 12]], 'xyxy', factor=1.5) == [[0, 1, 11, 15]]
    assert pxtv.bboxes_scale([[2, 2, 10, 26]], 'xyxy', y_factor=2.05) == [[2, -10, 10, 39]]
    assert pxtv.bboxes_resize([[2, 3, 9, 12]], 'xywh', width=10) == [[2, 3, 10, 13]]
    assert pxtv.bboxes_resize_canvas([[2, 3, 9, 12]], 'xyxy', canvas_scale=1.5) == [[3, 5, 14, 18]]


def test_sizes() -> None:
    assert pxtv.bboxes_resize(BOX, 'xyxy', width=40) == [[0, 0, 40, 80]]
    assert pxtv.bboxes_resize(BOX, 'xyxy', height=20) == [[15, 30, 25, 50]]
    assert pxtv.bboxes_resize(BOX, 'xyxy', width=40, height=40) == [[0, 20, 40, 60]]
    assert pxtv.bboxes_resize([[2, 2, 2, 5]], 'xyxy', width=4) == [[2, 2, 2, 5]]
    assert pxtv.bboxes_resize(BOX, 'xyxy', aspect='1:1') == [[0, 20, 40, 60]]
    assert pxtv.bboxes_resize(BOX, 'xyxy', aspect=1.0, aspect_mode='crop') == [[10, 30, 30, 50]]
    assert pxtv.bboxes_scale(BOX, 'xyxy', factor=2) == [[0, 0, 40, 80]]
    assert pxtv.bboxes_scale(BOX, 'xywh', y_factor=0.5) == [[10, 35, 30, 30]]
    assert pxtv.bboxes_pad(BOX, 'xyxy', x=5, top=1) == [[5, 19, 35, 60]]
    for call in (
        lambda: pxtv.bboxes_resize(BOX, 'xyxy'),
        lambda: pxtv.bboxes_resize(BOX, 'xyxy', width=0),
        lambda: pxtv.bboxes_resize(BOX, 'xyxy', aspect='x'),
        lambda: pxtv.bboxes_scale(BOX, 'xyxy', factor=0),
        lambda: pxtv.bboxes_pad(BOX, 'xyxy'),
        lambda: pxtv.bboxes_pad(BOX, 'xyxy', x=1, left=1),
    ):
        with pytest.raises(pxt.RequestError):
            call()


def test_clipping() -> None:
    boxes = [[-10, 0, 10, 10], [50, 50, 60, 60], [0, 0, 5, 5]]
    clip = pxtv.bboxes_clip_to_canvas
    assert clip(boxes, 'xyxy', width=40, height=40) == [[0, 0, 10, 10], [40, 40, 40, 40], [0, 0, 5, 5]]
    assert clip(boxes, 'xyxy', width=40, height=40, min_visibility=0.6) == [None, None, [0, 0, 5, 5]]
    assert clip(boxes, 'xyxy', width=40, height=40, min_area=26) == [[0, 0, 10, 10], None, None]
    assert clip([[0.5, 0.5, 1.5, 0.75]], 'xyxy') == [[0.5, 0.5, 1, 0.75]]


def test_canvas() -> None:
    cropped = pxtv.bboxes_crop_canvas(BOX, 'xyxy', canvas_region=[5, 5, 50, 60], canvas_region_format='xyxy')
    assert cropped == [[5, 15, 25, 55]]
    shares = pxtv.bboxes_crop_canvas(
        [[0.25, 0.5, 0.75, 1.0]], 'xyxy', canvas_region=[0.5, 0.5, 1.0, 1.0], canvas_region_format='xyxy'
    )
    assert shares == [[-0.5, 0, 0.5, 1]]
    scaled = pxtv.bboxes_resize_canvas(BOX, 'xyxy', canvas_width=100, new_canvas_width=50, canvas_scale_y=2.0)
    assert scaled == [[5, 40, 15, 120]]
    with pytest.raises(pxt.RequestError):
        pxtv.bboxes_resize_canvas(BOX, 'xyxy')


def test_drawing() -> None:
    image = PIL.Image.new('RGB', (80, 80))
    drawn = pxtv.bboxes_draw(image, BOX, labels=['cat'], color='red', width=2)
    assert drawn.mode == 'RGB'
    assert drawn.getpixel((10, 50)) == (255, 0, 0)
    assert image.getpixel((10, 50)) == (0, 0, 0)
    assert pxtv.bboxes_draw(image, [], labels=[]).getbbox() is None
    with pytest.raises(pxt.RequestError, match='1 boxes and 2 labels'):
        pxtv.bboxes_draw(image, BOX, labels=['a', 'b'])
    with pytest.raises(pxt.RequestError, match=r'alpha is from 0\.0 to 1\.0, not 2'):
        pxtv.bboxes_draw(image, BOX, alpha=2)
    with pytest.raises(pxt.RequestError, match='no colour'):
        pxtv.bboxes_draw(image, BOX, color='nonsense')


def test_segments() -> None:
    image = PIL.Image.new('RGB', (8, 6))
    segments = np.zeros((6, 8), np.int32)
    segments[2:5, 2:6] = 1
    shown = pxtv.overlay_segmentation(image, segments, segment_colors=['red'])
    assert shown.getpixel((0, 0)) == (0, 0, 0)
    assert shown.getpixel((2, 2)) == (255, 0, 0)
    assert shown.getpixel((3, 3)) == (128, 0, 0)
    masks = pxtv.overlay_segmentation(image, (segments == 1)[None], segment_colors=['red'])
    assert np.array_equal(np.asarray(masks), np.asarray(shown))
    with pytest.raises(pxt.RequestError, match=r'alpha is from 0\.0'):
        pxtv.overlay_segmentation(image, segments, alpha=-0.1)
    with pytest.raises(pxt.RequestError, match='the segments are'):
        pxtv.overlay_segmentation(image, segments.T)


def test_precision() -> None:
    truth = [[0, 0, 10, 10], [20, 20, 30, 30]]
    found = pxtv.eval_detections([[1, 0, 10, 10], [50, 50, 60, 60]], [1, 1], [0.9, 0.5], truth, [1, 1])
    assert found == [{'min_iou': 0.5, 'category': 1, 'tp': [1, 0], 'fp': [0, 1], 'scores': [0.9, 0.5], 'num_gts': 2}]
    assert average_precisions(found) == {1: 0.5}
    perfect = pxtv.eval_detections(truth, [1, 2], [0.9, 0.5], truth, [1, 2])
    assert average_precisions(perfect) == {1: 1.0, 2: 1.0}
    assert pxtv.eval_detections([], [], [], truth, [1, 1])[0]['tp'] == []
    with pytest.raises(pxt.RequestError, match='1 boxes were detected, with 2 labels and 1 scores'):
        pxtv.eval_detections([[0, 0, 1, 1]], [1, 2], [0.5], [], [])


@pytest.mark.parametrize('mode', ['I;16', 'I', 'F'])
def test_pictures_of_more_than_eight_bits_are_seen_below_what_is_drawn(mode: str) -> None:
    values = np.linspace(0, 60_000, 32 * 32).reshape(32, 32)
    dtype = {'I;16': np.uint16, 'I': np.int32, 'F': np.float32}[mode]
    image = PIL.Image.fromarray(values.astype(dtype))
    assert image.mode == mode
    boxes = pxtv.bboxes_draw(image, [[2, 2, 8, 8]], color='red')
    segments = pxtv.overlay_segmentation(image, np.pad(np.ones((4, 4), np.int32), ((2, 26), (2, 26))))
    for drawn in (boxes, segments):
        assert drawn.mode == 'RGB'
        assert [drawn.getpixel(place) for place in ((0, 0), (31, 31))] == [(0, 0, 0), (255, 255, 255)]
        assert drawn.getpixel((31, 15))[0] == pytest.approx(127, abs=2)
    assert boxes.getpixel((2, 2)) == (255, 0, 0)
