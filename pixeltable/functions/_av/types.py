"""The types of what is said of files, apart from what needs PyAV to load."""

from __future__ import annotations

from typing import TypedDict


class CodecMetadata(TypedDict, total=False):
    """`pix_fmt` is of video; `channels` and `sample_rate`, in Hz, are of audio."""

    name: str
    profile: str | None
    codec_tag: str
    pix_fmt: str | None
    channels: int
    sample_rate: int


class StreamMetadata(TypedDict, total=False):
    """`duration` is in units of `time_base` seconds. Width and height, in pixels, and rates, in frames a second, are of video."""

    type: str
    duration: int | None
    time_base: float | None
    duration_seconds: float | None
    frames: int
    metadata: dict[str, str]
    codec_context: CodecMetadata | None
    width: int
    height: int
    average_rate: float | None
    base_rate: float | None
    guessed_rate: float | None


class ContainerMetadata(TypedDict):
    """Of a file with video or audio; rates are in bits a second, and `size` in bytes."""

    bit_exact: bool
    bit_rate: int
    size: int
    metadata: dict[str, str]
    streams: list[StreamMetadata]
