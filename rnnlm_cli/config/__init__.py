"""The YAML configuration: its schema, and how it is read, checked, overridden and described."""

from rnnlm_cli.config.describe import Key, describe, keys_marked
from rnnlm_cli.config.differences import as_written, differences, flattened
from rnnlm_cli.config.keys import MAY_CHANGE, Mark
from rnnlm_cli.config.load import load_config, make_config
from rnnlm_cli.config.raw import fill_former, move_paths
from rnnlm_cli.config.schema import Config, config_from_plain, config_to_plain

__all__ = [
    "MAY_CHANGE",
    "Config",
    "Key",
    "Mark",
    "as_written",
    "config_from_plain",
    "config_to_plain",
    "describe",
    "differences",
    "fill_former",
    "flattened",
    "keys_marked",
    "load_config",
    "make_config",
    "move_paths",
]
