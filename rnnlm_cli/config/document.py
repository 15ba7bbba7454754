"""A YAML document: values, the line of each key, and the strictness that a config needs."""

from __future__ import annotations

import re
from typing import Any

import yaml

from rnnlm_cli.errors import ConfigError, quoted


class _Loader(yaml.SafeLoader):
    """Safe YAML in which ``1e-3`` is a number, no key stands twice and nothing is an alias."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(
                None, None, "an alias (*) is not allowed; write the value out", mark
            )
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, LookupError, AttributeError, TypeError):
            what = quoted(node.value) if isinstance(node, yaml.ScalarNode) else "this"
            raise yaml.constructor.ConstructorError(
                None, None, f"{what} is no {node.tag.rpartition(':')[2]}", node.start_mark
            ) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        if not isinstance(node, yaml.MappingNode):  # a tag calls it one
            raise yaml.constructor.ConstructorError(
                None, None, "this is no mapping", node.start_mark
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
        place: What an error names: a file or an option.

    Returns:
        The value, and the line of every dotted key.

    Raises:
        ConfigError: It is not YAML, or holds a key twice or an alias.
    """
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise ConfigError(f"{place}: {line}{error.problem}; correct the YAML") from None
    except yaml.reader.ReaderError as error:
        raise ConfigError(
            f"{place}: the character {chr(error.character)!r} is not allowed; correct the YAML"
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError, LookupError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{place}: {reason}; correct the YAML") from None
    except RecursionError:
        raise ConfigError(f"{place}: nested too deeply; a config has three levels") from None
    finally:
        if loader is not None:
            loader.dispose()
    return value, {} if node is None else dict(_lines(node, ""))


def _lines(node: yaml.Node, prefix: str) -> list[tuple[str, int]]:
    """Give the line of every key of nested mappings."""
    if not isinstance(node, yaml.MappingNode):
        return []
    found = []
    for key, value in node.value:
        name = f"{prefix}{key.value}"
        found.append((name, key.start_mark.line + 1))
        found.extend(_lines(value, f"{name}."))
    return found
