"""Whether a JPEG file is whole, without decoding it: its segments are well formed, and its scans go on to the end mark.

Decoding finds no more: libjpeg, too, takes changed bits inside a scan for another picture.
"""

from __future__ import annotations

import re

_NEXT_MARK = re.compile(rb'\xff[^\x00\xd0-\xd7\xff]', re.DOTALL)
_END, _SCAN, _HUFFMAN, _QUANTIZATION = 0xD9, 0xDA, 0xC4, 0xDB
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive: what everybody writes."""


def is_whole(data: bytes) -> bool:
    """True if `data` certainly is a JPEG that can be decoded to its end; False if that takes decoding to find out."""
    if not data.startswith(b'\xff\xd8\xff'):
        return False
    place, has_frame, has_scan = 2, False, False
    while place + 2 <= len(data) and data[place] == 0xFF:
        mark = data[place + 1]
        if mark == 0xFF:  # padding
            place += 1
            continue
        if mark == _END:
            return has_frame and has_scan
        length = int.from_bytes(data[place + 2 : place + 4])
        body = data[place + 4 : place + 2 + length]
        if length < 2 or len(body) != length - 2 or not _is_sound(mark, body):
            return False
        has_frame = has_frame or mark in _FRAMES
        place += 2 + length
        if mark == _SCAN:
            found = _NEXT_MARK.search(data, place)
            if found is None or not has_frame:
                return False
            has_scan, place = True, found.start()
    return False


def _is_sound(mark: int, body: bytes) -> bool:
    if mark == _HUFFMAN:
        return _has_tables(body)
    if mark == _QUANTIZATION:
        return _has_quantization(body)
    if 0xC0 <= mark <= 0xCF and mark != 0xCC:
        return mark in _FRAMES and len(body) >= 9 and body[0] == 8 and len(body) == 6 + 3 * body[5] and 0 < body[5] < 5
    return mark >= 0xC0


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
