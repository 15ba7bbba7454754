"""The YAML configuration: its schema, and how it is read, checked, overridden and described."""

from rnnlm_cli.config.describe import Key, describe
from rnnlm_cli.config.differences import differences
from rnnlm_cli.config.load import load_config, move_paths
from rnnlm_cli.config.schema import Config, config_from_plain, config_to_plain

__all__ = [
    "Config",
    "Key",
    "config_from_plain",
    "config_to_plain",
    "describe",
    "differences",
    "load_config",
    "move_paths",
]
