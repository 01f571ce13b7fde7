"""graphmodel: threat modelling of AI systems by likelihood and loss on an attack graph."""

__version__ = "0.1.0"
