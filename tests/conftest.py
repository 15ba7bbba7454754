"""What several tests need."""

import functools
import importlib.util
import os
import pty
import select
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from weakref import WeakKeyDictionary

import hypothesis
import numpy as np
import pytest

from rnnlm_cli.commands.main import run
from rnnlm_cli.nn import device as device_module
from rnnlm_cli.nn.cuda import graph, launch, products
from rnnlm_cli.nn.device import why_none
from rnnlm_cli.nn.engines import choose
from rnnlm_cli.train.failures import Elsewhere
from rnnlm_cli.train.group import Group
from rnnlm_cli.train.parallel import in_order

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"

# No test depends on the clock, and the same tests are run each time; `make damage` and `make fuzz`
# are what looks for new cases.
hypothesis.settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """Remove variables that change what the tool prints or which server it asks."""
    for name in ("RNNLM_DEBUG", "COLUMNS", "NO_COLOR", "PYTHONIOENCODING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(autouse=True)
def bits_repeat(request):
    """Skip a test marked ``bitwise`` where arithmetic does not repeat itself bit for bit."""
    if request.node.get_closest_marker("bitwise") and (reason := why_bits_differ()):
        pytest.skip(reason)


@functools.cache
def why_bits_differ():
    """Compute the same from arrays at several places in memory; return what differs, or ''."""
    rng = np.random.default_rng(0)
    computations = {
        "product": lambda a, b: a @ b,
        "product by one row": lambda a, b: a[:1] @ b,
        "product of transposed": lambda a, b: b.T @ a.T,
        "dot product": lambda a, b: a.reshape(-1) @ a.reshape(-1),
        "exponential": lambda a, b: np.exp(a),
        "hyperbolic tangent": lambda a, b: np.tanh(b),
        "sum": lambda a, b: a.sum(axis=1),
    }
    for dtype, shape in ((np.float32, (4, 8, 32)), (np.float64, (21, 100, 67))):
        rows, inner, columns = shape
        a = rng.standard_normal((rows, inner)).astype(dtype)
        b = rng.standard_normal((inner, columns)).astype(dtype)
        for what, compute in computations.items():
            found = {compute(at(a, k), at(b, k)).tobytes() for k in (0, 1, 2, 3, 0)}
            if len(found) > 1:
                return f"here the same {what} of {dtype.__name__} gives other bits when repeated"
    return ""


def at(array, place):
    """Return a copy that begins so many times 16 bytes, as memory is given out, behind 64."""
    room = np.empty(array.nbytes + 128, np.uint8)
    first = -room.ctypes.data % 64 + 16 * place
    copy = room[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


@pytest.fixture
def shared_data():
    """The folder with PTB and tiny-shakespeare, which is not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is absent: PTB and tiny-shakespeare are needed")
    return SHARED_DATA


@pytest.fixture(scope="session")
def hello_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hello")
    for part in ("configs/hello.yaml", "corpora/hello.txt"):
        (folder / part).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / part, folder / part)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["train", "--config", "configs/hello.yaml"]) == 0
    return folder


@pytest.fixture
def hello(hello_folder, tmp_path, monkeypatch):
    """A working directory with a trained hello model, free to change."""
    shutil.copytree(hello_folder, tmp_path / "hello")
    monkeypatch.chdir(tmp_path / "hello")
    return tmp_path / "hello"


class Terminal:
    """A program behind a pseudo-terminal."""

    def __init__(self, command, environment):
        pid, self.end = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where tests run in background
            os.execvpe(command[0], command, environment)
        self.pid, self.shown = pid, ""

    def type(self, text):
        os.write(self.end, text.encode())

    def read_until(self, text, seconds=60):
        """Read until a text is shown, and return what was."""
        until = time.monotonic() + seconds
        while text not in self.shown:
            ready, _, _ = select.select([self.end], [], [], max(0, until - time.monotonic()))
            assert ready, f"{text!r} is not in {self.shown!r}"
            self.shown += os.read(self.end, 65536).decode("utf-8", "replace")
        shown, self.shown = self.shown.split(text, 1)
        return shown

    def close(self):
        os.close(self.end)
        self.wait()

    def wait(self):
        """Return the exit code."""
        if self.pid:
            _, self.status = os.waitpid(self.pid, 0)
            self.pid = 0
        return os.waitstatus_to_exitcode(self.status)


@pytest.fixture(scope="session")
def standin(tmp_path_factory):
    """NumPy in CuPy's place (tests/nn/cuda/standin.py), with its kernels compiled once."""
    path = ROOT / "tests" / "nn" / "cuda" / "standin.py"
    spec = importlib.util.spec_from_file_location("standin", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    loaded.RawModule.folder = tmp_path_factory.mktemp("kernels")
    return loaded


@pytest.fixture
def device(request, monkeypatch):
    """A CUDA device: the real one where there is one, else one that stands in for it.

    With ``RNNLM_REAL_DEVICE``, as make gpu sets it, only a real one will do.
    """
    if why_none() is not None and "RNNLM_REAL_DEVICE" not in os.environ:
        standin = request.getfixturevalue("standin")
        if standin.COMPILER is None:
            pytest.skip("no CUDA device, and no C compiler for one that stands in for it")
        monkeypatch.setattr(device_module._Loaded, "cupy", standin.module())
        monkeypatch.setattr(launch, "kernels", functools.cache(launch.Kernels))
        blas = products.Products(standin.Blas())
        monkeypatch.setattr(products, "products", lambda: blas)
        monkeypatch.setattr(choose.ENGINES["cuda"], "_kept", WeakKeyDictionary())
    monkeypatch.setattr(choose._Chosen, "device", "cpu")
    monkeypatch.setattr(device_module._Loaded, "factors", "float32")
    monkeypatch.setattr(graph.Graphs, "wanted", True)
    monkeypatch.setattr(graph.Graphs, "failure", "")
    yield device_module.cupy()
    assert graph.Graphs.failure == ""


@pytest.fixture
def no_device(monkeypatch):
    """A machine without CuPy."""
    monkeypatch.setattr(device_module._Loaded, "cupy", None)
    monkeypatch.setitem(sys.modules, "cupy", None)


@pytest.fixture
def terminals():
    """Open terminals, and close them after the test."""
    opened = []

    def start(command, environment):
        opened.append(Terminal(command, environment))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


class Threads(Group):
    """One of several threads that hand each other values at a barrier."""

    def __init__(self, rank, table, barrier):
        super().__init__()
        self.rank, self.size = rank, len(table)
        self.hosts = ["here"] * self.size
        self._table, self._barrier = table, barrier

    def _exchange(self, value):
        self._table[self.rank] = value
        self._barrier.wait()
        found = list(self._table)
        self._barrier.wait()
        return found

    def sum(self, values, how="fixed"):
        values[:] = in_order(np.stack(self._exchange(values.copy())))


@pytest.fixture(scope="session")
def on_threads():
    """Give a function that runs work on several ranks, which are threads of this process."""
    return _on_threads


def _on_threads(size, work):
    """Return ``work(group)`` of every rank; an error of one ends all and is raised."""
    table, barrier = [None] * size, threading.Barrier(size, timeout=60)
    found, errors = [None] * size, []

    def run(rank):
        try:
            found[rank] = work(Threads(rank, table, barrier))
        except BaseException as error:
            errors.append(error)
            if not isinstance(error, Elsewhere):  # else the others know already
                barrier.abort()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    follows = threading.BrokenBarrierError, Elsewhere  # from another rank's error
    for error in sorted(errors, key=lambda error: isinstance(error, follows)):
        raise error
    return found


@pytest.fixture(scope="session")
def log10_prob():
    """Give a function that asks an ARPA file's model for one probability, in words."""
    return _log10_prob


def _log10_prob(model, history, word):
    before = model.ids_of(history)[len(history) - min(len(history), model.order - 1) :]
    histories = np.full((1, model.order - 1), -1)
    histories[0, model.order - 1 - len(before) :] = before
    return float(model.log10_probs(histories, model.ids_of([word]))[0])


@pytest.fixture(scope="session")
def arpa_entries():
    """Give a function that returns the numbers of an ARPA file's model by n-gram, in words."""
    return _arpa_entries


def _arpa_entries(model):
    names = {k: word for word, k in model.words.items() if word != "<UNK>"}
    found = {}
    for order, table in enumerate(model.tables.tables, 1):
        ngrams = model.tables.ngrams(order, slice(None)).tolist()
        for ngram, *numbers in zip(ngrams, table.log_probs, table.backoffs, strict=True):
            found[tuple(names[k] for k in ngram)] = tuple(numbers)
    return found
