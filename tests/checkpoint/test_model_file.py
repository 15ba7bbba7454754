import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from rnnlm_cli.checkpoint import TrainingState, container, load, plain_pickle, save
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig, MogrifierConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.vocabulary import Vocabulary

EPOCH = EpochRecord(
    epoch=1,
    part=1.0,
    train=2.5,
    valid=None,
    learning_rate=0.1,
    best=True,
)
STATE = TrainingState(step=7, trainer={}, texts={"train": "ab"}, log_length=3, ended=False)


def trained_model(tmp_path, **model):
    config = Config(
        corpus=CorpusConfig(train=str(tmp_path / "texts/a.txt"), end_of_line=None),
        model=ModelConfig(**({"embedding_size": 3, "hidden_size": 4} | model)),
        checkpoint=CheckpointConfig(path=str(tmp_path / "a.pkl")),
    )
    vocabulary = Vocabulary(["you", "안녕", "<unk>"], np.array([3, 2, 0]), "<unk>")
    network = Rnnlm.random(config.model, 3, np.random.default_rng(1))
    return TrainedModel(config, codec_of(config), vocabulary, network, [EPOCH])


LOW_RANK = MogrifierConfig(rounds=3, rank=2)


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"cell": "gru", "layers": 2},
        {"tie_weights": True},
        {"cell": "sru", "layers": 2, "embedding_size": 3},
        {"cell": "ln_lstm"},
        {"cell": "mogrifier", "mogrifier": LOW_RANK},
    ],
)
def test_all_values_come_back(tmp_path, model):
    saved = trained_model(tmp_path, **model)
    state = structs.replace(STATE, trainer={"hidden": [np.ones((2, 4), np.float32)]})
    path = str(tmp_path / "a.pkl")
    save(path, saved, state)
    back, state = load(path).model, load(path).training_state
    assert back.config == saved.config
    assert back.vocabulary.tokens == saved.vocabulary.tokens
    assert back.vocabulary.unknown == "<unk>"
    assert back.history == saved.history
    assert back.codec == saved.codec
    assert state.step == 7
    hidden = state.trainer["hidden"][0]
    np.testing.assert_array_equal(hidden, np.ones((2, 4)))
    for name, param in saved.network.params.items():
        np.testing.assert_array_equal(back.network.params[name].value, param.value)
        assert back.network.params[name].value.flags.writeable
    ids, state = np.zeros((1, 1), int), back.network.initial_state(1)
    np.testing.assert_allclose(
        back.network.next_log_probs(ids, state)[0],
        saved.network.next_log_probs(ids, state)[0],
        rtol=1e-5,
    )


