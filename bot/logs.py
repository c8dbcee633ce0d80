"""What the log looks like: one JSON object a line on standard error, whoever speaks."""

import logging
import sys
from typing import Final

import structlog
from structlog.typing import Processor

_TOLD_BY_US: Final = (
    # how libraries begin lines about what our own line tells better
    "Failed to retrieve WSS URL",
    "Failed to send a request to Slack API server",
)


def configure_logging() -> None:
    """Set up our log and the libraries'. Libraries speak from warnings on: below that they log bodies."""
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    told: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, *told],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *told],
        )
    )
    handler.addFilter(_is_news)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it tells of each retry; whoever asked tells of the failure


def _is_news(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_TOLD_BY_US)
