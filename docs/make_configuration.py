"""Write docs/configuration.md from the schema (``make docs``), so that the two cannot differ."""

import re
import sys
import textwrap
from itertools import groupby
from typing import Any

import yaml
from msgspec import NODEFAULT

from rnnlm_cli.config import Key, Mark, describe, keys_marked
from rnnlm_cli.config.manual import resume_word
from rnnlm_cli.config.rules import RULES

INTRODUCTION = """\
# Configuration

`rnnlm train --config FILE` reads one YAML file. This page is written from the schema
(`rnnlm_cli/config/`) by `make docs`.

- All keys are optional except `corpus.train` and `checkpoint.path`.
- Paths are relative to the file; with `--set` they are relative to the working directory.
- `--set KEY=VALUE` overrides a key, dotted as below; the value is YAML:
  `--set training.epochs=2 --set 'training.optimizer={kind: adam, learning_rate: 1e-3}'`.
- An unknown key, a wrong type or a value out of range is refused before any work, with file, line,
  key, value and what is allowed. A key given twice and YAML aliases are refused.
- The column *resume* says whether a key may change with `--resume`: a *fixed* one must not, a
  *free* one may, a *noted* one may and a note says that figures differ by rounding; with *same
  content* a path or an encoding may change, but not the text; with *the model's* the value of the
  model is kept, and a note says so if another one is given.
- `rnnlm config explain KEY` prints what is said here of a key or a section, and
  `rnnlm config check FILE` says whether a config is valid.
- An editor with a YAML language server completes and explains the keys, and marks mistakes. The
  first line of a config leads it to the JSON Schema, `rnnlm.schema.json` beside the config, which
  `rnnlm init` writes and `rnnlm config schema` prints.
- `rnnlm train --config FILE --dry-run` prints the whole configuration with its defaults, and the
  memory and steps of the training.
"""

SECTIONS = {
    "corpus": "The texts, and how they are split into tokens.",
    "task": "What the model is for; [tasks.md](tasks.md) has an example of each.",
    "model": "The network.",
    "training": "How the network is trained.",
    "checkpoint": "Where the model is saved.",
}

