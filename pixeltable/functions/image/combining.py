"""Images made of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image


@udf(is_method=True)
def alpha_composite(im1: Image, im2: Image) -> Image:
    """`im2` over `im1`, both of mode `'RGBA'` and of one size."""
    import PIL.Image

    return PIL.Image.alpha_composite(im1, im2)


@udf(is_method=True)
def blend(im1: Image, im2: Image, alpha: float) -> Image:
    """A mixture: 0.0 gives `im1`, 1.0 gives `im2`. Both have one size and mode."""
    import PIL.Image

    return PIL.Image.blend(im1, im2, alpha)


@udf(is_method=True)
def composite(image1: Image, image2: Image, mask: Image) -> Image:
    """`image1` where `mask` is bright, and `image2` where it is dark. All three have one size."""
    import PIL.Image

    return PIL.Image.composite(image1, image2, mask)
