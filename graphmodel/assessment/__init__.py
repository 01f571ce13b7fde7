"""What the attack graphs of all actors amount to: risks, attack paths, gaps, measures, importance, explanations."""
