"""``rnnlm init --text``: a config that trains, whatever the text."""

import gzip
import importlib.util
from pathlib import Path

import pytest

from rnnlm_cli.commands.init import name_for
from rnnlm_cli.commands.main import run
from rnnlm_cli.config import load_config
from rnnlm_cli.data.texts import read_training_texts
from rnnlm_cli.plan import network
from rnnlm_cli.train.time_left import Pace

ENGLISH = "".join(f"The {n} of them, said No. {n % 7}!\n" for n in range(300))
KOREAN = "".join(f"나는 {n}번째 책을 읽었다.\n" for n in range(300))


@pytest.fixture(autouse=True)
def fast(tmp_path, monkeypatch):
    """An empty directory, a machine of known speed, and no optional package."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    def pace(config, texts, seconds):
        found = Pace()
        found.stepped(config.model.hidden_size / 500)
        return found

    monkeypatch.setattr(network, "measured_pace", pace)


def test_a_novel_is_trained_in_two_commands(capsys):
    Path("novel.txt").write_text(ENGLISH, encoding="utf-8")
    assert run(["init", "--text", "novel.txt", "--minutes", "0.02"]) == 0
    told = capsys.readouterr().err
    assert "8.6 kB of utf-8, mostly Latin letters" in told
    assert "unit: 27 characters, so that nothing is unknown; subwords learn faster: pip" in told
    assert "wrote configs/novel.yaml\n" in told
    assert told.endswith("next: rnnlm train --config configs/novel.yaml\n")
    content = Path("configs/novel.yaml").read_text(encoding="utf-8")
    assert content.splitlines()[1].startswith(
        "# Made by rnnlm init --text novel.txt --minutes 0.02, for the machine"
    )
    config = load_config("configs/novel.yaml")
    assert (config.corpus.train, config.checkpoint.path) == ("novel.txt", "checkpoints/novel.pkl")
    assert run(["train", "--config", "configs/novel.yaml"]) == 0
    assert "bits per byte" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "data", "options", "keys"),
    [
        ("a.txt", KOREAN.encode("cp949"), [], {"encoding": "cp949"}),
        ("a.txt", KOREAN.encode("cp949"), ["--encoding", "cp949"], {"encoding": "cp949"}),
        ("a.txt.gz", gzip.compress(ENGLISH.encode()), [], {"encoding": "utf-8"}),
        ("b/c.txt", ENGLISH.encode(), [], {"train": "b/c.txt"}),
        (
            "a.jsonl",
            b'{"body": "one two, three."}\n' * 99,
            ["--field", "body"],
            {"field": "body"},
        ),
    ],
    ids=["found", "named", "compressed", "elsewhere", "records"],
)
def test_any_text_has_a_config_that_reads_it(name, data, options, keys):
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_bytes(data)
    assert run(["init", "new", "--text", name, "--minutes", "0.02", *options]) == 0
    (config_file,) = Path("new/configs").glob("*.yaml")
    corpus = load_config(str(config_file)).corpus
    assert {key: getattr(corpus, key) for key in keys} == keys
    assert len(read_training_texts(load_config(str(config_file)), use_cache=False).train) > 1000


def test_a_directory_and_several_texts(tmp_path):
    Path("novels").mkdir()
    for number in (1, 2):
        Path(f"novels/{number}.txt").write_text(ENGLISH, encoding="utf-8")
    assert run(["init", "--text", "novels/", "--minutes", "0.02"]) == 0
    assert load_config("configs/novels.yaml").corpus.train == "novels"
    texts = ["--text", "novels/1.txt", "--text", str(tmp_path / "novels/2.txt")]
    assert run(["init", *texts, "--minutes", "0.02"]) == 0
    trained = load_config("configs/1.yaml").corpus.train
    assert trained == ["novels/1.txt", str(tmp_path / "novels/2.txt")]


def test_a_text_that_would_hold_its_own_config_is_refused(capsys):
    Path("novel.txt").write_text(ENGLISH, encoding="utf-8")
    for text in (".", "**/*.yaml", "checkpoints/"):
        assert run(["init", "--text", text]) == 2
    assert "would belong to the text" in capsys.readouterr().err
    assert run(["init", "--text", "*.txt", "--minutes", "0.02"]) == 0


def test_what_is_there_is_not_replaced(capsys):
    Path("novel.txt").write_text(ENGLISH, encoding="utf-8")
    Path("configs").mkdir()
    Path("configs/novel.yaml").write_text("mine", encoding="utf-8")
    assert run(["init", "--text", "novel.txt"]) == 2
    assert "configs/novel.yaml" in capsys.readouterr().err
    assert Path("configs/novel.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--text", "-"], "--text -: is standard input, which cannot be read again"),
        (["--text", "nowhere.txt"], "nowhere.txt: No such file"),
        (["--text", "blank.txt"], "blank.txt: holds 0 words"),
        (["--text", "tiny.txt"], "tiny.txt: holds 2 words in 4 characters"),
        (["--text", "blank.txt", "--minutes", "0"], "--minutes"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_in_one_line(capsys, arguments, said):
    Path("blank.txt").write_text("\n \n", encoding="utf-8")
    Path("tiny.txt").write_text("a b\n", encoding="utf-8")
    assert run(["init", *arguments]) == 2
    err = capsys.readouterr().err.splitlines()
    assert said in err[-1]
    assert not Path("configs").exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a/novel.txt.gz", "novel"),
        ("novels/", "novels"),
        ("novels/*.txt", "novels"),
        ("novels/**/*.txt", "novels"),
        ("*.txt", "text"),
        (".", "text"),
        ("/a/.hidden", "a"),
    ],
)
def test_the_config_is_named_after_its_text(text, name):
    assert name_for([text]) == name


@pytest.mark.parametrize(
    ("config", "corpus"),
    [
        ("ptb-lstm", "rnnlm corpus fetch ptb --out corpora"),
        ("ptb-char", "rnnlm corpus fetch ptb-char --out corpora"),
        ("char-gru", "rnnlm corpus fetch tiny-shakespeare --out corpora"),
        ("python-docs", "rnnlm corpus python-docs --out corpora/python-docs.txt"),
    ],
)
def test_a_shipped_config_comes_with_the_command_that_gets_its_corpus(config, corpus, capsys):
    assert run(["init", "--config", config]) == 0
    told = capsys.readouterr().err.splitlines()[-2:]
    assert told == [f"next: {corpus}", f"next: rnnlm train --config configs/{config}.yaml"]
