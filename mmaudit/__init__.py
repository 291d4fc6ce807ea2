"""Audit multimodal datasets, and the models trained on them, under low-quality data."""

__version__ = "0.1.0"
