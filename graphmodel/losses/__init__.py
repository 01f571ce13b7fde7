"""Distributions of loss by campaign and by year, what they consist of, and what uncertain inputs do to them."""
