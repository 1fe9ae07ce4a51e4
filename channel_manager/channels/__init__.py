"""The channels this house speaks with; each registers its profile, nothing asks for a channel by name."""
