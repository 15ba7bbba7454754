"""Rules between two keys: each row of the table, broken and repaired."""

import pytest

from rnnlm_cli.config import describe, load_config
from rnnlm_cli.config.rules import RULES
from rnnlm_cli.errors import ConfigError

MINIMAL = "corpus: {train: a.txt}\ncheckpoint: {path: a.pkl}\n"
ADAPTIVE = "model.output_layer={kind: adaptive}"

LABELS, DESCRIPTION = "task={kind: classification}", "task={kind: description}"
SUBWORD = "corpus.unit=subword"

CASES = [
    ("corpus.subword={kind: unigram}", [], "but the unit is word", "corpus.unit=subword"),
    ("corpus.unknown=the", [SUBWORD], "the could be a subword", "corpus.unknown=<the>"),
    ("corpus.end_of_line=<0x0A>", [SUBWORD], "could be a subword", "corpus.end_of_line=null"),
    ("corpus.min_count=2", [SUBWORD], "does not apply to corpus.unit: subword", "corpus.unit=char"),
    ("corpus.max_vocabulary=9", [SUBWORD], "whose vocabulary is all", "corpus.unit=word"),
    (
        "corpus.unknown=x",
        ["corpus.end_of_line=x"],
        "is x, and so is corpus.end",
        "corpus.unknown=y",
    ),
    ("corpus.unknown=X", ["corpus.lowercase=true"], "X cannot occur", "corpus.unknown=x"),
    ("corpus.end_of_line=X", ["corpus.lowercase=true"], "X cannot", "corpus.end_of_line=null"),
    (
        "corpus.unknown=e\u0301",
        [],
        "cannot occur in a text that corpus.normalize",
        "corpus.unknown=é",
    ),
    ("corpus.end_of_line=ﬁ", ["corpus.normalize=nfkc"], "made nfkc", "corpus.normalize=nfc"),
    (
        "model.direction=bidirectional",
        ["corpus.end_of_line=null"],
        "bidirectional reads line by line",
        "corpus.end_of_line=<eos>",
    ),
    (
        "training.lines=independent",
        ["model.direction=bidirectional"],
        "bidirectional reads lines by themselves",
        "training.lines=stream",
    ),
    (
        "training.lines=independent",
        ["corpus.end_of_line=null"],
        "no token ends a line",
        "corpus.end_of_line=<eos>",
    ),
    (
        "training.stateful=false",
        ["training.lines=independent"],
        "has no meaning with training.lines independent",
        "training.stateful=true",
    ),
    (
        "training.bptt_variable=true",
        ["training.lines=independent"],
        "reads each line by itself",
        "training.bptt_variable=false",
    ),
    (
        "training.partial_shuffle=true",
        ["model.direction=bidirectional"],
        "reads each line by itself",
        "training.partial_shuffle=false",
    ),
    (
        "training.past_decode=0.001",
        [ADAPTIVE],
        "the probabilities of all tokens",
        "model.output_layer={kind: full}",
    ),
    (
        "training.past_decode=0.001",
        ["model.direction=bidirectional"],
        "read from left to right",
        "training.past_decode=0",
    ),
    (
        "model.tie_weights=true",
        [ADAPTIVE],
        "an adaptive output layer has none",
        "model.output_layer={kind: sampled}",
    ),
    ("model.forget_bias=1", ["model.cell=gru"], "model.cell gru has none", "model.cell=lstm"),
    ("model.mogrifier.rounds=3", [], "but model.cell is lstm", "model.cell=mogrifier"),
    ("model.mogrifier.rank=3", [], "but model.cell is lstm", "model.mogrifier.rank=null"),
    ("model.dropout.weight=0.1", ["model.cell=sru"], "cell sru has none", "model.cell=ln_lstm"),
    ("model.direct.size=3", [], "direct.order is null", "model.direct.order=2"),
    (
        "model.direct.order=3",
        ["model.output_layer={kind: sampled}"],
        "adds to the scores of all tokens",
        ADAPTIVE,
    ),
    (
        "model.direct.order=3",
        ["model.direction=bidirectional"],
        "read from left to right",
        "model.direct.order=null",
    ),
    (
        "model.direct.order=3",
        ["training.past_decode=0.1"],
        "from the last token itself",
        "training.past_decode=0",
    ),
    (
        "corpus.extend_vocabulary=true",
        ["model.direct.order=3", "training.init_from=b.pkl"],
        "has no weights for new tokens",
        "corpus.extend_vocabulary=false",
    ),
    ("corpus.extend_vocabulary=true", [], "needs a model", "training.init_from=m.pkl"),
    (
        "model.embeddings=v.txt",
        ["training.init_from=m.pkl"],
        "has vectors of its own",
        "training.init_from=null",
    ),
    (
        "model.embedding_start=ppmi",
        ["model.embeddings=v.txt"],
        "names the vectors to start from",
        "model.embeddings=null",
    ),
    (
        "model.freeze=[layer3]",
        ["model.layers=2"],
        "a model with model.layers 2 lacks",
        "model.freeze=[layer2]",
    ),
    (
        "model.freeze=[layer1, output]",
        ["model.tie_weights=true"],
        "leaves nothing to train",
        "model.freeze=[layer1]",
    ),
    (
        "training.sample.length=20",
        ["model.direction=bidirectional"],
        "write from left to right",
        "training.sample.length=0",
    ),
    (
        "training.averaging={kind: ema}",
        ["training.optimizer={kind: ntasgd}", "corpus.valid=v.txt"],
        "ntasgd does",
        "training.averaging={kind: none}",
    ),
    (
        "training.schedule.rise=0.7",
        ["training.schedule={kind: one_cycle, end: 0.5}"],
        "0.7 and training.schedule.end 0.5 are more than all steps",
        "training.schedule.rise=0.5",
    ),
    (
        "training.device=cuda",
        ["model.direct.order=3"],
        "is cuda, but a model with model.direct.order runs on the CPU only",
        "training.device=auto",
    ),
    (
        "training.engine=cuda",
        [LABELS],
        "is cuda, but a model with task.kind: classification runs on the CPU only",
        "training.engine=auto",
    ),
    (
        "training.engine=blocked",
        ["training.device=cuda"],
        "is blocked, which runs on the CPU, but training.device is cuda",
        "training.engine=auto",
    ),
    (
        "training.engine=cuda",
        [],
        "is cuda, but training.device is cpu",
        "training.device=cuda",
    ),
    (
        "training.precision=tf32",
        [],
        "is tf32, which a CPU cannot compute with",
        "training.precision=float32",
    ),
    ("training.patience=2", [], "needs a validation text", "corpus.valid=0.1"),
    ("training.validate_every=9", [], "needs a validation text", "corpus.valid=0.1"),
    ("training.schedule={kind: plateau}", [], "needs a validation text", "corpus.valid=0.1"),
    ("training.optimizer={kind: ntasgd}", [], "needs a validation text", "corpus.valid=v.txt"),
    (LABELS, ["corpus.end_of_line=null"], "no token ends a line", "corpus.unit=char"),
    ("model.direction=bidirectional", [DESCRIPTION], "is for task.kind: ", LABELS),
    (ADAPTIVE, [LABELS], "is for task.kind: language", DESCRIPTION),
    ("model.tie_weights=true", [LABELS], "language, description and translation", DESCRIPTION),
    (
        "model.slowness_penalty=1",
        ["task={kind: translation}"],
        "is for task.kind: language, classification and description",
        "model.slowness_penalty=0",
    ),
    (
        "model.embedding_start=ppmi",
        ["task={kind: translation}"],
        "is for task.kind: language, classification and description",
        "model.embedding_start=drawn",
    ),
    ("model.direct.order=3", [DESCRIPTION], "is for task.kind: ", "model.direct.order=null"),
    ("model.output_bias=unigram", [LABELS], "language and description", DESCRIPTION),
    (
        "corpus.extend_vocabulary=true",
        [LABELS, "training.init_from=b.pkl"],
        "is for task.kind: language",
        "task.kind=language",
    ),
    ("training.lines=independent", [LABELS], "is for task.kind: ", "training.lines=stream"),
    ("training.past_decode=0.1", [LABELS], "is for task.kind: ", "training.past_decode=0"),
    ("training.sample.length=9", [LABELS], "is for task.kind: ", "training.sample.length=0"),
]
"""Per rule: the override that breaks it, others it needs, part of the message, the repair."""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    return str(path)


