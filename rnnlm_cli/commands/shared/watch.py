"""A small process that tells of a rank that was killed, which cannot tell it itself.

Rank 0 starts this file as a program. Each rank keeps a connection to it, which the system closes
when the rank ends, however that happens. A connection that closes without a word belongs to a rank
that was killed: the first one is named. Launchers end the other ranks then; where one does not, the
program closes their connections after ``PATIENCE``, and the system sends them SIGIO, which ends a
process even while it waits in a message.

As a program it imports only the standard library.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import socket
import subprocess
import sys
import time

PATIENCE = 3.0
"""Seconds that a launcher has to end the other ranks."""
CONNECTS = 10.0
"""Seconds until all ranks must be connected; others, behind a firewall, are not watched."""
GONE, ALL_GO = b".", b"!"


class Watch:
    """A rank's side.

    ::

        watch = Watch(Watch.start(names) if rank == 0 else address, rank)
    """

    def __init__(self, address: tuple[str, int, str], rank: int) -> None:
        """Connect to the program, if it can be reached.

        Args:
            address: Its machine, its port, and a secret.
            rank: This process.
        """
        host, port, secret = address
        self._socket: socket.socket | None = None
        host = "127.0.0.1" if host == socket.gethostname() else host
        with contextlib.suppress(OSError):
            connected = socket.create_connection((host, port), timeout=CONNECTS / 2)
            connected.sendall(f"{secret} {rank:6d}".encode())
            if connected.recv(1):
                self._socket = connected
                self._end_with_it(True)

    @staticmethod
    def start(names: list[str]) -> tuple[str, int, str]:
        """Start the program; return its address."""
        secret = secrets.token_hex(16)
        said = json.dumps([names, secret, os.getpid()])
        program = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a launcher that kills the ranks spares it
        )
        assert program.stdin is not None
        assert program.stdout is not None
        with program.stdin, program.stdout:
            program.stdin.write(said.encode() + b"\n")
            program.stdin.flush()
            return socket.gethostname(), int(program.stdout.readline() or 0), secret

    def close(self, ends_all: bool = False) -> None:
        """Say that this rank ends in order, or that it is about to end all."""
        if self._socket is None:
            return
        with contextlib.suppress(OSError), self._socket:
            self._end_with_it(False)
            self._socket.sendall(ALL_GO if ends_all else GONE)
        self._socket = None

    def _end_with_it(self, wanted: bool) -> None:
        """Let the system end this process when the program closes the connection."""
        import fcntl

        assert self._socket is not None
        number, asynchronous = self._socket.fileno(), getattr(os, "O_ASYNC", fcntl.FASYNC)
        flags = fcntl.fcntl(number, fcntl.F_GETFL)
        fcntl.fcntl(number, fcntl.F_SETOWN, os.getpid())
        changed = flags | asynchronous if wanted else flags & ~asynchronous
        fcntl.fcntl(number, fcntl.F_SETFL, changed)


def main() -> None:
    """Watch the ranks until all have ended."""
    names, secret, starter = json.loads(sys.stdin.readline())
    listening = socket.create_server(("", 0), backlog=len(names))
    os.write(1, f"{listening.getsockname()[1]}\n".encode())  # to rank 0, which started it
    os.close(1)
    ranks = connections(listening, secret, len(names), starter)
    while ranks:
        for one in select.select([*ranks], [], [])[0]:
            rank, word = ranks.pop(one), b""
            with contextlib.suppress(OSError):  # a reset connection says nothing
                word = one.recv(1)
            if word == ALL_GO:
                return
            if word != GONE:
                os.write(2, f"Error: {names[rank]}: {KILLED}\n".encode())
                until = time.monotonic() + PATIENCE
                while ranks and (left := until - time.monotonic()) > 0:
                    for other in select.select([*ranks], [], [], left)[0]:
                        del ranks[other]
                return


KILLED = "was killed or lost its machine; continue from the last saved state with --resume"


def connections(
    listening: socket.socket, secret: str, count: int, starter: int
) -> dict[socket.socket, int]:
    """Return the ranks by their connections.

    They are not waited for once one of them, or the process ``starter``, has ended: ranks that are
    killed before they connect would never come.
    """
    found: dict[socket.socket, int] = {}
    until = time.monotonic() + CONNECTS
    while len(found) < count and (left := until - time.monotonic()) > 0:
        ready = select.select([listening, *found], [], [], min(left, 0.5))[0]
        if any(one in found for one in ready) or (not ready and os.getppid() != starter):
            break
        if not ready:
            continue
        with contextlib.suppress(OSError):
            one, _ = listening.accept()
            one.settimeout(1)
            said, _, rank = one.recv(256).decode("ascii", "replace").partition(" ")
            if secrets.compare_digest(said, secret):
                one.sendall(GONE)
                found[one] = int(rank)
    return found


if __name__ == "__main__":
    main()
