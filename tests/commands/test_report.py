"""``rnnlm report``: one page, whatever is in the texts."""

import html
import json
import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from rnnlm_cli.commands.main import cli, run
from rnnlm_cli.report.html.markup import VOID

LINE = "<script>alert(1)</script> </style> & <img src=x onerror=alert(2)> \u202e hello {} word\n"
CONFIG = """
corpus: {{train: evil.txt, valid: {valid}, unit: {unit}}}
model: {{cell: {cell}, embedding_size: 6, hidden_size: 5, layers: 1}}
training: {{epochs: 1, batch_size: 2, bptt: 20, report_every: 5}}
checkpoint: {{path: '{path}'}}
"""
EVIL = 'a"><b>.pkl'


class Elements(HTMLParser):
    """Collects elements, their attributes and the text, and checks that each one is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.found, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two models, one of words and one of characters, and their page."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "evil.txt").write_text("".join(LINE.format(k % 7) for k in range(60)), "utf-8")
    (folder / "valid.txt").write_text("".join(LINE.format(k % 9) for k in range(25)), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for path, cell, unit in ((EVIL, "gru", "word"), ("c.pkl", "lstm", "char")):
            config = CONFIG.format(path=path, cell=cell, unit=unit, valid="valid.txt")
            Path("config.yaml").write_text(config, encoding="utf-8")
            assert run(["train", "--config", "config.yaml"]) == 0
        assert run(["report", EVIL, "c.pkl", "--tokens", "300", "--out", "r.html"]) == 0
    return folder


@pytest.fixture
def page(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return Path("r.html").read_text(encoding="utf-8")


@pytest.fixture
def parsed(page):
    elements = Elements()
    elements.feed(page)
    elements.close()
    assert elements.open == []
    return elements


def commands(page):
    for shown in re.findall(r'<p class="command"><code>(.*?)</code>', page):
        words = shlex.split(html.unescape(re.sub(r"</?span>", "", shown)))
        assert words.pop(0) == "rnnlm"
        yield words


def test_nothing_is_loaded_or_run(page, parsed):
    tags = {tag for tag, _ in parsed.found}
    assert not tags & {"script", "img", "link", "iframe", "object", "base", "form"}
    for tag, attributes in parsed.found:
        assert not [name for name in attributes if name.startswith("on")]
        assert not attributes.keys() & {"src", "data", "action", "srcset", "xlink:href"}
        assert attributes.get("href", "#").startswith("#"), tag
    style = re.search("<style>(.*)</style>", page, re.DOTALL)[1]
    assert "http" not in style
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in html.unescape(page)
    assert "<script>alert(1)</script>" in "".join(parsed.text)  # as text
    assert "\u202e" not in page
    assert len(page.encode()) < 300_000


def test_all_sections_are_there(page):
    headings = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", page)
    own = [
        *("Config", "Data and size", "Epochs", "Figures", "By frequency", "Calibration"),
        *("Surprise", "Samples", "Neighbours", "Neurons", "Gradient flow"),
    ]
    assert headings == [
        *("Models", "Comparison", "Training", html.escape(EVIL), *own, "c.pkl", *own),
    ]
    assert re.findall("Left out: [^<]*", page) == []
    assert page.count("<svg viewBox") > 10


def test_each_figure_has_a_command_that_a_user_can_type(page):
    found = list(commands(page))
    assert {" ".join(words[:2]) for words in found} > {"eval compare", "plot flow", f"show {EVIL}"}
    for words in found:
        command, rest = cli, list(words)
        context = click.Context(cli, **cli.context_settings)
        while isinstance(command, click.Group):
            name = rest.pop(0)
            command = command.get_command(context, name)
        command.make_context(name, rest, parent=context)


def test_the_commands_give_the_figures(page, parsed, capsys):
    text = " ".join(parsed.text)
    asked = [words for words in commands(page) if words[0] in ("eval", "near")]
    compared, *others = asked
    assert compared[:2] == ["eval", "compare"]
    for words in asked:
        assert run([*words, "--json"]) == 0
        values = json.loads(capsys.readouterr().out)
        if words[1] == "compare":
            assert "{:+.4f} to {:+.4f}".format(*values["interval"]) in text
            assert values["tokens"][0] < 400  # of some 900
        elif words[1] == "perplexity":
            for key in ("perplexity", "perplexity_without_unknown", "perplexity_per_word"):
                assert f"{values[key]:,.2f}" in text
            assert f"{values['unknown']:,} ({values['oov']:,} out of vocabulary" in text
        else:
            assert f"{values['near'][0]['similarity']:.2f}" in text
    assert len(others) > 4


def test_what_cannot_be_shown_is_a_line(page, capsys):
    Path("gone").mkdir(exist_ok=True)
    shutil.copy("c.pkl", "gone/c.pkl")
    args = ["gone/c.pkl", "--word", "e", "--word", "<b>", "--out", "gone/r.html", "--overwrite"]
    assert run(["report", *args]) == 0
    assert "left out c.pkl: Figures, c.pkl: By frequency, " in capsys.readouterr().err
    shown = Path("gone/r.html").read_text(encoding="utf-8")
    reasons = re.findall("Left out: [^<]*", shown)
    assert len(reasons) == 6  # of the sections that need a text
    assert "valid.txt: No such file or directory" in reasons[0]
    assert "<h3>Samples</h3><p>Temperature 0.7:</p><pre>" in shown
    assert "the model does not know &#x27;&lt;b&gt;&#x27;" in shown
    assert "Training</h2>" not in shown  # its log is not beside it


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["c.jsonl", "no.jsonl"], "no.jsonl: No such file or directory"),
        (["c.pkl", "--corpus", "no.txt"], "no.txt: No such file or directory"),
        (["c.pkl", "--corpus", "-"], "--corpus -: the text is read more than once"),
        (["c.pkl", "--out", "r.html"], "r.html: already exists; use --overwrite"),
        (["c.pkl", "--split", "test"], "has no corpus.test; it has valid, train"),
    ],
)
def test_what_a_user_names_must_be_there(page, capsys, args, said):
    assert run(["report", "--out", "new.html", *args]) == 2
    assert said in capsys.readouterr().err
    assert not Path("new.html").exists()


def test_logs_alone(page):
    assert run(["report", "c.jsonl", "--out", "log.html", "--overwrite"]) == 0
    shown = Path("log.html").read_text(encoding="utf-8")
    assert re.findall(r"<h[123][^>]*>(.*?)</h[123]>", shown) == ["c", "Training"]
    assert "gradient norm before clipping" in shown


def test_it_opens_in_a_browser(page, tmp_path):
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if browser is None:
        pytest.skip("there is no Chromium")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    done = subprocess.run(
        [
            browser,
            *options,
            f"--user-data-dir={tmp_path}",
            "--dump-dom",
            Path("r.html").resolve().as_uri(),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0
    assert ":CONSOLE" not in done.stderr  # neither an error nor something that was refused
    assert "<h3>Gradient flow</h3>" in done.stdout
    assert "<script" not in done.stdout.replace("&lt;script", "")
