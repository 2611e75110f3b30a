"""The table of functions through which SQLite reaches files, as C declares it (https://www.sqlite.org/c3ref/vfs.html)."""

from __future__ import annotations

from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p

OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
TRANSFER = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
OPEN_FOLDER = CFUNCTYPE(c_int, c_char_p, POINTER(c_int))
SET_CALL = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
GET_CALL = CFUNCTYPE(c_void_p, c_void_p, c_char_p)


class Vfs(Structure):
    """`sqlite3_vfs`."""

    _fields_ = [
        *[(name, c_int) for name in ('iVersion', 'szOsFile', 'mxPathname')],
        *[(name, c_void_p) for name in ('pNext', 'zName', 'pAppData', 'xOpen', 'xDelete', 'xAccess', 'xFullPathname')],
        *[(name, c_void_p) for name in ('xDlOpen', 'xDlError', 'xDlSym', 'xDlClose', 'xRandomness', 'xSleep')],
        *[(name, c_void_p) for name in ('xCurrentTime', 'xGetLastError', 'xCurrentTimeInt64')],
        *[(name, c_void_p) for name in ('xSetSystemCall', 'xGetSystemCall', 'xNextSystemCall')],
    ]


class Methods(Structure):
    """`sqlite3_io_methods`: of an open file."""

    _fields_ = [
        ('iVersion', c_int),
        *[(name, c_void_p) for name in ('xClose', 'xRead', 'xWrite', 'xTruncate', 'xSync', 'xFileSize', 'xLock')],
        *[(name, c_void_p) for name in ('xUnlock', 'xCheckReservedLock', 'xFileControl', 'xSectorSize')],
        *[(name, c_void_p) for name in ('xDeviceCharacteristics', 'xShmMap', 'xShmLock', 'xShmBarrier', 'xShmUnmap')],
        *[(name, c_void_p) for name in ('xFetch', 'xUnfetch')],
    ]


class File(Structure):
    """`sqlite3_file`."""

    _fields_ = [('pMethods', POINTER(Methods))]
