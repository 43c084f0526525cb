"""Stepgate: client-action checkpoints over the stages of a sales pipeline."""

__version__ = "0.1.0"
