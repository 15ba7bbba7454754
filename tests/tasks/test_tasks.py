"""The table of tasks, and the measure of each."""

from typing import get_args

from rnnlm_cli.config import make_config
from rnnlm_cli.config.task import TaskConfig
from rnnlm_cli.evaluate.measure import ACCURACY, PERPLEXITY, PSEUDO_PERPLEXITY
from rnnlm_cli.model.networks import NETWORKS
from rnnlm_cli.tasks import TASKS, measure_of

MINIMAL = {"corpus": {"train": "a.txt"}, "checkpoint": {"path": "a.pkl"}}


def test_every_task_has_its_rows():
    assert set(TASKS) == set(NETWORKS) == set(get_args(TaskConfig))


def test_the_measure_of_a_model():
    both = ["model.direction=bidirectional"]
    labels = ["task={kind: classification}"]
    assert measure_of(make_config(MINIMAL)) is PERPLEXITY
    assert measure_of(make_config(MINIMAL, both)) is PSEUDO_PERPLEXITY
    assert measure_of(make_config(MINIMAL, labels)) is ACCURACY
    assert measure_of(make_config(MINIMAL, [*both, *labels])) is ACCURACY
