"""Several threads with one model get the same values as one thread."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from rnnlm_cli.config import model as schema
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.engines.choose import ENGINES, FASTEST

VOCABULARY, TOKENS, TIMES = 900, 240, 60

OUTPUTS = {
    "full": schema.FullSoftmax(),
    "adaptive": schema.AdaptiveSoftmax(cutoffs=(100, 400), shrink=1),
    "sampled": schema.SampledSoftmax(samples=20),
}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_two_threads_with_one_model_get_the_serial_values(kind):
    config = ModelConfig(embedding_size=16, hidden_size=16, output_layer=OUTPUTS[kind])
    model = Rnnlm.random(config, VOCABULARY, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    texts = [rng.integers(0, VOCABULARY, (TOKENS, 2)) for _ in range(2)]

    def score(text):
        with model.running():
            h, _ = model.read(text[:-1], model.initial_state(2))
            return model.output.target_log_probs(h, text[1:]), model.output.log_probs(h[:2])

    serial = [score(text) for text in texts]
    together = threading.Barrier(2, timeout=60)

    def different(number):
        count = 0
        for _ in range(TIMES):
            together.wait()
            found = score(texts[number])
            count += not all(map(np.array_equal, found, serial[number]))
        return count

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(different, range(2))) == [0, 0]


def blas_threads():
    return {
        library["num_threads"]
        for library in ThreadpoolController().info()
        if library["user_api"] == "blas"
    }


def test_passes_of_two_threads_keep_the_limit_until_the_last_one_ends():
    """The first thread to begin is the first to end."""
    with (
        ThreadpoolController().limit(limits=2),
        ThreadPoolExecutor(1) as first,
        ThreadPoolExecutor(1) as second,
    ):
        passes = ENGINES[FASTEST].running(), ENGINES[FASTEST].running()
        first.submit(passes[0].__enter__).result()
        second.submit(passes[1].__enter__).result()
        first.submit(passes[0].__exit__, None, None, None).result()
        assert blas_threads() <= {1}, "the second still computes"
        second.submit(passes[1].__exit__, None, None, None).result()
        assert blas_threads() <= {2}
