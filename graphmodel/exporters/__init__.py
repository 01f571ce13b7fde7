"""Systems and their results as other programs' files: threat models, bills of materials, drawings, graphs, tables."""
