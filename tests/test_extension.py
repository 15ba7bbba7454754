"""Something new of each kind, put into a copy of the package as docs/architecture.md says.

For each row of its table "What to touch for something new" the files that the row names are
edited, and no other; then the real commands run with all of it, and the contracts.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow

CELL = '''
"""A cell unlike the others: two gates, two states, an inner bias, none that keeps memory."""

import numpy as np

from rnnlm_cli.nn.cells.base import Cell, sigmoid


class Pair(Cell):
    """``n = tanh(x W + b + u (h' W + b_h))``, ``m = (m' + n)/2``, ``h = u m``; a sigmoid u."""

    title = "Pair"
    gates = ("u", "n")
    states = ("h", "m")
    inner = ("n",)

    def forward(self, from_x, from_h, before):
        u, h_n = sigmoid(from_x[0] + from_h[0]), from_h[1]
        n = np.tanh(from_x[1] + u * h_n)
        m = (before[1] + n) / 2
        return (u * m, m), (u, n, h_n, m)

    def backward(self, dafter, saved):
        (dh, dm), (u, n, h_n, m) = dafter, saved
        dm = (dm + dh * u) / 2
        da_n = dm * (1 - n**2)
        da_u = (dh * m + da_n * h_n) * u * (1 - u)
        return np.stack([da_u, da_n]), np.stack([da_u, da_n * u]), (np.zeros_like(dh), dm)
'''

CODEC = '''
"""Words, cut at hyphens too, but for those that are frequent in the training text."""

import re
from collections import Counter
from dataclasses import dataclass, replace

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.text.codec.base import Codec, Decoder
from rnnlm_cli.text.codec.word import WordCodec


class HyphenDecoder(Decoder):
    """Writes no space after a hyphen."""

    def __init__(self, end_of_line):
        self.end_of_line = end_of_line
        self.begun = True

    def __call__(self, token):
        blank = "" if self.begun or token == self.end_of_line else " "
        self.begun = token == self.end_of_line or token.endswith("-")
        return blank + ("\\n" if token == self.end_of_line else token)


@dataclass(frozen=True)
class HyphenCodec(WordCodec):
    """``by-and-by`` is ``by- and- by``; what it has learned are the words that stay whole."""

    whole: tuple[str, ...] = ()
    unit = "hyphen"

    def train(self, pieces):
        words = Counter(word for piece in pieces for word in WordCodec.split(self, piece.text))
        return replace(self, whole=tuple(sorted(w for w in words if "-" in w and words[w] > 1)))

    def split(self, text):
        words = super().split(text)
        cut = ([word] if word in self.whole else re.findall("[^-]*-|[^-]+", word) for word in words)
        return [part for parts in cut for part in parts]

    def decoder(self):
        return HyphenDecoder(self.end_of_line)

    def to_plain(self):
        return {**super().to_plain(), "whole": list(self.whole)}

    @classmethod
    def from_plain(cls, plain):
        rest = dict(plain)
        whole = rest.pop("whole", None)
        if not isinstance(whole, list):
            raise CheckpointError("its codec is not sound")
        return replace(super().from_plain(rest), whole=tuple(whole))
'''

OPTIMIZER = '''
"""A step of one length for every weight."""

import numpy as np

from rnnlm_cli.train.optimizers.base import Optimizer, copies, zeros_of


class Signs(Optimizer):
    """``m = keep m + (1 - keep) g``, ``w -= rate sign(m)``."""

    arrays_per_parameter = 1

    def __init__(self, params, config):
        self._params, self._keep, self._m = params, config.keep, {}

    def step(self, rate):
        self._m = self._m or zeros_of(self._params)
        for name, param in self._params.items():
            self._m[name] *= self._keep
            self._m[name] += (1 - self._keep) * param.grad
            param.value -= rate * np.sign(self._m[name])

    def state(self):
        return {"m": self._m}

    def restore(self, state):
        self._m = copies(state["m"], self._params)
'''

SCHEDULE = '''
def staircase(config: schema.Staircase, place: Place) -> float:
    """Half as much on each of the ``stairs``."""
    return 0.5 ** int(config.stairs * min(place.step / place.total_steps, 1))


SCHEDULES: dict'''

FILTER = '''
def presence_penalty(less: float) -> Filter:
    """Take this from the log-probability of each token that the text holds already."""

    def apply(logits: Array, history: History) -> Array:
        kept: Array = logits.copy()
        for row, past in zip(kept, history, strict=True):
            row[past.types()] -= less
        return kept

    return apply


def temperature('''

OPTION = """    click.option(
        "--presence-penalty",
        type=FiniteRange.of(RANGES["presence_penalty"]),
        default=DEFAULTS.presence_penalty,
        help="Taken from the log-probability of what the text holds already.",
    ),
    click.option(
        "--temperature",
"""

EDITS = {
    "cell": {
        "nn/cells/NAME.py": CELL,
        "nn/cells/__init__.py": [
            ("\nCELLS", "from rnnlm_cli.nn.cells.dummy import Pair\n\nCELLS"),
            ('"gru": GRU()', '"gru": GRU(),\n    "pair": Pair()'),
        ],
        "config/model.py": [
            ('Literal["rnn", "lstm", "gru",', 'Literal["rnn", "lstm", "gru", "pair",')
        ],
    },
    "codec": {
        "text/codec/NAME.py": CODEC,
        "text/codec/__init__.py": [
            ("\nCODECS", "from rnnlm_cli.text.codec.dummy import HyphenCodec\n\nCODECS"),
            ('"subword": SubwordCodec', '"subword": SubwordCodec, "hyphen": HyphenCodec'),
        ],
        "config/corpus.py": [('"jamo", "subword"]', '"jamo", "subword", "hyphen"]')],
    },
    "optimizer": {
        "train/optimizers/NAME.py": OPTIMIZER,
        "train/optimizers/__init__.py": [
            ("\nOPTIMIZERS", "from rnnlm_cli.train.optimizers.dummy import Signs\n\nOPTIMIZERS"),
            ("    schema.Adam: Adam,", "    schema.Adam: Adam,\n    schema.Signs: Signs,"),
        ],
        "config/training.py": [
            (
                "\nOptimizerConfig = ",
                '\nclass Signs(Section, frozen=True, tag_field="kind", tag="signs"):\n'
                '    """A step of one length."""\n\n'
                '    learning_rate: Annotated[Positive, key("step size")] = 0.01\n'
                '    keep: Annotated[Rate, key("of the mean of gradients")] = 0.9\n\n\n'
                "OptimizerConfig = Signs | ",
            )
        ],
    },
    "schedule": {
        "train/schedules.py": [
            ("\nSCHEDULES: dict", SCHEDULE),
            (
                "    schema.Cosine: cosine,",
                "    schema.Cosine: cosine,\n    schema.Staircase: staircase,",
            ),
        ],
        "config/training.py": [
            (
                "\nScheduleConfig = ",
                '\nclass Staircase(Schedule, frozen=True, tag_field="kind", tag="staircase"):\n'
                '    """The rate is halved, again and again."""\n\n'
                '    stairs: Annotated[Size, key("how often")] = 2\n\n\n'
                "ScheduleConfig = Staircase | ",
            )
        ],
    },
    "filter": {
        "generate/filters.py": [
            ("\ndef temperature(", FILTER),
            (
                '    "temperature": Range',
                '    "presence_penalty": Range(0, 1e6),\n    "temperature": Range',
            ),
            ("    temperature: float", "    presence_penalty: float = 0.0\n    temperature: float"),
            (
                "            (self.temperature",
                "            (True, lambda: presence_penalty(self.presence_penalty)),\n"
                "            (self.temperature",
            ),
        ],
        "commands/shared/sampling.py": [('    click.option(\n        "--temperature",\n', OPTION)],
        "tests/commands/shared/test_partners.py": [
            (
                '        "--temperature": [',
                '        "--presence-penalty": ["--beam 2 --presence-penalty 1", DRAWS],\n'
                '        "--temperature": [',
            )
        ],
    },
}
"""For each kind: a new file's text, or what to put in place of what, by the file's path."""


def named_by_the_table(kind):
    """The files that the row of a kind names: the new one, and those that get a row."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.partition("What to touch for something new")[2].partition("\n## ")[0]
    (row,) = re.findall(rf"^\| {kind} \|(.*)\|$", table, re.MULTILINE)
    one_file, one_row, _ = row.split("|")  # and what is not always needed
    return set(re.findall(r"`([\w/]+\.py)`", one_file + one_row))


def place(name):
    """Where a file that the table names is."""
    return name if name.startswith("tests/") else f"rnnlm_cli/{name}"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the package with something new of each kind, and a folder to work in."""
    house = tmp_path_factory.mktemp("house")
    # compiled modules go along, for speed, but not those that another process writes just now
    unwanted = shutil.ignore_patterns("*.pyc.*", "goldens", "shipped")
    for part in ("rnnlm_cli", "tests"):
        shutil.copytree(ROOT / part, house / part, ignore=unwanted)
    for part in ("setup.cfg", "rnnlm_cli/shipped/__init__.py"):
        (house / part).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / part, house / part)
    for files in EDITS.values():
        for name, edit in files.items():
            path = house / place(name.replace("NAME", "dummy"))
            if isinstance(edit, str):
                assert not path.exists()
                path.write_text(edit, encoding="utf-8")
                continue
            text = path.read_text(encoding="utf-8")
            for old, new in edit:
                assert text.count(old) == 1, f"{name}: {old!r}"
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")
    lines = ["you say a well-known , well-known thing", "and i say hello"] * 8
    text = "\n".join(["hello by-and-by", *lines])
    (house / "text.txt").write_text(text, encoding="utf-8")
    (house / "other.txt").write_text("a by-and-by , well-known thing", encoding="utf-8")
    (house / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return house


CONFIG = """
corpus: {train: text.txt, valid: 0.2, unit: hyphen}
model: {cell: pair, embedding_size: 6, hidden_size: 8, layers: 2, dropout: {hidden: 0.1}}
training:
  epochs: 1
  batch_size: 2
  bptt: 5
  report_every: 1
  optimizer: {kind: signs, learning_rate: 0.02}
  schedule: {kind: staircase, stairs: 3}
checkpoint: {path: new.pkl}
"""


def environment(house):
    """What lets Python in the house find the house's package."""
    return os.environ | {"PYTHONPATH": str(house), "RNNLM_THREADS": "1"}


RUN_EACH_LINE = """
import contextlib, io, json, sys
from rnnlm_cli.commands.main import run
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(json.loads(line))
    print(json.dumps([out.getvalue(), err.getvalue(), code]), flush=True)
"""


@pytest.fixture(scope="module")
def rnnlm(house):
    """What runs a command in the house, in one process for all.

    It returns the command's standard output, or what it says if it fails.
    """
    with subprocess.Popen(
        [sys.executable, "-c", RUN_EACH_LINE],
        cwd=house,
        env=environment(house),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:

        def run(*args, code=0):
            process.stdin.write(json.dumps(args) + "\n")
            process.stdin.flush()
            out, err, returned = json.loads(process.stdout.readline())
            assert returned == code, err
            return err if code else out

        yield run
        process.stdin.close()


@pytest.mark.parametrize("kind", EDITS)
def test_the_table_names_the_files_to_edit_and_no_other(kind):
    assert named_by_the_table(kind) == EDITS[kind].keys()


@pytest.fixture(scope="module")
def trained(house, rnnlm):
    """The house with a model of two epochs: one, and one more on resuming."""
    rnnlm("train", "--config", "config.yaml")
    rnnlm("train", "--config", "config.yaml", "--set", "training.epochs=2", "--resume")
    return house


def test_a_dry_run_estimates_it(house, rnnlm):
    sizes = json.loads(rnnlm("train", "--config", "config.yaml", "--dry-run", "--json"))
    layers = (6 + 8 + 1) * 16 + 8 + (8 + 8 + 1) * 16 + 8  # 2 gates of 8 units, an inner bias of 8
    vocabulary = sizes["vocabulary"]
    assert sizes["parameters"] == layers + vocabulary * (6 + 8 + 1)


def test_it_trains_goes_on_and_is_shown(trained, rnnlm):
    shown = json.loads(rnnlm("show", "new.pkl", "--json"))
    assert shown["config"]["model"]["cell"] == "pair"
    assert shown["config"]["training"]["optimizer"]["kind"] == "signs"
    assert len(shown["history"]) == 2
    assert "pair" in rnnlm("show", "new.pkl")
    log = (trained / "new.jsonl").read_text(encoding="utf-8")
    rates = [json.loads(line).get("learning_rate") for line in log.splitlines()]
    assert {0.02, 0.01, 0.005} == {rate for rate in rates if rate}


def test_what_the_codec_has_learned_is_in_the_model_file(trained, rnnlm):
    args = ("--checkpoint", "new.pkl", "--corpus", "other.txt", "--json")
    words = json.loads(rnnlm("eval", "words", *args))["tokens"]
    assert words == ["a", "by-", "and-", "by", ",", "well-known", "thing", "<eos>"]


def test_it_scores(trained, rnnlm):
    found = json.loads(rnnlm("eval", "perplexity", "--checkpoint", "new.pkl", "--json"))
    assert 1 < found["perplexity"] < 20


def test_a_filter_has_its_option(trained, rnnlm):
    args = (
        "generate",
        "--checkpoint",
        "new.pkl",
        "--start",
        "say",
        "--length",
        "10",
        "--seed",
        "1",
    )
    text = json.loads(rnnlm(*args, "--presence-penalty", "1e6", "--json"))
    assert len(set(text["tokens"])) == len(text["tokens"]) == 11  # of the 14 that there are
    said = rnnlm(*args, "--presence-penalty", "2e6", code=2)
    assert "--presence-penalty" in said


def test_a_cell_that_pytorch_does_not_have_is_not_exported(trained, rnnlm):
    said = rnnlm("export", "new.pkl", "--format", "npz", code=2)
    assert said == (
        "Error: PyTorch has no cell like pair; these can be exchanged: rnn, lstm, gru\n"
    )
    assert not (trained / "new.npz").exists()


def test_what_the_codec_has_learned_is_exported_too(house, rnnlm):
    pytest.importorskip("safetensors")
    sets = ("--set", "model.cell=lstm", "--set", "checkpoint.path=lstm.pkl")
    rnnlm("train", "--config", "config.yaml", *sets)
    rnnlm("export", "lstm.pkl", "--format", "safetensors")
    rnnlm("import", "safetensors", "lstm.safetensors", "--out", "back.pkl")
    args = ("--corpus", "other.txt", "--json")
    scored = [
        rnnlm("eval", "words", "--checkpoint", f"{name}.pkl", *args) for name in ("lstm", "back")
    ]
    assert scored[0] == scored[1]
    assert '"by-", "and-"' in scored[0]


def test_its_gradients_are_drawn(house, rnnlm):
    pytest.importorskip("matplotlib")
    rnnlm("plot", "gradients", "--cell", "pair", "--out", "a.svg", "--steps", "5")
    assert "Pair" in (house / "a.svg").read_text(encoding="utf-8")
    said = rnnlm("plot", "gradients", "--cell", "pair", "--keep-bias", "1", code=2)
    assert "--cell and --keep-bias exclude each other" in said


def test_it_keeps_the_contracts(house):
    files = [
        "tests/nn/test_engines.py",
        "tests/nn/test_layer_contract.py",
        "tests/nn/test_goldens.py",  # has none for it
        "tests/train/test_optimizers.py",
        "tests/text/test_codec.py",
        "tests/commands/shared/test_partners.py",
    ]
    chosen = "pair or Signs or hyphen or every_unit or presence or every_option"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", chosen, *files],
        cwd=house,
        env=environment(house),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    assert int(passed) > 50
