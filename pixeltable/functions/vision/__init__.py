"""Functions around detections: arithmetic of boxes, drawing them, and how good they are."""

from pixeltable.functions.vision.boxes import bboxes_convert, bboxes_pad, bboxes_resize, bboxes_scale
from pixeltable.functions.vision.canvas import bboxes_clip_to_canvas, bboxes_crop_canvas, bboxes_resize_canvas
from pixeltable.functions.vision.drawing import bboxes_draw, draw_bounding_boxes, overlay_segmentation
from pixeltable.functions.vision.evaluating import DetectionEval, eval_detections, mean_ap

__all__ = [
    'DetectionEval',
    'bboxes_clip_to_canvas',
    'bboxes_convert',
    'bboxes_crop_canvas',
    'bboxes_draw',
    'bboxes_pad',
    'bboxes_resize',
    'bboxes_resize_canvas',
    'bboxes_scale',
    'draw_bounding_boxes',
    'eval_detections',
    'mean_ap',
    'overlay_segmentation',
]
