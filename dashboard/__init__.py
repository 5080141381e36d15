"""Welcome, Today and the integrations page: what stands above the domains, read through their queries."""
