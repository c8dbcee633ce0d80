"""Prometheus, asked over HTTP by its own API: what it says of each namespace, and what cannot be trusted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.seams.prometheus import Prometheus, PrometheusError
from tests.seams.sayer import Sayer, saying, series

QUERY = 'sum by (namespace) (rate(requests_total{code=~"2.."}[5m])) > 0 or up'


@pytest.fixture
def sayer() -> Iterator[Sayer]:
    """A server that says what it is told to."""
    with saying() as sayer:
        yield sayer


@pytest.fixture
def prometheus(sayer: Sayer) -> Iterator[Prometheus]:
    """Prometheus, as Berth reaches it."""
    prometheus = Prometheus(sayer.url, timedelta(seconds=5))
    yield prometheus
    prometheus.close()


def test_each_namespace_has_its_value(sayer: Sayer, prometheus: Prometheus) -> None:
    sayer.says(series("0.25", namespace="env-blue"), series("0", namespace="env-red"), series("+Inf", namespace="x"))

    found = prometheus.instant(QUERY)

    assert found == {"env-blue": 0.25, "env-red": 0.0, "x": float("inf")}
    assert sayer.asked == [("/api/v1/query", [QUERY])]


def test_the_exporters_own_namespace_is_not_taken_for_the_one_it_tells_of(sayer: Sayer, prometheus: Prometheus) -> None:
    sayer.says(
        series("1", namespace="ingress-nginx", exported_namespace="env-blue"),
        series("2", exported_namespace="env-red"),
    )

    assert prometheus.instant(QUERY) == {"env-blue": 1.0, "env-red": 2.0}


@pytest.mark.parametrize(
    ("values", "known"),
    [(["0", "3", "1"], 3.0), (["0", "0"], 0.0), (["0", "NaN"], None), (["NaN", "2"], 2.0), (["NaN"], None)],
)
def test_of_several_series_the_largest_counts_and_doubt_is_no_zero(
    sayer: Sayer, prometheus: Prometheus, values: list[str], known: float | None
) -> None:
    sayer.says(*[series(value, namespace="env-blue", pod=str(number)) for number, value in enumerate(values)])

    assert prometheus.instant(QUERY).get("env-blue") == known


@pytest.mark.parametrize(
    "odd",
    [
        series("NaN", namespace="env-blue"),
        series("-1", namespace="env-blue"),
        series("many", namespace="env-blue"),
        series(None, namespace="env-blue"),
        series("1", age=301, namespace="env-blue"),
        series("0", age=301, namespace="env-blue"),
        series("1", job="api"),
        series("1", namespace=""),
        {"metric": {"namespace": "env-blue"}},
        {"metric": {"namespace": "env-blue"}, "value": [1]},
        {"metric": {"namespace": "env-blue"}, "histogram": [1, {}]},
        {"metric": []},
        "env-blue",
    ],
)
def test_what_cannot_be_trusted_is_left_out(sayer: Sayer, prometheus: Prometheus, odd: Any) -> None:
    sayer.says(odd, series("1", namespace="env-red"))

    assert prometheus.instant(QUERY) == {"env-red": 1.0}


def test_a_zero_of_a_partial_answer_is_no_zero(sayer: Sayer, prometheus: Prometheus) -> None:
    blue, red = series("0", namespace="env-blue"), series("1", namespace="env-red")
    sayer.says(blue, red, warnings=["a store did not answer"])

    assert prometheus.instant(QUERY) == {"env-red": 1.0}


def test_nobody_knows_nothing_of_nothing(sayer: Sayer, prometheus: Prometheus) -> None:
    sayer.says()

    assert prometheus.instant(QUERY) == {}


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, {"status": "error", "errorType": "bad_data", "error": "parse error"}, "refuses the query: parse error"),
        (503, {"status": "error", "errorType": "timeout", "error": "query timed out"}, "query timed out"),
        (200, {"status": "error", "error": "no"}, "refuses the query: no"),
        (404, "not found", "answered 404"),
        (302, {}, "answered 302"),
        (200, [], "answered 200 and nothing that it means"),
        (200, {"status": "success"}, "must be an instant vector"),
        (200, {"status": "success", "data": {"resultType": "vector"}}, "must be an instant vector"),
        (200, {"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}}, "must be an instant vector"),
        (200, {"status": "success", "data": {"resultType": "matrix", "result": []}}, "must be an instant vector"),
    ],
)
def test_what_is_no_answer_is_told_in_words(
    sayer: Sayer, prometheus: Prometheus, status: int, body: Any, told: str
) -> None:
    sayer.answers(body, status)

    with pytest.raises(PrometheusError, match=told):
        prometheus.instant(QUERY)


def test_a_page_in_its_place_is_told(sayer: Sayer, prometheus: Prometheus) -> None:
    sayer.body = b"<html>Sign in</html>"

    with pytest.raises(PrometheusError, match="answered 200 and nothing that it means"):
        prometheus.instant(QUERY)


def test_a_server_that_does_not_answer_is_given_up(sayer: Sayer) -> None:
    sayer.waits.clear()
    prometheus = Prometheus(sayer.url, timedelta(seconds=0.2))

    with pytest.raises(PrometheusError, match="did not answer in time"):
        prometheus.instant(QUERY)
    prometheus.close()


def test_a_server_that_is_not_there_is_told(sayer: Sayer) -> None:
    prometheus = Prometheus("http://127.0.0.1:1", timedelta(seconds=1))

    with pytest.raises(PrometheusError, match="cannot be reached"):
        prometheus.instant(QUERY)
