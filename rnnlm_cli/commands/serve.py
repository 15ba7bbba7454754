"""``rnnlm serve``."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import as_option, note
from rnnlm_cli.commands.shared.models import device_option, newest_model
from rnnlm_cli.commands.shared.options import FILE, MODEL, TEXT, WholeRange
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.errors import UsageError
from rnnlm_cli.serve.access import LOOPBACK, Access
from rnnlm_cli.serve.limits import LIMITS, Limits
from rnnlm_cli.serve.server import PORT, PORTS, Address, serve
from rnnlm_cli.serve.service import Service

DEFAULTS = Limits()


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option per limit."""
    options = [
        click.option(
            as_option(name),
            type=WholeRange.of(limit.values),
            default=getattr(DEFAULTS, name),
            show_default=True,
            help=limit.meaning,
        )
        for name, limit in LIMITS.items()
    ]
    return reduce(lambda found, option: option(found), reversed(options), command)


@click.command(
    epilog=examples(
        "a page to try a model, and an API for programs",
        "rnnlm serve --checkpoint checkpoints/hello.pkl",
        "several models, on another port",
        "rnnlm serve --checkpoint checkpoints/hello.pkl checkpoints/ptb.pkl --port 8080",
        "for other machines too",
        "rnnlm serve --host 0.0.0.0 --api-key-file key.txt --tls-cert cert.pem --tls-key key.pem",
    )
)
@click.argument("models", type=MODEL, nargs=-1, metavar="[FILE]...")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=MODEL,
    metavar="FILE",
    multiple=True,
    help="Model to serve; more may follow. Repeatable.  [default: the newest in checkpoints/]",
)
@click.option(
    "--host",
    type=TEXT,
    metavar="ADDRESS",
    default=LOOPBACK,
    show_default=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    type=WholeRange.of(PORTS),
    default=PORT,
    show_default=True,
    help="Port to listen on; 0 for any free one.",
)
@click.option(
    "--api-key",
    type=TEXT,
    metavar="KEY",
    help="Ask for this key; others on this machine may see it among the running programs.",
)
@click.option(
    "--api-key-file", type=FILE, metavar="FILE", help="Ask for the key in the file's first line."
)
@click.option("--tls-cert", type=FILE, metavar="FILE", help="Certificate chain (PEM), for HTTPS.")
@click.option("--tls-key", type=FILE, metavar="FILE", help="Private key of --tls-cert (PEM).")
@click.option(
    "--allow-host",
    "hosts",
    type=TEXT,
    metavar="NAME",
    multiple=True,
    help="Answer to this name in the Host header too, as behind a proxy. Repeatable.",
)
@click.option(
    "--allow-origin",
    "origins",
    type=TEXT,
    metavar="ORIGIN",
    multiple=True,
    help="Let pages of this origin ask, such as https://example.org. Repeatable.",
)
@device_option
@limit_options
@partners(
    excludes("--api-key", "--api-key-file", because="each is the key"),
    needs("--tls-key", "--tls-cert"),
)
def command(
    models: tuple[str, ...],
    checkpoints: tuple[str, ...],
    host: str,
    port: int,
    api_key: str | None,
    api_key_file: str | None,
    tls_cert: str | None,
    tls_key: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    **limits: int,
) -> None:
    """Answer questions to models over HTTP, and show a page to try them.

    Programs that know OpenAI's completions can ask at /v1; the page is at /. Only this machine
    reaches the server, unless --host says otherwise, which needs a key. SIGTERM and Ctrl-C end it
    when the running requests are answered. docs/serving.md describes what can be asked.
    """
    key = read_key(api_key_file) if api_key_file else api_key or ""
    access = Access(key, frozenset(name.lower() for name in (host, *hosts)), frozenset(origins))
    address = Address(host, port, tls_cert, tls_key)
    address.check(access)
    paths = [*checkpoints, *models] or [str(newest_model())]
    loaded = []
    for path in paths:
        with announced(f"reading {path}"):
            loaded.append((path, checkpoint.load(path).model))
    service = Service(loaded, Limits(**limits), report=note)
    if tls_cert is None and host != LOOPBACK and key:
        note("note: without --tls-cert the key and all texts cross the network in the clear")

    def tell(url: str) -> None:
        note(f"serving {', '.join(service.models)} on {url} (Ctrl-C ends)")

    serve(service, access, address, tell)


def read_key(path: str) -> str:
    """Return the key in a file.

    Raises:
        UsageError: There is none.
    """
    try:
        with open(path, encoding="utf-8") as file:
            key = file.readline().strip()
    except UnicodeDecodeError:
        raise UsageError("is not UTF-8", field="api_key_file", place=path) from None
    if not key:
        raise UsageError(
            "its first line is empty; write the key there", field="api_key_file", place=path
        )
    return key
