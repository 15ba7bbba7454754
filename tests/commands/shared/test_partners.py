"""Options that need others or exclude them: all commands, all options."""

import click
import pytest

from rnnlm_cli.commands.interactive.settings import OPTIONS
from rnnlm_cli.commands.main import cli, run
from rnnlm_cli.commands.shared.messages import as_option
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.serve.limits import LIMITS

FREE = "has a meaning of its own"
ONE_MODEL = "each names the model"
DRAWS = "a beam search draws nothing"
ONE_STREAM = "adaptation and mixtures read one stream"

MODEL = {"--checkpoint": FREE, "--config": FREE}
DEVICE = {"--device": FREE}
MIXED = {
    "--mix": FREE,
    "--interpolate": FREE,
    "--mix-weights": ["--mix-weights 1,1", "--mix-weights needs --mix or --interpolate"],
}
TEXT = {
    "--corpus": FREE,
    "--encoding": FREE,
    "--field": ["--field a", "--field needs --corpus"],
    "--split": ["--corpus a --split test", "exclude each other"],
}
ONE = {"--checkpoint": FREE, "--config": ["--checkpoint a --config b", ONE_MODEL]}
LINES = {
    **MODEL,
    **TEXT,
    "--format": FREE,
    "--json": ["--json --format table", "--format and --json exclude each other"],
    "--independent": FREE,
    "--carry-state": FREE,
}
PICTURE = {"--out": FREE, "--overwrite": FREE, "--json": FREE}
EXCERPT = {
    **MODEL,
    **TEXT,
    **PICTURE,
    "--corpus": ["a --corpus b", "text and --corpus exclude each other (it is the text)"],
    "--encoding": ["a --encoding cp949", "it is the text"],
    "--tokens": FREE,
}
SETTINGS = [f"--{name}" for name in OPTIONS]
TABLE = {
    "init": {
        "--config": FREE,
        "--text": ["--text a --config hello", "exclude each other"],
        "--minutes": ["--minutes 3", "--minutes needs --text"],
        "--field": ["--field a", "--field needs --text"],
        "--encoding": ["--encoding cp949", "--encoding needs --text"],
        "--overwrite": FREE,
    },
    "corpus python-docs": {"--out": FREE, "--overwrite": FREE},
    "corpus addition": dict.fromkeys(
        ("--out", "--lines", "--digits", "--seed", "--overwrite"), FREE
    ),
    "corpus brackets": dict.fromkeys(
        ("--out", "--lines", "--shortest", "--longest", "--seed", "--overwrite"), FREE
    ),
    "corpus dates": dict.fromkeys(("--out", "--lines", "--seed", "--overwrite"), FREE),
    "corpus fetch": {
        "--out": FREE,
        "--overwrite": FREE,
        "--max-bytes": FREE,
        "--max-seconds": FREE,
        "--url": ["ptb --url http://x/", "choose another name"],
        "--sha256": ["ptb --sha256 00", "--sha256 needs --url (known corpora have their own)"],
    },
    "train": {
        "--config": FREE,
        "--set": FREE,
        "--resume": ["--config a --resume --overwrite", "exclude each other"],
        "--overwrite": ["--config a --overwrite --resume", "exclude each other"],
        "--dry-run": FREE,
        "--no-cache": FREE,
        "--json": ["--config a --json", "--json needs --dry-run"],
        "--machines": ["--config a --machines 4", "--machines needs --dry-run"],
        "--network": ["--config a --dry-run --network 1gbit", "--network needs --machines"],
        "--tokens-per-second": [
            "--config a --dry-run --tokens-per-second 9",
            "--tokens-per-second needs --machines",
        ],
    },
    "tune": {
        "--config": FREE,
        "--search": FREE,
        "--set": FREE,
        "--trials": FREE,
        "--sampler": FREE,
        "--pruner": FREE,
        "--seed": ["--sampler grid --seed 2", "a grid is not drawn"],
        "--study": FREE,
        "--storage": FREE,
        "--keep-models": FREE,
        "--resume": ["--resume --overwrite", "exclude each other"],
        "--overwrite": ["--overwrite --resume", "exclude each other"],
        "--dry-run": ["--dry-run --json", "exclude each other"],
        "--no-cache": FREE,
        "--json": ["--json --dry-run", "exclude each other"],
    },
    "ngram": {
        "--config": FREE,
        "--set": FREE,
        "--order": FREE,
        "--prune": FREE,
        "--checkpoint": FREE,
        "--generated": ["--generated 100", "--generated needs --checkpoint"],
        "--seed": ["--seed 1", "--seed needs --generated"],
        "--out": FREE,
        "--overwrite": FREE,
        "--json": FREE,
    },
    "eval perplexity": {
        **DEVICE,
        **MODEL,
        **TEXT,
        "--streams": ["--streams 2 --interpolate a", ONE_STREAM],
        **MIXED,
        "--lines": ["--lines independent --cache 5,0.5,0.1", "exclude each other"],
        "--mix": ["--streams 2 --mix a", ONE_STREAM],
        "--mix-weights": [
            "--interpolate a --interpolate-weight 0.5 --mix-weights 1,1",
            "--mix-weights has all weights",
        ],
        "--cache": ["--streams 2 --cache 5,0.5,0.1", ONE_STREAM],
        "--dynamic": ["--streams 2 --dynamic 1", ONE_STREAM],
        "--segment": ["--segment 5", "--segment needs --dynamic"],
        "--rms": ["--rms", "--rms needs --dynamic"],
        "--rms-file": ["--dynamic 1 --rms-file a", "--rms-file needs --rms"],
        "--interpolate": ["--streams 2 --interpolate a", ONE_STREAM],
        "--interpolate-weight": ["--interpolate-weight 0.5", "needs --interpolate"],
        "--by-frequency": FREE,
        "--tokens": FREE,
        "--json": FREE,
    },
    "eval words": {**DEVICE, **LINES, **MIXED},
    "eval sentences": {
        **DEVICE,
        **LINES,
        **MIXED,
        "--sort": ["--format srilm --sort logprob", "its lines are those of the text, in order"],
    },
    "eval next": {
        **DEVICE,
        **ONE,
        **MIXED,
        "--start": FREE,
        "--top": FREE,
        "--allow-unknown": FREE,
        "--json": FREE,
    },
    "eval rescore": {
        **DEVICE,
        **MODEL,
        **MIXED,
        "--format": FREE,
        "--weight": FREE,
        "--word-penalty": FREE,
        "--lm-scale": ["--format kaldi --lm-scale 3", "--lm-scale needs --format slf"],
        "--beam": ["--format kaldi --beam 3", "--beam needs --format slf"],
        "--max-tokens-per-node": ["--max-tokens-per-node 3", "needs --format slf"],
        "--recombination-order": ["--recombination-order 3", "needs --format slf"],
        "--context": FREE,
        "--encoding": FREE,
        "--scores-only": ["--format slf --scores-only", "a lattice has no list"],
        "--json": FREE,
    },
    "eval compare": {**DEVICE, **TEXT, "--tokens": FREE, "--json": FREE},
    "eval tune": {
        **DEVICE,
        **MODEL,
        **TEXT,
        "--size": ["dynamic --size 500", "--size needs the argument cache"],
        "--theta": ["dynamic --theta 0.1", "--theta needs the argument cache"],
        "--lambda": ["dynamic --lambda 0.1", "--lambda needs the argument cache"],
        "--rate": ["cache --rate 0.1", "--rate needs the argument dynamic"],
        "--decay": ["cache --decay 0", "--decay needs the argument dynamic"],
        "--epsilon": ["dynamic --epsilon 1", "--epsilon needs --rms"],
        "--segment": ["cache --segment 5", "--segment needs the argument dynamic"],
        "--rms": ["cache --rms", "--rms needs the argument dynamic"],
        "--rms-file": ["dynamic --rms-file a", "--rms-file needs --rms"],
        "--cache": ["cache --cache 5,0.5,0.1", "--cache needs the argument dynamic"],
        "--tokens": ["rescore --tokens 5", "--tokens needs the argument cache or dynamic"],
        "--references": ["cache --references a", "--references needs the argument rescore"],
        "--format": ["cache --format slf", "--format needs the argument rescore"],
        "--weight": ["cache --weight 1", "--weight needs the argument rescore"],
        "--word-penalty": ["dynamic --word-penalty 1", "--word-penalty needs the argument rescore"],
        "--context": ["cache --context a", "--context needs the argument rescore"],
        "--json": FREE,
    },
    "generate": {
        **DEVICE,
        **ONE,
        **MIXED,
        "--given": FREE,
        "--start": ["--start a --start-file b", "--start and --start-file exclude each other"],
        "--start-file": ["--start-file b --start a", "--start and --start-file exclude each other"],
        "--encoding": ["--encoding cp949", "--encoding needs --start-file"],
        "--length": FREE,
        "--skip": FREE,
        "--no-repeat-ngram": FREE,
        "--repetition-penalty": ["--beam 2 --repetition-penalty 1", DRAWS],
        "--temperature": ["--beam 2 --temperature 1", DRAWS],
        "--top-k": ["--beam 2 --top-k 3", DRAWS],
        "--top-p": ["--beam 2 --top-p 1", DRAWS],
        "--min-p": ["--beam 2 --min-p 0", DRAWS],
        "--seed": ["--beam 2 --seed 1", DRAWS],
        "--samples": ["--beam 2 --samples 3", "--beam 2 finds at most 2"],
        "--stop": FREE,
        "--until-sentences": FREE,
        "--beam": ["--beam 2 --seed 1", DRAWS],
        "--length-penalty": ["--length-penalty 1", "--length-penalty needs --beam"],
        "--allow-unknown": ["--allow-unknown", "--allow-unknown needs --start or --start-file"],
        "--json": FREE,
    },
    "interactive": {**ONE, **MIXED, **dict.fromkeys(SETTINGS, FREE), "--encoding": FREE},
    "serve": {
        **DEVICE,
        "--checkpoint": FREE,
        "--host": FREE,
        "--port": FREE,
        "--api-key": ["--api-key a --api-key-file b", "each is the key"],
        "--api-key-file": ["--api-key-file a --api-key b", "each is the key"],
        "--tls-cert": FREE,
        "--tls-key": ["--tls-key a", "--tls-key needs --tls-cert"],
        "--allow-host": FREE,
        "--allow-origin": FREE,
        **{as_option(name): FREE for name in LIMITS},
    },
    "fill": {
        **ONE,
        **MIXED,
        "--top": FREE,
        "--blank": FREE,
        "--skip": FREE,
        "--allow-unknown": FREE,
        "--json": FREE,
    },
    "label": {
        **ONE,
        "--file": ["--file a", "text and --file exclude each other (each names the lines)"],
        "--encoding": ["--encoding cp949", "--encoding needs --file"],
        "--top": ["--top 2 --json", "--top and --json exclude each other (JSON has all labels)"],
        "--json": FREE,
    },
    "translate": {
        **ONE,
        "--file": ["--file a", "text and --file exclude each other (each names the lines)"],
        "--encoding": ["--encoding cp949", "--encoding needs --file"],
        "--beam": FREE,
        "--length-penalty": ["--length-penalty 2", "--length-penalty needs --beam"],
        "--top": ["--top 2", "--top needs --beam"],
        "--length": FREE,
        "--attention": FREE,
        "--json": FREE,
    },
    "eval translation": {
        **MODEL,
        **{name: row for name, row in TEXT.items() if name != "--field"},
        "--beam": FREE,
        "--length-penalty": ["--length-penalty 2", "--length-penalty needs --beam"],
        "--json": FREE,
    },
    "plot attention": {**ONE, "--out": FREE, "--overwrite": FREE, "--json": FREE},
    "eval accuracy": {
        **MODEL,
        **{name: row for name, row in TEXT.items() if name != "--field"},
        "--json": FREE,
    },
    "import notes": {"--vocabulary": FREE, "--out": FREE, "--overwrite": FREE, "--unknown": FREE},
    "import safetensors": {
        "--vocabulary": FREE,
        "--out": FREE,
        "--overwrite": FREE,
        "--unknown": ["a --out b.pkl --unknown c", "--unknown needs --vocabulary"],
    },
    "import hub": {"--out": FREE, "--overwrite": FREE},
    "export": {
        "--format": FREE,
        "--out": FREE,
        "--dtype": FREE,
        "--figures": ["a --format npz --figures b", "--figures needs --format hub"],
        "--license": ["a --format npz --license mit", "--license needs --format hub"],
        "--language": ["a --format npz --language en", "--language needs --format hub"],
        "--overwrite": FREE,
    },
    "plot gradients": {
        "--out": FREE,
        "--cell": ["--cell rnn --keep-bias 1", "none of these cells has a gate that keeps memory"],
        "--scale": FREE,
        "--steps": FREE,
        "--hidden-size": FREE,
        "--keep-bias": ["--cell rnn --cell rnn --keep-bias 0", "--cell and --keep-bias exclude"],
        "--seed": FREE,
        "--overwrite": FREE,
        "--json": FREE,
    },
    "plot training": {"--out": FREE, "--x": FREE, "--smooth": FREE, "--overwrite": FREE},
    "plot calibration": {**MODEL, **TEXT, **PICTURE, "--tokens": FREE},
    "plot embedding": {
        **ONE,
        **PICTURE,
        "--word": ["--most 5 --word a", "--word and --most exclude each other"],
        "--most": ["--word a --most 5", "it names the words"],
        "--top": ["--top 3", "--top needs --word"],
        "--method": FREE,
        "--seed": ["--method pca --seed 1", "--seed needs --method tsne"],
    },
    "plot flow": {**EXCERPT, "--steps": FREE, "--seed": FREE},
    "plot gates": {**EXCERPT, "--show": FREE},
    "plot memory": {
        **MODEL,
        **TEXT,
        **PICTURE,
        "--context": FREE,
        "--targets": FREE,
        "--seed": FREE,
    },
    "plot neurons": {
        **EXCERPT,
        "--show": FREE,
        "--unit": ["--unit a --find quote", "it names what to draw"],
        "--find": ["--find quote --unit a", "exclude each other"],
        "--top": ["--top 2 --unit a", "--unit and --top exclude each other"],
    },
    "plot surprise": {**EXCERPT, "--top": FREE},
    "near": {**ONE, "--top": FREE, "--json": FREE},
    "report": {
        **TEXT,
        "--out": FREE,
        "--overwrite": FREE,
        "--seed": FREE,
        "--tokens": FREE,
        "--word": FREE,
    },
    "show": {"--json": FREE, "--system": ["--system a.pkl", "exclude each other"]},
    "config check": {"--set": FREE},
    "config explain": {},
    "config schema": {},
    "completion": {},
    "help": {},
}
"""Each option of each command: what it needs or excludes, as arguments that are refused."""

