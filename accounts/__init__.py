"""Who you are: the user, signing in, preferences. Nothing here knows a provider."""
