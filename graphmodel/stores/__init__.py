"""The property graph, the Cypher engines that answer queries over it, and the fences in front of them."""
