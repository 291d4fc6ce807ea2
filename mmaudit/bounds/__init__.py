"""Bounds: is the truth past a limit? Tests and intervals that keep their error on each side."""
