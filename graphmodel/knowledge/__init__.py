"""What holds for AI systems in general: asset types, threats, controls, techniques; and what words are in numbers."""
