"""AND/OR attack graphs: likelihoods with their intervals, minimal derivations, choke points and what-ifs."""
