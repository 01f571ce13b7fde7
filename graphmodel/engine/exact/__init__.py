"""Exact likelihoods: decision diagrams, junction trees, and distributions over closure operators."""
