"""What commands share: words in, JSON out."""

import json

import click

from panda_core.errors import UsageError


def echo_json(value: object) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def parse_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """{path: value} from "path=value" words."""
    parsed = {}
    for word in settings:
        path, equals, value = word.partition("=")
        if not equals or not path or not value:
            raise UsageError(f"--set {word}: write it as PATH=VALUE, for example --set kd.weight=0.1")
        parsed[path] = value
    return parsed
