"""Signs somebody in who proved herself in another way than on the sign-in page: first run, invitation."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse

from .models import User


def let_in(request: HttpRequest, user: User, *, to: str) -> HttpResponse:
    """Sign `user` in, who chose her password a moment ago, and lead to `to`; a second step of hers is asked first.

    The same stages as at the door: the session is new, stands in the list of devices, and knows how she proved herself.
    """
    record_authentication(request, user, method="password")
    answer: HttpResponse = perform_login(request, Login(user=user, redirect_url=to))
    return answer
