import pytest

from pixeltable.catalog import mounts
from pixeltable.catalog.home import open_home
from pixeltable.catalog.mounts import file_system, is_network, network_file_system
from pixeltable.errors import ErrorCode, RequestError

MOUNTS = r"""
overlay / overlay rw,relatime,lowerdir=/a:/b 0 0
proc /proc proc rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/sda1 /home ext4 rw 0 0
server:/export/home /home/ann nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/ann/disk xfs rw 0 0
//server/share /mnt/two\040words cifs rw 0 0
ann@server: /mnt/remote fuse.sshfs rw 0 0
/dev/fuse /mnt/drive fuseblk rw 0 0
share /mnt/shared 9p rw 0 0
server:/old /mnt/over nfs rw 0 0
/dev/sdc1 /mnt/over ext4 rw 0 0
nonsense
"""


@pytest.mark.parametrize(
    ('path', 'kind', 'remote'),
    [
        ('/', 'overlay', False),
        ('/srv/data', 'overlay', False),
        ('/home/bob/.pixeltable', 'ext4', False),
        ('/home/ann', 'nfs4', True),
        ('/home/ann/.pixeltable', 'nfs4', True),
        ('/home/annabel', 'ext4', False),
        ('/home/ann/disk/home', 'xfs', False),
        ('/mnt/two words/home', 'cifs', True),
        ('/mnt/remote/x', 'fuse.sshfs', True),
        ('/mnt/drive', 'fuseblk', False),
        ('/mnt/shared/home', '9p', False),
        ('/mnt/over/home', 'ext4', False),
        ('/tmp/pytest', 'tmpfs', False),
    ],
)
def test_the_file_system_of_a_path(path, kind, remote):
    assert file_system(MOUNTS, path) == kind
    assert is_network(kind) is remote


def test_nothing_is_known_of_other_systems():
    assert file_system('', '/home') == ''
    assert not is_network('')


def test_this_folder_is_local(tmp_path):
    assert network_file_system(tmp_path) is None


def test_a_home_on_a_network_is_refused_and_untouched(home, monkeypatch, postgres_url):
    monkeypatch.setattr(mounts, 'file_system', lambda text, path: 'nfs4')
    with pytest.raises(RequestError, match=r'network file system \(nfs4\).*PIXELTABLE_CATALOG') as caught:
        open_home(home)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert list(home.iterdir()) == []
    open_home(home, postgres_url).close()
