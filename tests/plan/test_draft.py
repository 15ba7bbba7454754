import yaml

from rnnlm_cli.plan.draft import Setting, values_of, written

SETTINGS = [
    Setting("corpus.train", "../a: b #1.txt", "the text"),
    Setting("corpus.subword", {"kind": "bpe", "size": 1000}, "learned"),
    Setting("corpus.valid", 0.05),
    Setting("model.hidden_size", 256),
    Setting("checkpoint.path", "../checkpoints/소설.pkl"),
]


def test_it_reads_back_as_the_same_values():
    text = written(SETTINGS, ["A heading", "with: two lines", "and\nanother"])
    assert text.startswith("# A heading\n# with: two lines\n# and\\nanother\ncorpus:\n")
    assert yaml.safe_load(text) == values_of(SETTINGS)
    assert values_of(SETTINGS)["corpus"]["subword"] == {"kind": "bpe", "size": 1000}


def test_a_reason_is_a_comment_beside_its_key():
    lines = written(SETTINGS, []).splitlines()
    assert lines[2] == "  subword: {kind: bpe, size: 1000}   # learned"
    assert lines[5] == "  hidden_size: 256"
