"""Costs: what a person's environments cost, and the weekly digest of a team."""
