"""The application for hosts that bring an ASGI server of their own: `receiver.asgi:app`.

Such a host imports it and has no other moment for the settings.
"""

import os

from receiver import logs
from receiver.app import create_app
from receiver.dispatch import GitHubDispatcher
from receiver.settings import Settings

settings = Settings.from_environ(os.environ)
logs.set_up(settings.log_format)
app = create_app(settings, GitHubDispatcher(settings))
