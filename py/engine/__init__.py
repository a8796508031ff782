"""The worker's jobs: where rules, portal and store meet."""
