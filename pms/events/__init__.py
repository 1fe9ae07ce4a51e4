"""The event stream: `Event`, `publish`, `within`, `after` and `watch` are all the domain needs of it."""
