"""One AI system under assessment: its values, its document, and what is wrong with a description."""
