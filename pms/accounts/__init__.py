"""Who people are and what they may do: users, sign-in, the registry of rights, access."""
