"""What Berth does: pure rules, use cases, reconcile passes, the seams to the outside worlds, and the command line."""
