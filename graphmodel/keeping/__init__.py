"""Answers kept on the disk by their whole question, for the command line and the app together."""
