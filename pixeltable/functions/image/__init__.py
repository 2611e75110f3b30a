"""Functions, methods and properties of Image expressions. They do what the methods of Pillow's images do.

Where the size or the mode of the result is known, it is part of its type: `t.img.resize((64, 64)).col_type` is
`Image[(64, 64)]`. Pillow itself is imported when a function runs.
"""

from pixeltable.functions.image.aggregates import stitch_tiles
from pixeltable.functions.image.colors import (
    convert,
    getbands,
    getchannel,
    getpalette,
    point,
    quantize,
)
from pixeltable.functions.image.combining import alpha_composite, blend, composite
from pixeltable.functions.image.encoding import b64_encode, to_video
from pixeltable.functions.image.iterators import Tile, tile_iterator
from pixeltable.functions.image.measuring import (
    ImageMetadata,
    entropy,
    get_metadata,
    getbbox,
    getcolors,
    getextrema,
    getpixel,
    getprojection,
    height,
    histogram,
    mode,
    size,
    width,
)
from pixeltable.functions.image.shapes import (
    crop,
    effect_spread,
    exif_transpose,
    reduce,
    resize,
    rotate,
    thumbnail,
    transpose,
)

__all__ = [
    'ImageMetadata',
    'Tile',
    'alpha_composite',
    'b64_encode',
    'blend',
    'composite',
    'convert',
    'crop',
    'effect_spread',
    'entropy',
    'exif_transpose',
    'get_metadata',
    'getbands',
    'getbbox',
    'getchannel',
    'getcolors',
    'getextrema',
    'getpalette',
    'getpixel',
    'getprojection',
    'height',
    'histogram',
    'mode',
    'point',
    'quantize',
    'reduce',
    'resize',
    'rotate',
    'size',
    'stitch_tiles',
    'thumbnail',
    'tile_iterator',
    'to_video',
    'transpose',
    'width',
]
