"""Amounts as Kubernetes writes them."""

from kubernetes.utils.quantity import parse_quantity as _parse_quantity


def parse_quantity(text: str) -> float:
    """A Kubernetes quantity as a number: `500m` is 0.5, `1Gi` is 2**30. Raises ValueError."""
    return float(_parse_quantity(text))