def test_every_rule_has_a_case():
    assert [rule.key for rule in RULES] == [case[0].partition("=")[0] for case in CASES]
    assert {rule.key for rule in RULES} <= {key.name.removesuffix(".kind") for key in describe()}


@pytest.mark.parametrize(
    ("rule", "key", "others", "said", "mended"),
    [pytest.param(rule, *case, id=case[0]) for rule, case in zip(RULES, CASES, strict=True)],
)
def test_a_broken_rule_names_its_key_where_it_is_set_and_the_remedy(
    path, rule, key, others, said, mended
):
    with pytest.raises(ConfigError) as caught:
        load_config(path, [*others, key])
    message = str(caught.value)
    assert message.startswith(f"override {key}: {rule.key} ")
    assert said in message
    assert message.endswith(f"; {rule.remedy}")
    load_config(path, [*others, key, mended])


def test_a_token_with_braces_is_quoted_as_it_is(path):
    with pytest.raises(ConfigError, match=r"corpus\.unknown \{C\} cannot occur"):
        load_config(path, ["corpus.lowercase=true", "corpus.unknown='{C}'"])


def test_of_several_broken_rules_the_first_is_reported(path):
    with pytest.raises(ConfigError, match=r"corpus\.unknown X cannot"):
        load_config(path, ["corpus.lowercase=true", "corpus.unknown=X", "training.patience=1"])


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
@pytest.mark.parametrize("model", ["model.direct.order=3", LABELS])
def test_rounding_is_refused_where_no_device_runs_the_model(path, model, precision):
    said = f"{precision}, which a CPU cannot compute with; use float32"
    with pytest.raises(ConfigError, match=said):
        load_config(path, ["training.device=auto", model, f"training.precision={precision}"])
