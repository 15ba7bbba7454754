"""The held-out end as a text has the same tokens as the ids that are held out."""

import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of, part_of_text, read_training_texts
from rnnlm_cli.text import reader
from rnnlm_cli.text.reader import read_pieces

TEXT = "He said (to me): \"no\", 'yes' -- 한국을 (값) 中文 a, b. 'tis ,\n\nwell-- on f(x).\n" * 2


@pytest.mark.parametrize("piece_bytes", [16, 1 << 20])
@pytest.mark.parametrize("unit", ["prose", "jamo"])
def test_its_text_and_its_ids_have_the_same_tokens(tmp_path, monkeypatch, unit, piece_bytes):
    monkeypatch.setattr(reader, "PIECE_BYTES", piece_bytes)
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    end = "<eos>" if unit == "prose" else None
    for percent in range(3, 97, 4):
        corpus = CorpusConfig(train=str(path), valid=percent / 100, unit=unit, end_of_line=end)
        config = Config(corpus=corpus, checkpoint=CheckpointConfig(path="a.pkl"))
        texts, codec = read_training_texts(config), codec_of(config)
        for part, ids in (("train", texts.train.ids), ("valid", texts.valid.ids)):
            pieces = part_of_text(config, codec, part, lambda: read_pieces(str(path)))
            tokens = [token for piece in pieces for token in codec.tokens(piece)]
            assert texts.vocabulary.ids_of(tokens).tolist() == ids[:].tolist()
