"""Write docs/configuration.md from the schema (``make docs``), so that the two cannot differ."""

import sys
import textwrap
from itertools import groupby
from typing import Any

import yaml
from msgspec import NODEFAULT

from rnnlm_cli.config import MAY_CHANGE, Key, Mark, describe, keys_marked

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
  content* a path may change, but not the content of its file.
- `rnnlm train --config FILE --dry-run` prints the whole configuration with its defaults, and the
  memory and steps of the training.
"""

SECTIONS = {
    "corpus": "The texts, and how they are split into tokens.",
    "model": "The network.",
    "training": "How the network is trained.",
    "checkpoint": "Where the model is saved.",
}

CLOSING = """\
## How the parts work together

- **Vocabulary.** It is made from the training text only (without the held-out end, where
  `corpus.valid` is a fraction), kept in the checkpoint, and always holds `corpus.unknown`.
  `min_count` is applied before `max_vocabulary`.
- **Texts.** UTF-8; a byte-order mark is dropped, `\\r\\n` is a line end. A NUL byte, UTF-16 and
  UTF-32 are refused. Lines need no marks: `corpus.end_of_line` is added at each line's
  end, and a word of the text that is spelled like it is the same token. Training begins with a
  note if the text contains such words, `<s>` or `</s>`, if its lines seem to end in `\\r` alone, if
  a text is given twice or both held out and trained on, and if a twentieth of the tokens or more
  is unknown (above a fifth it is a warning).
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
  compressed. A record has at most 16 million characters.
- **Limits.** A word of more than `max_token_bytes`, or a compressed text of more than
  `max_expansion` times its compressed size, is an error that names the place, before it fills the
  memory; with `unit: char` a line may be of any length. A key or a value of a config has at most
  4,096 characters (a token 1,000), and a config at most 10,000 of them. A text that only a
  checkpoint names (without `--config` and `--corpus`) must be a regular file, or a directory or
  pattern with at most 100,000 names to look at, and is read with the default limits at most.
- **Held-out end.** Where `corpus.valid` is a fraction, the training text is cut between two tokens.
  If that is in the middle of a line, the training part ends in a line without its end, and the rest
  of the line is the first line that is held out.
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
- **Resuming.** `--resume` continues exactly where the state was saved. A change of a key that is
  *fixed* in the tables above is refused, with both values.
"""

FINE_TUNING = (
    "- **Fine-tuning.** With `training.init_from` weights and vocabulary come from that "
    "checkpoint. Dropout and all keys of `training` may differ; these must be the same: "
)

RESUME = {
    Mark.FREE_ON_RESUME: "free",
    Mark.TOLD_ON_RESUME: "noted",
    Mark.SAME_CONTENT_ON_RESUME: "same content",
}
"""Names of the marks of ``MAY_CHANGE`` in the tables."""


def shown(value: Any) -> str:
    """Return a default as YAML."""
    if value is NODEFAULT:
        return "required"
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"


def default(key: Key) -> str:
    """Return the default of a key, and the other default that depends on another key."""
    where = key.default_where
    other = f"; {shown(where.default)} with `{where.key}: {where.value}`" if where else ""
    return shown(key.default) + other


def resume(key: Key) -> str:
    """Return whether the value may change on resume."""
    return "".join(RESUME[mark] for mark in MAY_CHANGE if mark in key.marks) or "fixed"


def paragraph(text: str) -> str:
    """Break an item of a list into lines."""
    return textwrap.fill(text, 100, subsequent_indent="  ", break_long_words=False)


def table(keys: list[Key]) -> list[str]:
    """Lay keys out as a table."""
    lines = ["| key | value | default | resume | meaning |", "|---|---|---|---|---|"]
    for key in keys:
        kind = f" (`kind: {key.kind}`)" if key.kind else ""
        cells = (f"`{key.name}`{kind}", key.allowed, default(key), resume(key), key.meaning)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def page() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION]
    for section, keys in groupby(describe(), key=lambda key: key.name.split(".")[0]):
        lines += [f"## {section}", "", SECTIONS[section], "", *table(list(keys)), ""]
    shapes = ", ".join(f"`{name}`" for name in keys_marked(Mark.SHAPES_MODEL))
    closing = CLOSING.replace("{fine_tuning}", paragraph(f"{FINE_TUNING}{shapes}."))
    return "\n".join([*lines, closing])


if __name__ == "__main__":
    sys.stdout.write(page())
