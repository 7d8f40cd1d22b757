"""The application for hosts that bring an ASGI server of their own: `receiver.asgi:app`."""

from receiver import logs
from receiver.app import create_app
from receiver.dispatch import GitHubDispatcher
from receiver.github import GitHub
from receiver.settings import Settings

settings = Settings.from_environ()
logs.set_up(settings.log_format)
app = create_app(settings, GitHubDispatcher(GitHub(settings)))
