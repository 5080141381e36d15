"""The composition root: settings, addresses, Celery and health. It imports every room; no room imports it."""
