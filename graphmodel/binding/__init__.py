"""A system joined with the catalogue: relations, threats bound to assets, the credit of controls, attack graphs."""
