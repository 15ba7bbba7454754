"""What a model gains that adapts to the text it is scored on, and how long it takes.

    python benchmarks/adapting.py --checkpoint FILE [--tokens 15000] [--config FILE]

For the model as it is, plain SGD and SGD scaled by the root mean squares of the gradients of
training (Krause et al., 2018), with segments of 5 and 20 tokens, each alone and beside a neural
cache. The settings are the best of a grid on the first tokens of the validation text; the figures
are of the test text, with the seconds that it took. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.eval.tune_dynamic import DECAYS, RATES, RMS_DECAYS, RMS_RATES
from rnnlm_cli.commands.shared.adaptation import as_numbers, as_option
from rnnlm_cli.config import load_config
from rnnlm_cli.data.named import with_texts_of
from rnnlm_cli.data.texts import read_split
from rnnlm_cli.evaluate.adaptation import adapted_scorer
from rnnlm_cli.evaluate.dynamic import EPSILON, DynamicSettings
from rnnlm_cli.evaluate.neural_cache import CacheSettings
from rnnlm_cli.evaluate.perplexity import perplexity_of
from rnnlm_cli.evaluate.stream import target_log_probs
from rnnlm_cli.evaluate.training_gradients import gather_rms
from rnnlm_cli.evaluate.tuning import Tried, tune_cache, tune_dynamic
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.gradient_rms import GradientRms
from rnnlm_cli.text.corpus import Corpus

SEGMENTS = 5, 20
CACHES = (500, 2000), (0.1, 0.3, 0.6), (0.05, 0.1, 0.2)


def main() -> None:
    """Tune, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkpoint", required=True, help="a model of a text with all splits")
    parser.add_argument("--config", help="its texts, by default as the checkpoint names them")
    parser.add_argument("--tokens", type=int, default=15_000, help="of the validation text")
    args = parser.parse_args()
    model = checkpoint.load(args.checkpoint).model
    texts = with_texts_of(model.config, load_config(args.config) if args.config else None)
    train, valid, test = (
        read_split(texts, split, model.codec, model.vocabulary)
        for split in ("train", "valid", "test")
    )
    measure(model.network, train, replace(valid, ids=valid.ids[: args.tokens]), test)


def measure(network: Rnnlm, train: Corpus, valid: Corpus, test: Corpus) -> None:
    """Tune each kind on one text, measure it on another, and print a row of each."""
    print("| | settings | perplexity | seconds |\n|---|---|---|---|")
    row(network, test, "the model as it is", None, None, None)
    cache = best(tune_cache(network, valid, *CACHES))
    assert isinstance(cache, CacheSettings)
    row(network, test, "cache", cache, None, None)
    for segment, of_training in product(SEGMENTS, (False, True)):
        rms, name = None, f"SGD, segments of {segment}"
        if of_training:
            begin = time.perf_counter()
            rms = gather_rms(network, train, segment)
            seconds = time.perf_counter() - begin
            name = f"RMS, segments of {segment}; {seconds:.0f} s for the gradients of training"
        rates, decays = (RMS_RATES, RMS_DECAYS) if rms else (RATES, DECAYS)
        epsilon = EPSILON if rms else None
        grid = [DynamicSettings(*pair, epsilon, segment) for pair in product(rates, decays)]
        for beside in (None, cache):
            tried = tune_dynamic(network, valid, grid, given(rms), beside)
            dynamic = best(tried)
            assert isinstance(dynamic, DynamicSettings)
            row(network, test, name + (", and the cache" if beside else ""), beside, dynamic, rms)


def given(rms: GradientRms | None) -> Callable[[int], GradientRms] | None:
    """Return root mean squares as ``tune_dynamic`` asks for them."""
    return None if rms is None else lambda segment: rms


def best(tried: Iterable[Tried]) -> CacheSettings | DynamicSettings | None:
    """Return the settings with the lowest perplexity, without the model as it is."""
    return min((one for one in tried if one.settings), key=lambda one: one.perplexity).settings


def row(
    network: Rnnlm,
    text: Corpus,
    name: str,
    cache: CacheSettings | None,
    dynamic: DynamicSettings | None,
    rms: GradientRms | None,
) -> None:
    """Score a text and print a row of the table."""
    score, tokens = adapted_scorer(cache, dynamic, rms)
    begin = time.perf_counter()
    log_probs = target_log_probs(network, text, score, tokens)
    seconds = time.perf_counter() - begin
    options = [f"--cache {as_numbers(tuple(map(float, cache)))}"] if cache else []
    options += [as_option(dynamic)] if dynamic else []
    said = f"`{' '.join(options)}`" if options else ""
    print(f"| {name} | {said} | {perplexity_of(log_probs):.2f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
