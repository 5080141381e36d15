"""What ``integrations.layer`` is made of: choosing an account, the calendar manager, the unified side, probes."""
