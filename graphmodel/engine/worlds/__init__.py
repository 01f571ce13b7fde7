"""Simulated likelihoods: random worlds, and the kernels that play many of them at once."""
