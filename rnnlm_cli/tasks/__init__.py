"""The tasks that a model can be trained for: one file and one row each."""

from rnnlm_cli.config import Config
from rnnlm_cli.config.task import Classification, Description, Language, TaskConfig, Translation
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.tasks.base import Task, known_by
from rnnlm_cli.tasks.classification import ClassificationTask
from rnnlm_cli.tasks.description import DescriptionTask
from rnnlm_cli.tasks.language import LanguageTask
from rnnlm_cli.tasks.translation import TranslationTask

TASKS: dict[type[TaskConfig], Task] = {
    Language: LanguageTask(),
    Classification: ClassificationTask(),
    Description: DescriptionTask(),
    Translation: TranslationTask(),
}


def task_of(config: Config) -> Task:
    """Return the task that a configuration asks for."""
    return TASKS[type(config.task)]


def measure_of(config: Config) -> Measure:
    """Return the figure that trainings and evaluations of a model report."""
    return task_of(config).measure(config)


__all__ = ["TASKS", "Task", "known_by", "measure_of", "task_of"]
