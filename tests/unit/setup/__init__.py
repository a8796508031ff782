"""The repository's set-up."""
