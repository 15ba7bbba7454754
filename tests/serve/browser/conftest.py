"""A server with small models, and a real browser; without one these tests are skipped.

`make page` installs Playwright, which drives the system's Chromium. With ``PAGE_SHOTS=DIRECTORY``
the tests leave screenshots there, to be looked at.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

GOLDENS = Path(__file__).parents[2] / "goldens" / "checkpoints"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
KOREAN = "나는 학교에 갑니다\n너는 집에 갑니다\n우리는 바다에 갑니다\n"
CONFIG = """\
corpus: {train: ko.txt, unit: char}
model: {embedding_size: 8, hidden_size: 16}
training: {epochs: 30, batch_size: 1, optimizer: {kind: adam, learning_rate: 0.02}}
checkpoint: {path: korean.pkl}
"""


RNNLM = (sys.executable, "-m", "rnnlm_cli")


class Server:
    """One server that a test may end and start again, on the same port."""

    def __init__(self, models, *options):
        self.models, self.options, self.port = models, options, 0
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        command = [*RNNLM, "serve", "--port", str(self.port), *self.options, *self.models]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)
        line = b""
        while b"http://" not in line:
            line = self.process.stderr.readline()
            assert line, "the server did not start"
        self.port = int(line.split(b"http://127.0.0.1:")[1].split()[0].strip(b"/"))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}health").close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def stop(self):
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture(scope="session")
def models(tmp_path_factory, browser):
    """A model of words, one of characters, one of Hangul, and one that reads both ways."""
    directory = tmp_path_factory.mktemp("models")
    (directory / "ko.txt").write_text(KOREAN, "utf-8")
    (directory / "ko.yaml").write_text(CONFIG, "utf-8")
    command = [*RNNLM, "train", "--config", "ko.yaml"]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    names = {"words": "lstm-tied", "chars": "char", "both-ways": "bidirectional"}
    for name, golden in names.items():
        shutil.copy(GOLDENS / f"{golden}.pkl", directory / f"{name}.pkl")
    return [directory / f"{name}.pkl" for name in ("words", "chars", "korean", "both-ways")]


@pytest.fixture(scope="session")
def shared_server(models):
    server = Server(models)
    yield server
    server.stop()


@pytest.fixture
def new_server(models):
    """Start servers of a test's own."""
    begun = []

    def start(*options):
        begun.append(Server(models, *options))
        return begun[-1]

    yield start
    for server in begun:
        server.stop()


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("needs a Chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


class Page:
    """The page in a tab, in words of its user."""

    def __init__(self, tab, url):
        self.tab, self.wrong = tab, []
        tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        tab.on("console", self._console)
        tab.goto(url)

    def _console(self, message):
        # an answer that is an error is shown on the page; all else is a mistake of the page
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(message.text)

    def choose(self, *names):
        self.tab.wait_for_selector("#models input")
        for box in self.tab.locator("#models input:enabled").all():
            box.set_checked(box.get_attribute("value") in names)

    def write(self, start, **settings):
        for name, value in settings.items():
            self.tab.fill(f"#{name}", str(value))
        self.tab.fill("#start", start)
        self.tab.press("#start", "Enter")

    def wait(self):
        self.tab.wait_for_selector("#stop:disabled")

    def text(self, name):
        column = self.tab.get_by_role("listbox", name=f"Text of {name}", exact=True)
        return "".join(column.evaluate("e => e.textContent")).replace("↵", "")

    def shot(self, name):
        if directory := os.environ.get("PAGE_SHOTS"):
            self.tab.screenshot(path=Path(directory) / f"{name}.png", full_page=True)


@pytest.fixture
def open_page(browser, request):
    """Open tabs; at the end none may have had an error."""
    opened, contexts = [], []

    def show(url, **options):
        options = {"viewport": {"width": 1200, "height": 850}, **options}
        contexts.append(browser.new_context(**options))
        opened.append(Page(contexts[-1].new_page(), url))
        return opened[-1]

    yield show
    for context in contexts:
        context.close()
    assert [page.wrong for page in opened] == [[]] * len(opened)


@pytest.fixture
def page(open_page, shared_server):
    return open_page(shared_server.url)
