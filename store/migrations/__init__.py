"""The history of the tables: one revision a change, applied in order by `store.schema` and only ever forwards.

A revision speaks of the tables as they were on its day, so it never imports `store.tables`. A released one is never
changed: what it got wrong, the next one mends. To write the next one, change `store.tables` and run the tests; the one
that compares the two prints what the new revision must say.
"""
