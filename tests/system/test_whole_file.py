"""Whole files: temporary names, what a replaced file keeps, links and pipes."""

import errno
import os
import stat
import struct
import subprocess
import sys
import textwrap
import threading
from functools import partial
from pathlib import Path

import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.system import whole_file as module
from rnnlm_cli.system.whole_file import other_names, whole_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and links as POSIX has them")


def write(path, content=b"new", meanwhile=lambda: None, **options):
    with whole_file(path, **options) as file:
        file.write(content)
        meanwhile()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def killed_while_writing(path):
    """Kill a process during a save; return the name of its temporary file."""
    code = f"""
        import os
        from rnnlm_cli.system.whole_file import whole_file
        with whole_file({str(path)!r}) as file:
            file.write(b"half")
            os.kill(os.getpid(), 9)
    """
    before = set(names(path.parent))
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert done.returncode == -9
    (left,) = set(names(path.parent)) - before
    return left


def test_the_former_temporary_name_is_left_alone(tmp_path):
    target = tmp_path / "x.npz"
    (tmp_path / "precious.txt").write_bytes(b"precious")
    (tmp_path / "x.npz.tmp").symlink_to("precious.txt")
    write(target)
    assert target.read_bytes() == b"new"
    assert (tmp_path / "precious.txt").read_bytes() == b"precious"
    assert names(tmp_path) == ["precious.txt", "x.npz", "x.npz.tmp"]


