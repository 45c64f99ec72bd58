"""How a WSGI server is started: one table of settings, whoever serves and whatever is served."""

import sys

SETTINGS = {
    "worker-class": "gthread",
    "workers": "2",
    "threads": "8",
    "timeout": "60",
    "graceful-timeout": "8",
    "keep-alive": "5",
    # A worker that leaked is replaced before it hurts, the two not at once.
    "max-requests": "5000",
    "max-requests-jitter": "500",
    "log-level": "warning",
}
PORTAL = "portal.app:create_app()"


def command(host: str, port: int, application: str = PORTAL) -> list[str]:
    """The words that start gunicorn at this address; ``application`` is named as module:call."""
    options = [word for name, value in SETTINGS.items() for word in (f"--{name}", value)]
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [sys.executable, "-m", "gunicorn", "--bind", bind, "--no-control-socket", *options, application]
