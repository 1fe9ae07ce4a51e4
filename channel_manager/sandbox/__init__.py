"""A pretended booking site, strict as the real one: a tool for trying and testing that production never imports."""
