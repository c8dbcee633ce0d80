"""What an operator sets: the environment variables and berth.yaml.

Everything is checked at the start and every mistake is told at once, so that nobody mends one to meet the next.
Nothing here talks to Slack, a cluster or a database.
"""

from bot.config.catalogue_file import load_catalogue
from bot.config.problems import ConfigError, Problem
from bot.config.settings import HttpAddress, Settings, SlackMode, Survey, load, read_database_url, read_settings, survey
from bot.rules.catalogue import Catalogue

__all__ = [
    "Catalogue",
    "ConfigError",
    "HttpAddress",
    "Problem",
    "Settings",
    "SlackMode",
    "Survey",
    "load",
    "load_catalogue",
    "read_database_url",
    "read_settings",
    "survey",
]
