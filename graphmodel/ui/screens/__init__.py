"""The pages of the app, one file each; they draw, and compute nothing."""
