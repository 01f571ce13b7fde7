"""Which measures to take: the best set for a budget, its frontier, and the cheapest set that leaves no path."""
