"""A Kubernetes 1.36 API server in memory, which answers as the real one does, for tests and the demo.

It must agree with recordings of a real server, hold nothing after it stops, and never be imported by the bot.
"""

from bot.sandbox.cluster.faults import Fault, Faults, LoggedRequest, RequestLog
from bot.sandbox.cluster.server import ClusterOptions, SandboxCluster, real_now, run, serve

__all__ = [
    "ClusterOptions",
    "Fault",
    "Faults",
    "LoggedRequest",
    "RequestLog",
    "SandboxCluster",
    "real_now",
    "run",
    "serve",
]
