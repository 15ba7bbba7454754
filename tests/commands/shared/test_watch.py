"""The program that watches the ranks of a training: whom it waits for."""

import contextlib
import os
import socket
import time

import pytest

from rnnlm_cli.commands.shared import watch


@pytest.fixture
def listening(monkeypatch):
    """A server that would wait for its ranks for a minute."""
    monkeypatch.setattr(watch, "CONNECTS", 60.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def opened():
    """Sockets that are closed after the test."""
    with contextlib.ExitStack() as stack:
        yield stack.enter_context


def connected(server, rank, opened):
    client = opened(socket.create_connection(server.getsockname()))
    client.sendall(f"secret {rank:6d}".encode())
    return client


def found(server, opened, starter):
    """The ranks that connect, of two."""
    ranks = watch.connections(server, "secret", 2, starter)
    return [rank for one, rank in ranks.items() if opened(one)]


def test_all_ranks_are_connected(listening, opened):
    clients = [connected(listening, rank, opened) for rank in (1, 0)]
    assert found(listening, opened, os.getppid()) == [1, 0]
    assert [client.recv(1) for client in clients] == [watch.GONE] * 2


def test_nobody_is_waited_for_when_one_has_ended(listening, opened):
    client = connected(listening, 0, opened)
    client.shutdown(socket.SHUT_WR)  # as if it had been killed before the others connected
    begun = time.monotonic()
    assert found(listening, opened, os.getppid()) == [0]
    assert time.monotonic() - begun < 30


def test_nobody_is_waited_for_when_the_first_rank_has_ended_before(listening, opened):
    begun = time.monotonic()
    assert found(listening, opened, starter=-1) == []
    assert time.monotonic() - begun < 30
