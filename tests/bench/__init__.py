"""`make bench`: how fast and how sparing Berth is on this machine, beside the goals it was built to.

Nothing here is a test: a missed goal is printed, never raised, because machines are noisy. What must not grow is a
count, and `test_counts.py` holds it.
"""