def test_loading_takes_less_than_twice_the_file_in_memory(tmp_path):
    path = tmp_path / "a.pkl"
    save(str(path), trained_model(tmp_path, embedding_size=300, hidden_size=300, layers=2))
    tracemalloc.start()
    try:
        kept = load(str(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.model.network.params
    assert peak < 1.6 * path.stat().st_size


def test_equal_values_give_equal_bytes(tmp_path):
    save(str(tmp_path / "a.pkl"), trained_model(tmp_path))
    save(str(tmp_path / "b.pkl"), load(str(tmp_path / "a.pkl")).model)
    assert (tmp_path / "a.pkl").read_bytes() == (tmp_path / "b.pkl").read_bytes()


def test_a_file_has_version_2_and_holds_the_codec(tmp_path):
    path = str(tmp_path / "a.pkl")
    saved = trained_model(tmp_path)
    save(path, saved)
    with container.reading(path) as content:
        assert content.version == 2
        assert plain_pickle.load(content.file)["codec"] == saved.codec.to_plain()


def test_a_model_may_move_with_its_texts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("old").mkdir()
    save("old/a.pkl", trained_model(Path("old")))
    Path("old").rename("new")
    assert load("new/a.pkl").model.config.corpus.train == "new/texts/a.txt"
    assert load(str(tmp_path / "new/a.pkl")).model.config.corpus.train == (
        f"{tmp_path}/new/texts/a.txt"
    )


def test_the_history_has_the_keys_that_it_always_had(tmp_path):
    path = str(tmp_path / "a.pkl")
    save(path, trained_model(tmp_path))
    with container.reading(path) as content:
        (stored,) = plain_pickle.load(content.file)["history"]
    assert list(stored.items()) == [
        ("epoch", 1),
        ("part", 1.0),
        ("train_perplexity", 2.5),
        ("valid_perplexity", None),
        ("learning_rate", 0.1),
        ("best", True),
    ]


def save_changed(path, saved, change):
    """Save a model with forged values and a valid checksum."""
    save(path, saved)
    with container.reading(path) as content:
        values = plain_pickle.load(content.file)
    change(values)
    content = io.BytesIO()
    plain_pickle.dump(values, content)
    container.write(path, lambda file: file.write(content.getvalue()))


DAMAGE = {
    "no config": lambda v: v.pop("config"),
    "no codec": lambda v: v.pop("codec"),
    "a codec of another unit": lambda v: v["codec"].update(unit="char"),
    "a codec of a later version": lambda v: v["codec"].update(unit="runes"),
    "a codec that reads otherwise": lambda v: v["codec"].update(lowercase=True),
    "a codec of another kind": lambda v: v.update(codec=["word"]),
    "unknown config key": lambda v: v["config"].update(extra=1),
    "a parameter is missing": lambda v: v["params"].pop("output.bias"),
    "a parameter too many": lambda v: v["params"].update(extra=np.zeros(2)),
    "a parameter of another shape": lambda v: v["params"].update(
        {"output.bias": np.zeros(2, np.float32)}
    ),
    "a parameter of another type": lambda v: v["params"].update({"output.bias": np.zeros(3)}),
    "sizes the file does not back": lambda v: v["config"]["model"].update(hidden_size=10_000_000),
    "layers the file does not back": lambda v: v["config"]["model"].update(layers=100),
    "a weight of the right height alone": lambda v: v["params"].update(
        {"layer0.weight_hh": np.zeros((4, 1), np.float32)}
    ),
    "an epoch without its figures": lambda v: v["history"].append({"epoch": 2}),
    "a state of another kind": lambda v: v.update(training_state=[1]),
    "a token twice": lambda v: v["vocabulary"]["tokens"].__setitem__(
        0, v["vocabulary"]["tokens"][1]
    ),
    "a token too many": lambda v: v["vocabulary"]["tokens"].append("you"),
    "a count too many": lambda v: v["vocabulary"].update(
        counts=np.append(v["vocabulary"]["counts"], 0)
    ),
    "no unknown token": lambda v: v["vocabulary"].update(unknown="none"),
    "a token that is none": lambda v: v["vocabulary"]["tokens"].__setitem__(0, 5),
    "params of another kind": lambda v: v.update(params=[1]),
    "vocabulary of another kind": lambda v: v.update(vocabulary="abc"),
    "a token that cannot be written": lambda v: v["vocabulary"]["tokens"].__setitem__(0, "\ud800"),
    "counts below nothing": lambda v: v["vocabulary"].update(counts=-v["vocabulary"]["counts"]),
    "counts of another type": lambda v: v["vocabulary"].update(
        counts=v["vocabulary"]["counts"].astype(float)
    ),
    "a weight that is no number": lambda v: v["params"].update(
        {"output.bias": v["params"]["output.bias"] + np.float32(np.nan)}
    ),
    "an infinite weight": lambda v: v["params"].update(
        {"output.bias": v["params"]["output.bias"] + np.float32(np.inf)}
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_valid_file_with_invalid_content_is_refused(tmp_path, name):
    path = str(tmp_path / "a.pkl")
    save_changed(path, trained_model(tmp_path), DAMAGE[name])
    with pytest.raises(CheckpointError, match=r"a\.pkl: ") as caught:
        load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("values", [[], 3, None, "config", [{}], {}])
def test_a_file_that_holds_something_else_is_refused(tmp_path, values):
    path, content = str(tmp_path / "a.pkl"), io.BytesIO()
    plain_pickle.dump(values, content)
    container.write(path, lambda file: file.write(content.getvalue()))
    with pytest.raises(CheckpointError, match=r"a\.pkl: not a valid checkpoint"):
        load(path)


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path):
    path = str(tmp_path / "a.pkl")
    forged = {"x\n\x1b[31my": 1}
    save_changed(path, trained_model(tmp_path), lambda v: v["config"]["model"].update(forged))
    with pytest.raises(CheckpointError) as error:
        load(path)
    assert "unknown field `x \\x1b[31m" in str(error.value)
    assert str(error.value).isprintable()


def test_a_plain_pickle_is_not_a_checkpoint(tmp_path):
    path = tmp_path / "a.pkl"
    path.write_bytes(b"cos\nsystem\n(S'touch /tmp/x'\ntR.")
    with pytest.raises(CheckpointError, match="not an rnnlm checkpoint"):
        load(str(path))
    with pytest.raises(UsageError):
        load(str(tmp_path / "none.pkl"))
