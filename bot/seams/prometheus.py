"""The only module that speaks to Prometheus: how much traffic each namespace has right now.

What it cannot vouch for, it leaves out: no value, not a number, below zero, too old, or a zero in an answer that was
partial. To whoever decides, what is left out is unknown, and what is unknown stays awake.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import urllib3

_STALE: Final = 300.0  # seconds; as long as Prometheus itself lets a sample stand for the present
_LABELS: Final = ("exported_namespace", "namespace")  # the first where both are there: the second is the exporter's own
_SHOWN: Final = 200  # characters of what Prometheus says went wrong


class PrometheusError(Exception):
    """No answer that can be used. The text is for people."""


class Prometheus:
    """One Prometheus server, or what speaks its API. Safe to share between threads.

    `now` gives seconds since the epoch by the world's clock, which is the one Prometheus goes by.
    """

    def __init__(self, url: str, timeout: timedelta, now: Callable[[], float] = time.time) -> None:
        self._url = url
        self._now = now
        self._http = urllib3.PoolManager(timeout=timeout.total_seconds(), retries=False)

    def instant(self, query: str) -> Mapping[str, float]:
        """The value of a query for each namespace for which there is one that can be trusted, 0 or more.

        Of several series of a namespace, the largest value counts. Raises PrometheusError.
        """
        answer = self._ask(query)
        values: dict[str, list[float | None]] = defaultdict(list)
        for series in _vector(answer):
            namespace = _namespace(series)
            if namespace:
                values[namespace].append(self._value(series))
        partial = bool(answer.get("warnings"))
        decided = {namespace: _largest(found, partial=partial) for namespace, found in values.items()}
        return {namespace: value for namespace, value in decided.items() if value is not None}

    def close(self) -> None:
        """Close the connections."""
        self._http.clear()

    def _ask(self, query: str) -> Mapping[str, Any]:
        try:
            response = self._http.request("GET", f"{self._url}/api/v1/query", fields={"query": query})
        except urllib3.exceptions.NewConnectionError as error:  # one of the TimeoutErrors too, by its ancestors
            raise PrometheusError("Prometheus cannot be reached: nothing answers at its address") from error
        except urllib3.exceptions.TimeoutError as error:
            raise PrometheusError("Prometheus did not answer in time") from error
        except urllib3.exceptions.HTTPError as error:
            raise PrometheusError(f"Prometheus cannot be reached ({type(error).__name__})") from error
        answer = _parsed(response.data)
        if response.status == 200 and answer is not None and answer.get("status") == "success":
            return answer
        raise PrometheusError(_refusal(response.status, answer))

    def _value(self, series: Mapping[str, Any]) -> float | None:
        """The value of a series; None for one that cannot be trusted."""
        try:
            at, text = series["value"]
            age, value = self._now() - float(at), float(text)
        except (KeyError, TypeError, ValueError):
            return None
        return value if age <= _STALE and value >= 0 else None  # not a number is not at least 0


def _vector(answer: Mapping[str, Any]) -> list[Any]:
    data = answer.get("data")
    result = data.get("result") if isinstance(data, dict) and data.get("resultType") == "vector" else None
    if not isinstance(result, list):
        raise PrometheusError("the query does not give one value a series: it must be an instant vector")
    return result


def _namespace(series: Any) -> str | None:
    labels = series.get("metric") if isinstance(series, dict) else None
    if not isinstance(labels, dict):
        return None
    return next((labels[name] for name in _LABELS if isinstance(labels.get(name), str) and labels[name]), None)


def _largest(values: list[float | None], *, partial: bool) -> float | None:
    """The largest; None where all that is known is zero while something is not known."""
    largest = max((value for value in values if value is not None), default=0.0)
    return None if largest == 0 and (partial or None in values) else largest


def _parsed(body: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(status: int, answer: Mapping[str, Any] | None) -> str:
    said = " ".join(str((answer or {}).get("error", "")).split())[:_SHOWN]
    if said:
        return f"Prometheus refuses the query: {said}"
    return f"Prometheus answered {status} and nothing that it means"
