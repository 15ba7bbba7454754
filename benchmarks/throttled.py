"""Ranks in network namespaces of this machine, with a slow network between them.

Each namespace has a TUN device, whose bandwidth a token bucket filter limits (``tc``, tbf). What it
sends, the program here reads and, after a delay, writes to the device of its receiver. So it needs
Linux, root and the program ``ip``; ``missing`` says what is not there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
MTU = 9000
DEVICE = "eth0"
RECEIVER = 19
"""The byte of an IPv4 packet that is the last one of its receiver's address."""

ENVIRONMENT = {"UCX_TLS": "tcp,self", "UCX_NET_DEVICES": DEVICE, "MPIR_CVAR_NOLOCAL": "1"}
"""What makes MPICH use the network within a machine."""


def missing() -> str:
    """Return what is missing to make such networks; an empty string if nothing is."""
    if os.geteuid() != 0:
        return "root"
    programs = [name for name in ("ip", "tc") if shutil.which(name) is None]
    if programs:
        return f"the program {programs[0]}"
    try:
        with network(2, 1e9, 0.0):
            return ""
    except (OSError, subprocess.CalledProcessError) as error:
        return f"a right or a part of the kernel ({error})"


def in_namespace(rank: int, command: list[str]) -> list[str]:
    """Return the command line that runs a command in the namespace of a rank."""
    return ["ip", "netns", "exec", _name(rank), *command]


@contextmanager
def network(ranks: int, bits_per_second: float | None, delay: float) -> Iterator[None]:
    """Make a namespace per rank, and a network between them.

    Args:
        ranks: How many.
        bits_per_second: Of each, to the others; ``None`` for no limit.
        delay: Seconds that a packet takes longer.
    """
    devices, threads = list[int](), list[threading.Thread]()
    stop = threading.Event()
    try:
        for rank in range(ranks):
            devices.append(_namespace(rank, bits_per_second))
        queues = [_Queue(device) for device in devices]
        for device in devices:
            threads.append(threading.Thread(target=_read, args=(device, queues, delay)))
        threads += [threading.Thread(target=queue.write, args=(stop,)) for queue in queues]
        for thread in threads:
            thread.daemon = True
            thread.start()
        yield
    finally:
        stop.set()
        for rank in range(len(devices)):
            subprocess.run(["ip", "netns", "del", _name(rank)], check=False)
        for device in devices:
            os.close(device)


def _name(rank: int) -> str:
    return f"rnnlm-{os.getpid()}-{rank}"


def _namespace(rank: int, bits_per_second: float | None) -> int:
    """Make a namespace with a device; return the device's other end."""
    name = _name(rank)
    device = os.open("/dev/net/tun", os.O_RDWR)
    outside = f"tun{rank}"
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", outside.encode(), IFF_TUN | IFF_NO_PI))
    commands = [
        ["ip", "netns", "add", name],
        ["ip", "link", "set", outside, "netns", name, "name", DEVICE],
        ["ip", "-n", name, "link", "set", "lo", "up"],
        ["ip", "-n", name, "addr", "add", f"10.77.0.{rank + 1}/24", "dev", DEVICE],
        ["ip", "-n", name, "link", "set", DEVICE, "mtu", str(MTU), "up"],
    ]
    if bits_per_second is not None:
        rate = ["rate", f"{bits_per_second:.0f}bit", "burst", "256kb", "latency", "1s"]
        commands.append(["tc", "-n", name, "qdisc", "add", "dev", DEVICE, "root", "tbf", *rate])
    for command in commands:
        subprocess.run(command, check=True)
    return device


class _Queue:
    """Packets on their way to a device."""

    def __init__(self, device: int) -> None:
        self._device = device
        self._packets: deque[tuple[float, bytes]] = deque()
        self._some = threading.Condition()

    def add(self, due: float, packet: bytes) -> None:
        """Add a packet that arrives at a time."""
        with self._some:
            self._packets.append((due, packet))
            self._some.notify()

    def write(self, stop: threading.Event) -> None:
        """Write packets when they are due."""
        while not stop.is_set():
            with self._some:
                if not self._packets:
                    self._some.wait(0.1)
                    continue
                due, packet = self._packets.popleft()
            if (left := due - time.monotonic()) > 0:
                time.sleep(left)
            try:
                os.write(self._device, packet)
            except OSError:  # the namespace is gone
                return


def _read(device: int, queues: list[_Queue], delay: float) -> None:
    """Read what a device sends, and pass it on."""
    while True:
        try:
            packet = os.read(device, MTU + 100)
        except OSError:  # it was closed
            return
        if len(packet) > RECEIVER and packet[0] >> 4 == 4:
            number = packet[RECEIVER] - 1
            if 0 <= number < len(queues):
                queues[number].add(time.monotonic() + delay, packet)
