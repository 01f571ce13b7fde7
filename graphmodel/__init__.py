"""graphmodel: threat modelling of AI systems by likelihood and loss on an attack graph."""
