"""Do clients of OpenAI's completions run unchanged? The package openai, and lm-evaluation-harness.

    python benchmarks/clients.py [--checkpoint FILE --text FILE]

Run by ``make clients`` in an environment of its own. Without a checkpoint the model of
``configs/hello.yaml`` is trained. It starts ``rnnlm serve`` and compares

    openai   texts, whole and streamed, of text and of ids, with ``LanguageModel.generate``; which
             exception an error becomes
    lm_eval  ``local-completions`` with the ``tokenizer.json`` of ``rnnlm export --format hub``: the
             rolling log-likelihood of each line of the text with ``rnnlm eval sentences``

and ends with 1 if one differs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import openai
from lm_eval.api.instance import Instance
from lm_eval.models.openai_completions import LocalCompletionsAPI
from serving import server
from watched import output_of

import rnnlm_cli
from rnnlm_cli.errors import RnnlmError

ROOT = Path(__file__).parents[1]

ROUNDING = 1e-4
"""Allowed difference of a line's log-likelihood, relative to its size."""


def main() -> int:
    """Ask with both clients; print what they saw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkpoint", type=Path, help="the model; without, hello is trained")
    parser.add_argument("--text", type=Path, default=ROOT / "corpora" / "hello.txt")
    parser.add_argument("--lines", type=int, default=200, help="of the text, at most")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = args.checkpoint or trained(Path(directory))
        lines = args.text.read_text(encoding="utf-8").splitlines()[: args.lines]
        with server(str(path)) as (port, _):
            wrong = [*with_openai(path, port), *with_lm_eval(path, port, lines, directory)]
    for line in wrong:
        print(f"wrong: {line}")
    return int(bool(wrong))


def trained(directory: Path) -> Path:
    """Train the model of the shipped config; return its path."""
    for part in ("configs/hello.yaml", "corpora/hello.txt"):
        (directory / part).parent.mkdir()
        shutil.copy(ROOT / part, directory / part)
    rnnlm("train", "--config", "configs/hello.yaml", cwd=directory)
    return directory / "checkpoints" / "hello.pkl"


def rnnlm(*args: str, cwd: Path | None = None) -> str:
    """Run a command; return what it printed."""
    return output_of([sys.executable, "-m", "rnnlm_cli", *args], cwd)


def with_openai(path: Path, port: int) -> list[str]:
    """Ask with OpenAI's client; return what was wrong."""
    model = rnnlm_cli.load(path)
    vocabulary, name = model.model.vocabulary, path.stem
    start = next(t for t in vocabulary.tokens if t.isalpha())
    ids = vocabulary.ids_of([start]).tolist()
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none")
    asked: Any = {"model": name, "max_tokens": 20, "seed": 5}
    wrong = []

    def compare(what: str, found: object, expected: object) -> None:
        print(f"openai  {what:24s} {'same' if found == expected else 'DIFFERENT'}")
        if found != expected:
            wrong.append(f"{what}: {found!r} is not {expected!r}")

    expected = model.generate(start, length=20, seed=5)
    compare("models", [one.id for one in client.models.list()], [name])
    compare("one model", client.models.retrieve(name).id, name)
    whole = client.completions.create(prompt=start, **asked)
    compare("text", start + whole.choices[0].text, expected)
    compare("usage", whole.usage.completion_tokens if whole.usage else None, 20)
    compare("ids", start + client.completions.create(prompt=ids, **asked).choices[0].text, expected)
    echoed = client.completions.create(prompt=[start, start], echo=True, n=2, logprobs=1, **asked)
    expected = [expected, model.generate(start, length=20, seed=6)] * 2
    compare("prompts, n, echo", [one.text for one in echoed.choices], expected)
    first = echoed.choices[0].logprobs
    compare("logprobs", len(first.tokens or []) if first else None, 21)
    pieces = client.completions.create(
        prompt=start, stream=True, stream_options={"include_usage": True}, **asked
    )
    chunks = list(pieces)
    text = "".join(one.choices[0].text for one in chunks if one.choices)
    compare("stream", start + text, expected[0])
    compare("usage of a stream", chunks[-1].usage.total_tokens if chunks[-1].usage else None, 21)
    for kind, fields in {
        openai.NotFoundError: {"model": "none"},
        openai.BadRequestError: {"max_tokens": 10**9},
    }.items():
        try:
            client.completions.create(prompt=start, **{**asked, **fields})
            compare(kind.__name__, None, kind)
        except openai.APIStatusError as error:
            compare(kind.__name__, type(error), kind)
    return wrong


def with_lm_eval(path: Path, port: int, lines: list[str], directory: str) -> list[str]:
    """Score lines with lm-evaluation-harness; return what was wrong."""
    hub, text = Path(directory) / "hub", Path(directory) / "lines.txt"
    rnnlm("export", str(path), "--format", "hub", "--out", str(hub))
    text.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    printed = rnnlm("eval", "sentences", "--checkpoint", str(path), "--corpus", str(text), "--json")
    expected = [json.loads(line)["logprob"] for line in printed.splitlines()]
    scorer = LocalCompletionsAPI(
        base_url=f"http://127.0.0.1:{port}/v1/completions",
        model=path.stem,
        tokenizer=str(hub),
        tokenizer_backend="huggingface",
        batch_size=16,
    )
    requests = [
        Instance("loglikelihood_rolling", {}, (f"{line}\n",), place)
        for place, line in enumerate(lines)
    ]
    found = scorer.loglikelihood_rolling(requests, disable_tqdm=True)
    differ = [
        f"line {k + 1}: {a} is not {b}"
        for k, (a, b) in enumerate(zip(found, expected, strict=True))
        if abs(a - b) > ROUNDING * max(1.0, abs(b))
    ]
    worst = max(abs(a - b) for a, b in zip(found, expected, strict=True))
    print(f"lm_eval {len(lines)} lines, the largest difference is {worst:.2g} nats")
    return differ


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RnnlmError as failed:
        sys.exit(f"{failed}")
