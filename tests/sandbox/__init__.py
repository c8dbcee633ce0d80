"""Tests of the two local servers."""
