"""Writes of the API kernel, by topic: clients, and what people let them do."""

from .clients import (
    OVERLAP,
    NewClient,
    api_client_create,
    api_client_disable,
    api_client_rotate,
    api_clients_follow_scopes,
)
from .tokens import (
    api_grant_give,
    api_grant_revoke,
    api_use_note,
    expired_tokens_forget,
    grant_misuse_mail,
    refresh_token_hold,
    refresh_token_reused,
    refresh_token_spent,
    token_revoke,
)

__all__ = [
    "OVERLAP",
    "NewClient",
    "api_client_create",
    "api_client_disable",
    "api_client_rotate",
    "api_clients_follow_scopes",
    "api_grant_give",
    "api_grant_revoke",
    "api_use_note",
    "expired_tokens_forget",
    "grant_misuse_mail",
    "refresh_token_hold",
    "refresh_token_reused",
    "refresh_token_spent",
    "token_revoke",
]
