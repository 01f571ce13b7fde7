"""Workbooks: the questionnaire as Excel files for those who answer it, and what they hand back."""
