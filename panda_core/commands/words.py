"""What commands share: words in, JSON out."""

import json
from collections.abc import Iterable

import click

from panda_core.errors import UsageError


def echo_json(value: object) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def parse_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """{path: value} from "path=value" words."""
    parsed = []
    for word in settings:
        path, equals, value = word.partition("=")
        if not equals or not path or not value:
            raise UsageError(f"--set {word}: write it as PATH=VALUE, for example --set kd.weight=0.1")
        parsed.append((path, value))
    return once("--set", parsed)


def once(option: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """{name: value} from pairs; a `UsageError` where a name comes twice, as one of its values would be lost."""
    found = {}
    for name, value in pairs:
        if name in found:
            raise UsageError(f"{option} {name} is given twice, as {found[name]} and as {value}; give it once")
        found[name] = value
    return found
