"""Writes the JSON Schema beside a config, where the config's first line looks for it."""

from __future__ import annotations

from pathlib import Path

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.config.json_schema import companion
from rnnlm_cli.system.whole_file import whole_file


def write_schema(config: str | Path, overwrite: bool) -> None:
    """Write the schema beside a config that was written.

    A file with the same content is left as it is, and another one too unless it may be replaced:
    it may be the schema of another version, which other configs there use.
    """
    _, path, content = companion(config)
    if path.is_file() and path.read_bytes() == content:
        return
    if path.exists() and not overwrite:
        note(
            f"{path}: kept, but it is not the schema of this version; rnnlm config schema prints it"
        )
        return
    with whole_file(path, overwrite) as file:
        file.write(content)
    note(f"wrote {path}, for editors")
