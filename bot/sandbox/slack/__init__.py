"""A Slack workspace on this machine: Web API, Socket Mode, signed HTTP delivery, and a page to use it by.

It is strict where Slack is strict, so that an app which works here works there. It must never know the app it serves.
"""

from bot.sandbox.slack.app_manifest import objections as manifest_objections
from bot.sandbox.slack.options import SlackOptions, real_now
from bot.sandbox.slack.seed import DEFAULT_MANIFEST, HARBOUR, ChannelSeed, PersonSeed, Seed
from bot.sandbox.slack.server import SandboxSlack, run, serve

__all__ = [
    "DEFAULT_MANIFEST",
    "HARBOUR",
    "ChannelSeed",
    "PersonSeed",
    "SandboxSlack",
    "Seed",
    "SlackOptions",
    "manifest_objections",
    "real_now",
    "run",
    "serve",
]