CLOSING = """\
## How the parts work together

- **Vocabulary.** It is made from the training text only (without the held-out end, where
  `corpus.valid` is a fraction), kept in the checkpoint, and always holds `corpus.unknown`.
  `min_count` is applied before `max_vocabulary`.
- **Encodings.** A text is in `corpus.encoding`: any encoding that Python knows, also UTF-16 and
  others of several bytes per letter. Bytes that are not valid in it are an error that names file,
  line and byte, the encodings in which the line reads well, the line as each reads it, and the
  remedy. With `auto` each file is examined: byte-order marks, then UTF-8, then the encoding in
  which the first lines beyond ASCII, among 64 kB, are the most probable text; everything that
  follows must be valid in it. A note says which it is. Standard input is then read ahead, unless it
  is a terminal. The encoding belongs to the text and not to the model: for a text that a command
  names, there is the option `--encoding`.
- **Normalisation.** `corpus.normalize` brings text into a Unicode form before it is split: the
  texts of the training, what is scored, starts, `--skip` and `--stop`. So a text in decomposed
  form (NFD, from macOS) has the same tokens and the same perplexity as in composed form. It is kept
  in the model; models of earlier versions have `null`. Sizes are those of the text before.
- **Texts.** A byte-order mark is dropped, `\\r\\n` is a line end. A NUL character is refused. Lines
  need no marks: `corpus.end_of_line` is added at each line's end, and a word of the text that is
  spelled like it is the same token. Training begins with a note if the text contains such words,
  `<s>` or `</s>`, if its lines seem to end in `\\r` alone, if a text is given twice or both held
  out and trained on, and if a twentieth of the tokens or more is unknown (above a fifth it is a
  warning).
- **Files of a text.** A text is a file, several (a list), or `-`, standard input. A directory is
  all text files below it, a pattern (`novels/*.txt`, `novels/**/*.txt`) those that match, each
  sorted by name; put a pattern that begins with `*` in quotes. A name that exists is no pattern,
  even with a `*`. Left out, with a note, are hidden, empty and binary files, and links to
  directories. Files that end in `.gz`, `.xz`, `.bz2` or `.zst` (extra `zst`) are decompressed, and
  a `.zip` is read like a directory. Training must not write into a directory that it reads.
- **Records.** In a file `NAME.jsonl` (one JSON object per line), `NAME.csv`, `NAME.tsv` (the first
  row names the fields) or `NAME.parquet` (extra `parquet`) each record is a text of one or more
  lines: the field `corpus.field`. A record in which it is null or empty is left out; one without
  the field, or with anything but a string in it, is an error. The first three formats may be
  compressed, and are in `corpus.encoding`. A record has at most 16 million characters.
- **Units.** `word` takes what is between white space: "me," and "me" are two words. `prose` splits
  punctuation off, and contractions as the Penn Treebank does ("do n't"). Its text comes back with
  the spaces where they were: a comma joins the word before it, an opening bracket the word after
  it, and a token that departs from such a rule is marked. `‿` is on each side that joins, `␣`
  before a token that joins nothing: an opening quotation mark is `"‿`, and `"` a closing one. Such
  marks are rare: 0.2% of the tokens of tiny-shakespeare, 2% of Korean prose. Scripts without
  spaces, as Chinese, Japanese and Thai, are split into characters. `jamo` splits Hangul syllables
  into their letters and composes them again. The last syllable of a start may still get a final:
  after `--start 하` the text may begin with 한.
- **Limits.** A word of more than `max_token_bytes`, or a compressed text of more than
  `max_expansion` times its compressed size, is an error that names the place, before it fills the
  memory; with `unit: char` or `jamo` a line may be of any length. A key or a value of a config has
  at most 4,096 characters (a token 1,000), and a config at most 10,000 of them. A text that only a
  checkpoint names (without `--config` and `--corpus`) must be a regular file, or a directory or
  pattern with at most 100,000 names to look at, and is read with the default limits at most.
- **Held-out end.** Where `corpus.valid` is a fraction, the training text is cut between two tokens,
  with `prose` at white space, with `jamo` between two syllables.
  If that is in the middle of a line, the training part ends in a line without its end, and the rest
  of the line is the first line that is held out.
- **Subwords.** With `unit: subword` a token is a frequent part of a text, mostly with the space
  before it, shown as `▁the`; what is rare is spelled in bytes, shown as `<0xEC>`, so that no text
  is unknown. They are learned from the training text (from at most 50 million characters, lines at
  equal distances; `lowercase` acts before), and the model file holds what was learned. The tokens
  give each line back exactly. `kind: bpe` needs the package tokenizers, `kind: unigram`
  sentencepiece (the extra `subword`), also to score and to continue a given text. With `kind: file`
  a `tokenizer.json` (ByteLevel, Metaspace or WordPiece) or a SentencePiece `.model` is taken over,
  without what it adds at the ends of a text; characters that it does not know are spelled in bytes,
  and text in which it changes case or spaces is written as it changed it. A special token of the
  file, and `<eos>` or `<unk>` in a text, are ordinary text. Where `corpus.valid` is a fraction, it
  is one of characters, and the cut is before white space, so that the held-out end is the same for
  each tokenizer and was not learned from. `rnnlm fill` needs whole words and refuses subwords.
- **Characters and bytes.** Bits per character and per byte divide by the text as it was read: the
  words, one separator between two words of a line, one character for a line's end. With
  `end_of_line: null` and `unit: word` a line's end is the separator between two lines' words. The
  first token, which is given, does not count; a separator belongs to the word after it.
- **Streams and blocks.** The training text is cut into `batch_size` contiguous streams, which are
  read in parallel, `bptt` tokens at a time. The state is carried from block to block (unless
  `stateful: false`) and reset at each epoch; gradients stop at the block's edge.
- **Both directions.** With `model.direction: bidirectional` each line is a sequence of its own,
  read from both sides; one of more than 500 tokens is read in pieces. A block is whole lines of one
  length, about `batch_size` times `bptt` tokens together; gradients go back to a line's ends, and
  `stateful` has no effect. The vocabulary always holds `corpus.end_of_line`, which is never
  predicted.
- **Loss.** The mean over the block's targets, so a learning rate means the same for any block size.
- **Validation.** After each epoch, in as many streams as training has, or in fewer, so that each is
  at least ten blocks long. `NAME.pkl` is the best model by validation, or the last one if there is
  no validation text. The figure at a run's end is the exact one, in one stream.
{fine_tuning}
- **New words.** A note says how many tokens and types of the new text the model does not know; they
  are read as `corpus.unknown`. `corpus.extend_vocabulary: true` adds the types (`min_count` and
  `max_vocabulary` limit them, the second together with the known ones) after the known ids. Each
  starts with the weights of the unknown token, and takes a share of its probability by its count;
  after any words, every other probability is as before. If the unknown token never occurred in the
  first training, its probability is tiny and its vector untrained, and so it is with the new
  words until they are trained. With an adaptive output layer the unknown token must be in the last
  cluster; otherwise it is refused. A resumed training has the grown vocabulary in its state.
- **Frozen parts.** A part in `model.freeze` gets no update and no weight decay, and its gradient
  has no share in the norm that is clipped. `layer1` is the lowest recurrent layer, of both
  directions. With `tie_weights` embedding, projection and output layer are one part.
- **Word vectors.** `model.embeddings` sets the embedding of a new model: of the word itself, else
  of the word in lower case. A note says how many types and tokens have one; the others are drawn
  from a normal distribution with the mean and the deviation of those that are there. Vectors of
  another size than `embedding_size` are refused. They are trained further, unless `freeze` has
  `embedding`. With `tie_weights` they are the output layer's weights too. The file is not needed to
  resume. `rnnlm export --format word2vec` writes such a file.
- **Resuming.** `--resume` continues exactly where the state was saved. A change of a key that is
  *fixed* in the tables above is refused, with both values.
"""

