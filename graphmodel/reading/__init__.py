"""Hostile bytes to plain values with their places, within limits; problems, and suggestions of what was meant."""
