"""Spanish: hotels and their cash registers set a point between thousands, where Django sets a space."""

THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
