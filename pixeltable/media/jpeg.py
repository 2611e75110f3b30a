"""Whether a JPEG file is whole, without decoding it: the segments before its picture are well formed, and the end mark is there.

Decoding finds hardly more: libjpeg, too, takes changed bits inside of a scan for another picture.
"""

from __future__ import annotations

import os
from typing import BinaryIO

_HEAD_BYTES = 1 << 16
_SCAN, _HUFFMAN, _QUANTIZATION = 0xDA, 0xC4, 0xDB
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive: what everybody writes."""

_MOST_PIXELS = 80_000_000
"""A picture that says it is larger may be a decompression bomb, which is for Pillow to find out."""


def is_whole(file: BinaryIO) -> bool:
    """True if `file` certainly is a JPEG that can be decoded to its end; False if that takes decoding to find out."""
    head = file.read(_HEAD_BYTES)
    if not head.startswith(b'\xff\xd8\xff'):
        return False
    file.seek(-2, os.SEEK_END)
    if file.read(2) != b'\xff\xd9':
        return False
    if _has_sound_head(head):
        return True
    file.seek(0)
    return _has_sound_head(file.read())  # a profile or a preview may be large


def _has_sound_head(data: bytes) -> bool:
    """Whether there are well-formed segments up to that of the first scan."""
    place, has_frame = 2, False
    while place + 4 <= len(data) and data[place] == 0xFF:
        mark = data[place + 1]
        if mark == 0xFF:  # padding
            place += 1
            continue
        length = int.from_bytes(data[place + 2 : place + 4])
        body = data[place + 4 : place + 2 + length]
        if length < 2 or len(body) != length - 2 or not _is_sound(mark, body):
            return False
        has_frame = has_frame or mark in _FRAMES
        if mark == _SCAN:
            return has_frame
        place += 2 + length
    return False


def _is_sound(mark: int, body: bytes) -> bool:
    if mark == _HUFFMAN:
        return _has_tables(body)
    if mark == _QUANTIZATION:
        return _has_quantization(body)
    if 0xC0 <= mark <= 0xCF and mark != 0xCC:
        return mark in _FRAMES and _is_frame(body)
    return mark >= 0xC0


def _is_frame(body: bytes) -> bool:
    """Of 8 bits a sample, one to four components, and a size that is not suspicious."""
    height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    is_known = len(body) >= 9 and body[0] == 8 and len(body) == 6 + 3 * body[5] and 0 < body[5] < 5
    return is_known and 0 < height * width <= _MOST_PIXELS


def _has_tables(body: bytes) -> bool:
    """Huffman tables: as many symbols as their code lengths say, and no more codes than there can be."""
    place = 0
    while place < len(body):
        counts = body[place + 1 : place + 17]
        room = 1
        for count in counts:
            room = 2 * room - count
            if room < 0:
                return False
        if len(counts) != 16 or body[place] & 0xF > 3 or body[place] >> 4 > 1 or sum(counts) > 256:
            return False
        place += 17 + sum(counts)
    return place == len(body)


def _has_quantization(body: bytes) -> bool:
    place = 0
    while place < len(body):
        if body[place] & 0xF > 3 or body[place] >> 4 > 1:
            return False
        place += 65 if body[place] >> 4 == 0 else 129
    return place == len(body)
