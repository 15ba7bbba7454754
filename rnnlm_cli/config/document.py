"""Strict parsing of a YAML document into values and the line of each key."""

from __future__ import annotations

import re
from typing import Any

import yaml

from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.system.paths import MOST_PATH

MOST_SCALAR = MOST_PATH
"""Maximum characters of a key or a value: paths are the longest."""

MOST_VALUES = 10_000
"""Maximum keys and values of a document; a config has about a hundred, plus one per text file."""

DEEPEST = 10
"""Maximum depth of lists and mappings; a config has three levels."""


class _Loader(yaml.SafeLoader):
    """Safe YAML in which ``1e-3`` is a number; repeated keys and aliases are errors.

    Documents that are too long or too deep are refused while they are read, so that no later step
    takes more than linear time.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._values = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise self._refusal("an alias (*) is not allowed; write the value out")
        self._values += 1
        if self._values > MOST_VALUES:
            raise self._refusal(f"more than {MOST_VALUES:,} keys and values are not allowed")
        if self._depth > DEEPEST:
            raise self._refusal("nested too deeply; a config has three levels")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        size = len(self.peek_event().value)  # type: ignore[no-untyped-call]
        if size > MOST_SCALAR:
            raise self._refusal(
                f"{size:,} characters in one key or value, and at most {MOST_SCALAR:,} are allowed"
            )
        return super().compose_scalar_node(anchor)

    def _refusal(self, what: str) -> yaml.MarkedYAMLError:
        """Return the error that names the line of the next event."""
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        return yaml.constructor.ConstructorError(None, None, what, mark)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, LookupError, AttributeError, TypeError):
            what = quoted(node.value) if isinstance(node, yaml.ScalarNode) else "this"
            raise yaml.constructor.ConstructorError(
                None, None, f"{what} is not a valid {node.tag.rpartition(':')[2]}", node.start_mark
            ) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        if not isinstance(node, yaml.MappingNode):  # despite its tag
            raise yaml.constructor.ConstructorError(
                None, None, "this is not a mapping", node.start_mark
            )
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str" or not isinstance(key, yaml.ScalarNode):
                if key.tag == "tag:yaml.org,2002:merge":
                    raise yaml.constructor.ConstructorError(
                        None,
                        None,
                        "a merge (<<) is not allowed; write its keys out",
                        key.start_mark,
                    )
                what = quoted(key.value) if isinstance(key, yaml.ScalarNode) else "a collection"
                raise yaml.constructor.ConstructorError(
                    None, None, f"a key must be text, not {what}", key.start_mark
                )
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {quoted(key.value)} is given twice", key.start_mark
                )
            if "." in key.value:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"the key {quoted(key.value)} has a dot; write nested sections, such as "
                    "training: {epochs: 2}",
                    key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d[\d_]*)(\.\d*)?[eE][-+]?\d+$|^[-+]?\.\d+[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def parse_yaml(text: str, place: str) -> tuple[Any, dict[str, int]]:
    """Parse one YAML document.

    Args:
        text: The document.
        place: The file or option to name in errors.

    Returns:
        The value, and the line of every dotted key.

    Raises:
        ConfigError: It is not YAML, has a repeated key or an alias, or is too long or too deep.
    """
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        in_alias = error.context == "while scanning an alias"
        remedy = "put a value that begins with * in quotes" if in_alias else "correct the YAML"
        raise ConfigError(f"{place}: {line}{error.problem}; {remedy}") from None
    except yaml.reader.ReaderError as error:
        raise ConfigError(
            f"{place}: the character {chr(error.character)!r} is not allowed; correct the YAML"
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError, LookupError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{place}: {reason}; correct the YAML") from None
    finally:
        if loader is not None:
            loader.dispose()
    return value, {} if node is None else dict(_lines(node, ""))


def _lines(node: yaml.Node, prefix: str) -> list[tuple[str, int]]:
    """Return the line of every dotted key of nested mappings."""
    if not isinstance(node, yaml.MappingNode):
        return []
    found = []
    for key, value in node.value:
        name = f"{prefix}{key.value}"
        found.append((name, key.start_mark.line + 1))
        found.extend(_lines(value, f"{name}."))
    return found
