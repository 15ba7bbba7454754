"""Whatever comes in, bytes, texts and configs: it is read or refused with one line."""

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config import Config, load_config
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.errors import ConfigError, CorpusError, RnnlmError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.corpus import Reading, read_corpus, read_training_corpus
from rnnlm_cli.text.vocabulary import VocabularyLimits
from rnnlm_cli.train.loop import Trainer

ODD = [
    "\0",
    "\ufeff",
    "\r\n",
    "e\u0301",
    "\u202eabc",
    "שלום",
    "\x85",
    "\u2028",
    "<eos>",
    "<unk>",
    "\U0001f600",
]
TEXTS = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=8)), max_size=30).map(" ".join)
BYTES = st.one_of(st.binary(max_size=200), TEXTS.map(lambda text: text.encode("utf-8", "replace")))
EVERY_CODEC = st.builds(
    lambda unit, **how: CODECS[unit](**how),
    unit=st.sampled_from(["word", "char"]),
    end_of_line=st.sampled_from(["<eos>", None]),
    lowercase=st.booleans(),
    normalize=st.sampled_from([None, "nfc", "nfkc"]),
)
QUICK = settings(deadline=None, max_examples=60)


@contextlib.contextmanager
def file_of(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.txt")
        path.write_bytes(content)
        yield str(path)


@QUICK
@given(BYTES, EVERY_CODEC)
def test_any_bytes_are_a_corpus_or_refused_and_go_back_to_the_text(content, codec):
    with file_of(content) as path, contextlib.suppress(CorpusError):
        vocabulary, corpus, _ = read_training_corpus([path], Reading(codec))
        tokens = [vocabulary.tokens[k] for k in corpus.ids]
        again = read_corpus([path], codec, vocabulary)
        np.testing.assert_array_equal(again.ids, corpus.ids)
        assert again.oov == 0
        text = content.decode().removeprefix("\ufeff").replace("\r\n", "\n")
        text = codec.normalized(text)
        if codec.unit == "word":
            assert [t for t in tokens if t != "<eos>"] == [w for w in text.split() if w != "<eos>"]
        elif codec.end_of_line is None:
            assert "".join(tokens) == text


@settings(deadline=None, max_examples=20)
@given(BYTES, EVERY_CODEC)
def test_any_corpus_trains_or_is_refused(content, codec):
    with file_of(content) as path, contextlib.suppress(CorpusError):
        vocabulary, corpus, _ = read_training_corpus([path], Reading(codec))
        config = ModelConfig(embedding_size=3, hidden_size=3)
        model = Rnnlm.random(config, len(vocabulary), np.random.default_rng(0))
        blocks = Blocks(corpus, 2, 5)
        list(Trainer(model, blocks, TrainingConfig(epochs=1, batch_size=2, bptt=5)).run())
        assert all(np.isfinite(param.value).all() for param in model.params.values())


KEYS = st.sampled_from(
    [
        "corpus",
        "model",
        "training",
        "checkpoint",
        "train",
        "cell",
        "path",
        "epochs",
        "kind",
        "x",
        "",
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@QUICK
@given(st.one_of(VALUES.map(lambda value: yaml.safe_dump(value).encode()), st.binary(max_size=80)))
def test_any_config_is_one_or_refused_with_one_line(content):
    with file_of(content) as path:
        refused = None
        try:
            assert isinstance(load_config(path), Config)
        except RnnlmError as error:
            refused = str(error)
    if refused is not None:
        assert "\n" not in refused.strip()
        assert "a.txt" in refused


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path):
    lines = ["a0: &a0 [x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 30)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError, match="alias"):
        load_config(str(path))


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(TEXTS, st.text(max_size=20)), st.sampled_from(["generate", "next", "fill", "words"])
)
def test_any_start_is_gone_on_from_or_refused(hello, start, command):
    model = ["--checkpoint", "checkpoints/hello.pkl"]
    args = {
        "generate": ["generate", f"--start={start}", "--length", "2", "--seed", "1", *model],
        "next": ["eval", "next", f"--start={start}", "--allow-unknown", *model],
        "fill": ["fill", *model, "--allow-unknown", "--", f"{start} ___"],
        "words": ["eval", "words", "--corpus", "start.txt", "--independent", *model],
    }[command]
    Path("start.txt").write_text(start, encoding="utf-8", errors="replace")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(args)
    assert code in (0, 1, 2)
    assert "this is a bug" not in err.getvalue()
    assert (code == 0) == (not err.getvalue().startswith("Error"))


def test_a_line_of_two_megabytes_and_many_types(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text(" ".join(f"w{k}" for k in range(250_000)), encoding="utf-8")
    assert path.stat().st_size > 1_700_000
    limits = VocabularyLimits(max_vocabulary=1000)
    vocabulary, corpus, _ = read_training_corpus([str(path)], Reading(limits=limits))
    assert len(vocabulary) == 1000
    assert len(corpus) == 250_001
    assert corpus.oov == 250_001 - 999


def test_a_checkpoint_is_no_corpus(hello):
    saved = checkpoint.load("checkpoints/hello.pkl").model
    with pytest.raises(CorpusError, match="not UTF-8"):
        read_corpus(["checkpoints/hello.pkl"], saved.codec, saved.vocabulary)
