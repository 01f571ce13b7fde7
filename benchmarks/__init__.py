"""The engines measured beside others on the same graphs in the same run: ``make bench``."""
