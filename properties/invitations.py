"""Mails a new person the one-time link with which she chooses her password."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from pms.accounts.models import User


def password_link_send(request: HttpRequest, user: User) -> bool:
    """Mail the link (allauth's reset mail: one use, limited time); tell whether the address could be mailed to."""
    mail = ResetPasswordForm({"email": user.email})
    if not mail.is_valid():
        return False
    mail.save(request)
    return True
