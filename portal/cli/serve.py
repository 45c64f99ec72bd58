"""`portal serve`: the web server, the worker and, where asked for, the demo, as one process tree."""

import os
import socket
import sys
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import click

from portal.cli.processes import Child, Family, GaveUp
from portal.core import db, schema
from portal.core.settings import Settings, UnsafeSettings
from portal.web import server

LOOK = 0.25
"""Seconds between two looks at the children."""


@click.command()
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="Tell the demo's story once the server answers.")
def serve(host: str, port: int, demo: bool) -> None:
    """Serve the portal: web server and worker, until SIGTERM or Ctrl-C."""
    os.environ["PORT"] = str(port)
    try:
        settings = Settings.from_environment()
    except UnsafeSettings as error:
        raise click.ClickException(str(error)) from error
    if demo and settings.is_production:
        raise click.ClickException("the demo is not told in production")
    _refuse_taken(host, port)
    settings.home.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings)
    db.database().engine.dispose()  # the children open their own connections
    _run(Family(), host, port, demo, settings.base_url)


def _run(family: Family, host: str, port: int, demo: bool, address: str) -> None:
    family.listen()
    try:
        family.add(Child("web server", server.command(host, port)))
        family.add(Child("worker", _portal("worker", *(["--demo"] if demo else []))))
        if _wait_until_healthy(family, host, port, urlsplit(address).netloc):
            click.echo(f"The portal is served at {address}")
            if demo:
                click.echo("The demo is being told; its accounts follow.")
        _keep(family)
    except GaveUp as error:
        raise click.ClickException(str(error)) from error
    finally:
        family.end()


def _wait_until_healthy(family: Family, host: str, port: int, name: str) -> bool:
    """Look after the family until the server answers; False when a signal came first."""
    while not family.is_ending:
        if _is_healthy(host, port, name):
            return True
        family.look_after()
        time.sleep(LOOK)
    return False


def _keep(family: Family) -> None:
    while not family.is_ending:
        family.look_after()
        time.sleep(LOOK)


def _is_healthy(host: str, port: int, name: str) -> bool:
    """Ask under the name the portal is known by, since it answers to no other."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    with closing(HTTPConnection(reached, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/health", headers={"Host": name})
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False


def _refuse_taken(host: str, port: int) -> None:
    """Say so in one line before anything is started, rather than let the server try again and again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} cannot be used ({error.strerror}); choose another PORT"
            ) from error


def _portal(*words: str) -> list[str]:
    return [sys.executable, "-m", "portal", *words]
