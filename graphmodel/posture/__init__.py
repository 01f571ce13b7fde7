"""How a system stands over time: records of it, what changed between two, and which risks moved because of what."""
