"""Sign-in with an OpenID Connect provider of the house (docs/sign-in.md)."""