def test_a_file_or_a_pipe_of_that_name_stays(tmp_path):
    (tmp_path / "a.tmp").write_bytes(b"mine")
    os.mkfifo(tmp_path / "b.tmp")
    for name in ("a", "b"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a", "a.tmp", "b", "b.tmp"]
    assert (tmp_path / "a.tmp").read_bytes() == b"mine"


def test_a_temporary_name_that_is_taken_is_not_opened(tmp_path, monkeypatch):
    """Even if the name were guessed, a link with it is an error and is not written to."""
    monkeypatch.setattr(module.secrets, "token_hex", lambda size: "0" * 16)
    (tmp_path / "precious.txt").write_bytes(b"precious")
    guessed = tmp_path / f".rnnlm.{module._host()}.{os.getpid()}.{'0' * 16}.tmp"
    guessed.symlink_to("precious.txt")
    with pytest.raises(FileExistsError) as caught:
        write(tmp_path / "x")
    assert caught.value.filename == str(tmp_path / "x")
    assert (tmp_path / "precious.txt").read_bytes() == b"precious"
    assert not (tmp_path / "x").exists()


def test_two_at_once_do_not_share_a_file(tmp_path):
    target = tmp_path / "x"
    with whole_file(target) as first:
        first.write(b"first" * 100_000)
        write(target, b"second")
        assert target.read_bytes() == b"second"
    assert target.read_bytes() == b"first" * 100_000
    assert names(tmp_path) == ["x"]


def test_many_threads_in_one_directory_lose_nothing(tmp_path):
    """Each removes old files while others are about to lock new ones."""
    failures = []

    def save(number):
        try:
            for _ in range(30):
                write(tmp_path / f"{number}", str(number).encode())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == {
        str(number): str(number).encode() for number in range(6)
    }


def test_the_next_save_removes_files_of_a_killed_process(tmp_path):
    left = killed_while_writing(tmp_path / "x")
    assert left.startswith(".rnnlm.")
    assert f".{os.getpid()}." not in left
    write(tmp_path / "other")
    assert names(tmp_path) == ["other"]


def test_a_file_that_another_process_writes_is_kept(tmp_path):
    code = f"""
        import sys
        from rnnlm_cli.system.whole_file import whole_file
        with whole_file({str(tmp_path / "x")!r}) as file:
            file.write(b"theirs")
            print("writing", flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"writing\n"
        write(tmp_path / "y")
        assert len(names(tmp_path)) == 2
        other.stdin.close()
        assert other.wait() == 0
    assert names(tmp_path) == ["x", "y"]
    assert (tmp_path / "x").read_bytes() == b"theirs"


@pytest.mark.parametrize(
    "name",
    [
        ".rnnlm.0123456789abcdef.tmp",
        ".rnnlm.01234567.1.0123456789abcdef.tmp.txt",
        "x.rnnlm.01234567.1.0123456789abcdef.tmp",
        ".rnnlm-scratch",
        "mine.tmp",
    ],
)
def test_files_with_other_names_are_kept(tmp_path, name):
    (tmp_path / name).write_bytes(b"mine")
    write(tmp_path / "x")
    assert names(tmp_path) == sorted([name, "x"])


def test_a_link_or_a_directory_with_such_a_name_is_kept(tmp_path):
    mark = f".rnnlm.{module._host()}.1."
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / f"{mark}{'1' * 16}.tmp").symlink_to("precious")
    (tmp_path / f"{mark}{'2' * 16}.tmp").mkdir()
    os.mkfifo(tmp_path / f"{mark}{'3' * 16}.tmp")
    before = names(tmp_path)
    write(tmp_path / "x")
    assert names(tmp_path) == sorted([*before, "x"])


def test_without_locks_files_left_behind_are_removed_after_a_day(tmp_path, monkeypatch):
    left = killed_while_writing(tmp_path / "x")
    monkeypatch.setattr(module, "try_lock", lambda descriptor: True)
    monkeypatch.setattr("rnnlm_cli.system.locks.try_lock", lambda descriptor: True)
    write(tmp_path / "y")
    assert names(tmp_path) == sorted([left, "y"])
    old = tmp_path.stat().st_mtime - module.LEFT_SECONDS - 600
    os.utime(tmp_path / left, (old, old))
    write(tmp_path / "y")
    assert names(tmp_path) == ["y"]


def test_files_of_another_host_are_removed_after_a_day(tmp_path):
    fresh, old = (tmp_path / f".rnnlm.00000000.1.{digit * 16}.tmp" for digit in "12")
    for path in (fresh, old):
        path.touch()
    now = tmp_path.stat().st_mtime
    os.utime(fresh, (now, now - module.LEFT_SECONDS + 600))
    os.utime(old, (now, now - module.LEFT_SECONDS - 600))
    write(tmp_path / "x")
    assert names(tmp_path) == sorted([fresh.name, "x"])


def test_a_temporary_file_that_was_taken_away_is_an_error(tmp_path):
    def forge():
        (temporary,) = tmp_path.iterdir()
        temporary.unlink()
        temporary.write_bytes(b"forged")

    with pytest.raises(OSError, match="has removed the temporary file") as caught:
        write(tmp_path / "x", meanwhile=forge)
    assert caught.value.filename == str(tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_after_an_error_all_is_as_before(tmp_path):
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "x", meanwhile=lambda: 1 / 0)
    assert names(tmp_path) == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


def test_an_error_about_a_missing_directory_names_the_file(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        write(tmp_path / "none" / "x")
    assert caught.value.filename == str(tmp_path / "none" / "x")


@pytest.mark.parametrize("old", [0o600, 0o640, 0o664, 0o444, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path, old):
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / "x").chmod(old)
    write(tmp_path / "x")
    assert mode(tmp_path / "x") == old
    assert (tmp_path / "x").read_bytes() == b"new"


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
@pytest.mark.parametrize("replace", [True, False])
def test_a_new_file_follows_the_umask(tmp_path, umask, expected, replace):
    before = os.umask(umask)
    try:
        write(tmp_path / "x", replace=replace)
    finally:
        os.umask(before)
    assert mode(tmp_path / "x") == expected


def test_a_private_file_is_private_while_it_is_written(tmp_path):
    (tmp_path / "x").touch(0o600)
    with whole_file(tmp_path / "x"):
        assert [mode(path) for path in tmp_path.iterdir()] == [0o600, 0o600]


def other_group():
    others = [group for group in os.getgroups() if group != os.getegid()]
    return 12345 if os.geteuid() == 0 else others[0] if others else None


@pytest.mark.skipif(other_group() is None, reason="this user is in one group only")
def test_a_replaced_file_keeps_its_group(tmp_path):
    (tmp_path / "x").touch()
    os.chown(tmp_path / "x", -1, other_group())
    (tmp_path / "x").chmod(0o660)
    write(tmp_path / "x")
    assert (tmp_path / "x").stat().st_gid == other_group()
    assert mode(tmp_path / "x") == 0o660


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_root_leaves_a_file_with_its_owner(tmp_path):
    (tmp_path / "x").touch()
    os.chown(tmp_path / "x", 12345, 54321)
    write(tmp_path / "x")
    found = (tmp_path / "x").stat()
    assert (found.st_uid, found.st_gid) == (12345, 54321)


def test_another_group_gets_only_the_permissions_of_others(tmp_path, monkeypatch):
    def refuse(*args):
        raise PermissionError(errno.EPERM, "no")

    (tmp_path / "x").touch()
    (tmp_path / "x").chmod(0o664)
    found = (tmp_path / "x").stat()
    strange = os.stat_result((*found[:5], found.st_gid + 1, *found[6:]))
    monkeypatch.setattr(module, "regular_file", lambda path: strange)
    monkeypatch.setattr(os, "fchown", refuse)
    write(tmp_path / "x")
    assert mode(tmp_path / "x") == 0o644


def test_a_replaced_file_keeps_its_access_control_list(tmp_path):
    entries = [(1, 6, -1), (2, 4, 12345), (4, 0, -1), (16, 4, -1), (32, 0, -1)]
    acl = struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, who & 0xFFFFFFFF) for tag, rights, who in entries
    )
    (tmp_path / "x").touch()
    try:
        os.setxattr(tmp_path / "x", module.ACL, acl)
    except (OSError, AttributeError):
        pytest.skip("no access-control lists here")
    write(tmp_path / "x")
    assert os.getxattr(tmp_path / "x", module.ACL) == acl


def test_a_link_is_kept_and_its_target_is_replaced(tmp_path):
    (tmp_path / "big").mkdir()
    (tmp_path / "big/real").write_bytes(b"old")
    (tmp_path / "x").symlink_to("big/real")
    write(tmp_path / "x")
    assert (tmp_path / "x").is_symlink()
    assert (tmp_path / "big/real").read_bytes() == b"new"
    (tmp_path / "y").symlink_to("big/new")
    write(tmp_path / "y")
    assert (tmp_path / "big/new").read_bytes() == b"new"
    assert names(tmp_path / "big") == ["new", "real"]


def test_other_names_keep_the_old_content(tmp_path):
    (tmp_path / "x").write_bytes(b"old")
    os.link(tmp_path / "x", tmp_path / "snapshot")
    assert other_names(tmp_path / "x") == 1
    write(tmp_path / "x")
    assert (tmp_path / "snapshot").read_bytes() == b"old"
    assert other_names(tmp_path / "x") == 0
    assert other_names(tmp_path / "none") == 0


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["fifo", "folder"])
def test_a_path_that_is_not_a_regular_file_is_refused(tmp_path, make):
    make(tmp_path / "x")
    with pytest.raises(OSError, match="is not a regular file"):
        write(tmp_path / "x")
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("none")])
def test_without_replacing_an_existing_file_is_kept(tmp_path, make):
    make(tmp_path / "x")
    with pytest.raises(UsageError, match="x: already exists; use overwrite=True"):
        write(tmp_path / "x", replace=False)
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("links", [True, False])
def test_without_replacing_a_file_created_meanwhile_is_kept(tmp_path, monkeypatch, links):
    def refuse(*args):
        raise PermissionError(errno.EPERM, "a file system without hard links")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    write(tmp_path / "before", replace=False)
    assert names(tmp_path) == ["before"]
    theirs = partial((tmp_path / "x").write_bytes, b"theirs")
    with pytest.raises(UsageError, match="already exists"):
        write(tmp_path / "x", b"mine", meanwhile=theirs, replace=False)
    assert (tmp_path / "x").read_bytes() == b"theirs"
    assert names(tmp_path) == ["before", "x"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_system_that_cannot_flush_directories_is_tolerated(tmp_path, monkeypatch, number):
    flush = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, "no")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"new"


def test_file_and_directory_are_flushed_in_this_order(tmp_path, monkeypatch):
    done = []
    flush, rename = os.fsync, os.replace

    def fsync(descriptor):
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        flush(descriptor)

    def replace(*args):
        done.append("rename")
        rename(*args)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write(tmp_path / "x")
    assert done == ["file", "rename", "folder"]
