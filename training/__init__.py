"""Corpora, losses and loops that make the shipped weights."""
