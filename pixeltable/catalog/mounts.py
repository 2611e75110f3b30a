"""Which file systems are on another machine, from the text of `/proc/mounts`.

SQLite's log is shared memory and file locks, and neither reaches from one host to another: two hosts that write to one file
destroy it, without an error. Knows Linux; elsewhere, and where nothing can be read, a folder passes as local.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_NETWORK = {
    'afpfs', 'afs', 'beegfs', 'ceph', 'cifs', 'coda', 'davfs', 'glusterfs', 'gpfs', 'lustre', 'ncpfs', 'nfs', 'nfs4',
    'orangefs', 'pvfs2', 'smb2', 'smb3', 'smbfs', 'sshfs',
}  # fmt: skip
_NETWORK_FUSE = {
    'afp', 'blobfuse', 'blobfuse2', 'ceph', 'ceph-fuse', 'davfs', 'davfs2', 'gcsfuse', 'glusterfs', 'goofys', 'juicefs',
    'mount-s3', 'mountpoint-s3', 'nfs', 'rclone', 's3fs', 'smbnetfs', 'sshfs',
}  # fmt: skip
_ESCAPED = re.compile(r'\\([0-7]{3})')


def network_file_system(folder: Path) -> str | None:
    """The kind of the network file system that `folder`, which exists, lies on; None if it is a local one."""
    try:
        # Bytes that are no UTF-8 must come out as in the names that `os` gives.
        text = Path('/proc/mounts').read_text(encoding='utf-8', errors='surrogateescape')
    except OSError:
        return None
    kind = file_system(text, os.path.realpath(folder))
    return kind if is_network(kind) else None


def file_system(mounts: str, path: str) -> str:
    """The kind of the file system that absolute `path` lies on, '' if the text does not tell.

    A line is `device folder kind options …`, with a space as `\\040`. Of two on one folder the later hides the earlier.
    """
    found, longest = '', -1
    for line in mounts.splitlines():
        fields = line.split(' ')
        if len(fields) < 3:
            continue
        root = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[1]).rstrip('/')
        if len(root) >= longest and (path == root or path.startswith(f'{root}/')):
            found, longest = fields[2], len(root)
    return found


def is_network(kind: str) -> bool:
    """Whether a file system of this kind may be written by several hosts that share no memory and no locks."""
    outer, _, inner = kind.partition('.')
    return kind in _NETWORK or (outer == 'fuse' and inner in _NETWORK_FUSE)