FINE_TUNING = (
    "- **Fine-tuning.** With `training.init_from` weights and vocabulary come from that "
    "checkpoint, and so does what the config does not write of the section `model` (but "
    "`embeddings` and `freeze`) and of how a text is read. Dropout and all keys of `training` may "
    "differ; these, where they are written, must be the same: "
)


def shown(value: Any) -> str:
    """Return a default as YAML."""
    if value is NODEFAULT:
        return "required"
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"


def default(key: Key) -> str:
    """Return the default of a key, and the other default that depends on another key."""
    where = key.default_where
    if where is None:
        return shown(key.default)
    values = " or ".join(map(str, where.values))
    return f"{shown(key.default)}; {shown(where.default)} with `{where.key}: {values}`"


def marked_up(law: str) -> str:
    """Return a rule with its keys and their values as code."""
    return re.sub(r"(?:corpus|task|model|training)[.\w]+(?:: \w+)?|<\w+>", r"`\g<0>`", law)


def paragraph(text: str) -> str:
    """Break an item of a list into lines."""
    return textwrap.fill(text, 100, subsequent_indent="  ", break_long_words=False)


def table(keys: list[Key]) -> list[str]:
    """Lay keys out as a table."""
    lines = ["| key | value | default | resume | meaning |", "|---|---|---|---|---|"]
    for key in keys:
        kind = f" (`kind: {key.kind}`)" if key.kind else ""
        cells = (f"`{key.name}`{kind}", key.allowed, default(key), resume_word(key), key.meaning)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def page() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION]
    for section, keys in groupby(describe(), key=lambda key: key.name.split(".")[0]):
        lines += [f"## {section}", "", SECTIONS[section], "", *table(list(keys)), ""]
    lines += ["## Rules between keys", "", *(f"- {marked_up(rule.law)}." for rule in RULES), ""]
    shapes = ", ".join(f"`{name}`" for name in keys_marked(Mark.SHAPES_MODEL))
    closing = CLOSING.replace("{fine_tuning}", paragraph(f"{FINE_TUNING}{shapes}."))
    return "\n".join([*lines, closing])


if __name__ == "__main__":
    sys.stdout.write(page())
