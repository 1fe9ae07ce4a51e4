"""How a language writes figures and days, where the house follows its hotels and not Django's own table."""
