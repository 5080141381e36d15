"""Being told of changes by the providers: channels that are opened and renewed, and the door at which they knock."""
