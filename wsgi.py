"""The application for a WSGI server that is not started by `portal serve`: `gunicorn wsgi:app`."""

from portal.app import create_app

app = create_app()
