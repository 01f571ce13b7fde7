"""Results of tests and scans, read as neutral trials and findings; ``registry`` finds the right reader."""
