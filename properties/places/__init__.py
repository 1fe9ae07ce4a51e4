"""Where rooms are and what they have: buildings, floors, sections, features, connecting rooms, types by date."""
