"""Making the clusters follow what is wanted: level-triggered passes whose every step can be repeated.

A pass reads what is wanted from the store and what is so from the cluster, takes the next step, and writes down what it
did. It can be killed anywhere; the next pass goes on from there.
"""