NEEDED = {
    "tune": "--config a --search b=1,2",
    "eval next": "--start a",
    "eval rescore": "a",
    "eval tune": "cache",
    "eval compare": "a b",
    "fill": "___",
    "label": "a",
    "translate": "a",
    "plot attention": "a",
    "near": "a",
    "ngram": "--config a",
}
WHATS = {"cache", "dynamic", "rescore"}
"""Without which a command would ask for them first."""


def command_at(path):
    """Return the command of a path such as ``eval next``."""
    command = cli
    for name in path.split():
        command = command.get_command(click.Context(command), name)
    return command


def paths(group=cli, prefix=""):
    """Give the path of every command."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from paths(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def names(option):
    return (*option.opts, *option.secondary_opts)


def options(command):
    return {o for p in command.params if isinstance(p, click.Option) for o in names(p)}


@pytest.mark.parametrize("path", list(paths()))
def test_the_table_has_every_option(path):
    assert options(command_at(path)) == TABLE[path].keys()


REFUSED = [
    pytest.param(path, args, message, id=f"{path} {args}")
    for path, rows in TABLE.items()
    for args, message in (row for row in rows.values() if row is not FREE)
]


@pytest.mark.parametrize(("path", "args", "message"), REFUSED)
def test_what_would_be_ignored_is_refused(path, args, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    needed = "" if set(args.split()) & WHATS else NEEDED.get(path, "")
    assert run(f"{path} {needed} {args}".split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "args",
    [
        "generate --start-file b --allow-unknown",
        "generate --start b --temperature 0 --seed 3",
        "generate --beam 3 --length-penalty 0.5 --no-repeat-ngram 2",
        "eval perplexity --streams 1 --cache 5,0.5,0.1",
        "eval perplexity --streams 2 --by-frequency --lines stream",
        "eval words --json --format json",
        "eval tune cache --size 3 --theta 1 --lambda 0.1",
        "eval tune dynamic --rate 3 --decay 0.1",
    ],
)
def test_what_goes_together_goes_on_to_the_model(args, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(args.split()) == 2
    assert "checkpoints/: contains no model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], None),
        (["--a", "1"], "--a needs --b or --c; add it or omit --a"),
        (["--a", "1", "--b", "2"], None),
        (["--a", "1", "--b", "3"], "--a needs"),
        (["--c", "2", "--a", "0"], None),
        (["--b", "2", "--d"], "--b and --d exclude each other (so); omit one of them"),
        (["--d"], None),
    ],
)
def test_a_default_is_not_given(args, message):
    @click.command()
    @click.option("--a", type=int, default=0)
    @click.option("--b", type=int, default=2)
    @click.option("--c", type=int, default=2)
    @click.option("--d", is_flag=True)
    @partners(needs("--a", "--b --c", when=lambda n: n == 2), excludes("--b", "--d", because="so"))
    def command(**values):
        return True

    if message is None:
        assert command.main(args, standalone_mode=False)
    else:
        with pytest.raises(click.UsageError) as caught:
            command.main(args, standalone_mode=False)
        assert message in str(caught.value)
