"""Settings of every real start. All that differs between installations comes from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from . import reports
from .environment import (
    REQUESTS_AT_WORK,
    celery_broker,
    database,
    email,
    env,
    project_root,
    refuse_debug_in_production,
    required,
)
from .logs import logging_config
from .sign_in import openid_providers

BASE_DIR = project_root()
PROCESS = env.str("PMS_PROCESS", default="command")

DEBUG = env.bool("DEBUG", default=False)
refuse_debug_in_production(debug=DEBUG)
SECRET_KEY = required("SECRET_KEY", why="sessions and signed links cannot be protected without it")
# Newest first; older keys still decrypt. Kept outside the database, so a stolen backup opens nothing.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])

SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

INSTALLED_APPS = [
    "pms.core",
    "pms.events",
    "pms.accounts",
    "pms.live",
    "pms.api",
    "properties",
    "reservations",
    "folios",
    "housekeeping",
    "channel_manager",
    "notifications",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "auditlog",
    "channels",
    "csp",
    "django_countries",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pms.core.middleware.RequestContextMiddleware",
    "pms.core.observed.ObservedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pms.accounts.languages.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pms.accounts.middleware.LastUsedMiddleware",
    "pms.accounts.middleware.SupportMiddleware",
    "pms.accounts.middleware.SecondStepMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pms.core.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "pms.urls"
ASGI_APPLICATION = "pms.asgi.application"
WSGI_APPLICATION = "pms.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["pms.core.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "pms.live.context.shell",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------------------------------
DATABASE_URL = required("DATABASE_URL", why="the hotel's data lives in PostgreSQL 15 or newer")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="") or DATABASE_URL
DATABASES = {"default": database(DATABASE_OWNER_URL if PROCESS == "owner" else DATABASE_URL, process=PROCESS)}
ADMISSION = {"at_work": REQUESTS_AT_WORK, "patience": 30}  # pms.core.admission, for each server process
DATABASE_APP_ROLE = database(DATABASE_URL, process=PROCESS)["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: hub, channel layer, broker --------------------------------------------------------------------------------
REDIS_URL = required("REDIS_URL", why="live pages and background work need a Redis-compatible server")
REDIS_PREFIX = env.str("REDIS_PREFIX", default="pms")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX},
    }
}
CELERY_BROKER_URL = celery_broker(env.str("CELERY_BROKER_URL", default=REDIS_URL))

# --- Who is who -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
TENANT_MODEL = "properties.Property"
AUDITLOG_LOGENTRY_MODEL = "core.AuditEntry"
AUDITLOG_USE_BASE_MANAGER = True
ANONYMOUS_USER_NAME = None
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
    "pms.accounts.support.SupportBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "pms.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # the library would set the bare address of the server before each subject
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come by invitation: the invited address is the verified one
MFA_ADAPTER = "pms.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# The browser itself allows passkeys on https and localhost only; the library's check knows no port of localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody can have signed up with somebody else's address
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/5m/key,10/m/ip",
    # Links that let somebody in: the first run, an invitation (pms.accounts.limits).
    "setup_open": "30/m/ip",
    "invitation_open": "30/m/ip",
    "notice_open": "30/m/ip",
    "openid": "30/m/ip",
    "invitation_accept": "10/m/ip,10/5m/key",
    "invitation_send": "30/h/user,100/d/key",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
OPENID_PROVIDERS = openid_providers()  # none: nothing of it is shown
# The limits of sign-in count where a flushed Redis cannot reset them and an absent one locks nobody out.
CACHES = {"default": {"BACKEND": "pms.accounts.counters.CounterCache", "LOCATION": ""}}
ACCOUNT_LOGOUT_ON_GET = False
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a flushed Redis logs nobody out
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# --- Web security -----------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = False  # the proxy redirects; the health checks of the cluster speak plain HTTP
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # see SECURE_SSL_REDIRECT
    "auth.W004",  # e-mail addresses are unique in any case, which the constraint of User says, not unique=True
]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Language, time, static -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["pms.core.formats"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    # Photos and logos: the data folder, or any storage of Django's, such as a bucket that several servers share.
    "default": {
        "BACKEND": env.str("MEDIA_STORAGE", default="django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("MEDIA_OPTIONS", default={}),
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_DIR = Path(env.str("PMS_DATA", default=str(BASE_DIR / ".data")))
MEDIA_ROOT = DATA_DIR / "media"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
vars().update(email(env.str("EMAIL_URL", default="consolemail://")))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="hotel@localhost")

# --- Audit log --------------------------------------------------------------------------------------------------------
# Ed25519 seeds (32 bytes, URL-safe base64), newest first: they sign the heads of the chains. Kept outside the database.
AUDIT_HEAD_KEYS = env.list("AUDIT_HEAD_KEYS", default=[])
AUDIT_HEADS_DIR = Path(env.str("AUDIT_HEADS_DIR", default=str(DATA_DIR / "audit-heads")))
# Functions that carry signed heads away; a deployment adds one that ships them to another house.
AUDIT_HEAD_SINKS = env.list("AUDIT_HEAD_SINKS", default=["pms.core.chain.heads.append_to_file"])

# --- Background work --------------------------------------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = f"{REDIS_PREFIX}.work"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A doorbell must never hold up a request: when Redis is away the sweep finds the work (architecture.md 4).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "global_keyprefix": f"{REDIS_PREFIX}.",
}
CELERY_BEAT_SCHEDULE = {
    "sweep-deliveries": {"task": "pms.events.tasks.deliver", "schedule": 5.0, "options": {"expires": 5}},
    "seal-audit": {"task": "pms.core.tasks.seal", "schedule": 5.0, "options": {"expires": 5}},
    "sign-audit-heads": {"task": "pms.core.tasks.sign_heads", "schedule": 3600.0},
    "prune-stream": {"task": "pms.events.tasks.prune", "schedule": 3600.0},
    "prune-sessions": {"task": "pms.accounts.tasks.prune", "schedule": 3600.0},
    "end-support-visits": {"task": "pms.accounts.tasks.end_visits", "schedule": 60.0, "options": {"expires": 60}},
    "send-letters": {"task": "pms.accounts.tasks.send_letters", "schedule": 15.0, "options": {"expires": 15}},
    "prune-jobs": {"task": "pms.api.tasks.prune", "schedule": 3600.0},
    "prune-invitations": {"task": "properties.tasks.prune", "schedule": 3600.0},
    "prune-notifications": {"task": "notifications.tasks.prune", "schedule": 3600.0},
    "serve-channels": {"task": "channel_manager.tasks.serve", "schedule": 5.0, "options": {"expires": 5}},
    "prune-channels": {"task": "channel_manager.tasks.prune", "schedule": 3600.0},
}
# How long short-lived rows stay after they ended; the audit log keeps what was done for ever.
KEEP_INVITATIONS_DAYS = env.int("KEEP_INVITATIONS_DAYS", default=90)
KEEP_SUPPORT_VISITS_DAYS = env.int("KEEP_SUPPORT_VISITS_DAYS", default=90)
KEEP_JOBS_DAYS = env.int("KEEP_JOBS_DAYS", default=30)
# A sign of life of each queue, through the broker and a worker into the database (pms.events.canary).
CANARY_SECONDS = env.float("CANARY_SECONDS", default=10.0)
CANARY_LATE = env.float("CANARY_LATE", default=6 * CANARY_SECONDS)
CANARY_QUEUES = [CELERY_TASK_DEFAULT_QUEUE]
CANARY_FILE = env.str("CANARY_FILE", default="")  # touched at each arrival, for who watches the worker from outside
for _queue in CANARY_QUEUES:
    CELERY_BEAT_SCHEDULE[f"canary-{_queue}"] = {
        "task": "pms.events.tasks.canary",
        "schedule": CANARY_SECONDS,
        "args": [_queue],
        "options": {"queue": _queue, "expires": CANARY_LATE},
    }

# --- Figures ----------------------------------------------------------------------------------------------------------
# Who may read /metrics: whoever has the token, and these addresses or networks. Neither: the page is not there.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOW = env.list("METRICS_ALLOW", default=[])

# --- Channels ---------------------------------------------------------------------------------------------------------
# The pretended booking site that `up --sandbox` starts; the only address inside our own network that may be called.
OTA_SANDBOX_URL = env.str("OTA_SANDBOX_URL", default="").rstrip("/")

# --- Public API -------------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # Closed unless a view says otherwise; ours say it by `@operation` (pms/api/operations.py).
    "DEFAULT_AUTHENTICATION_CLASSES": ["pms.api.authentication.ClientAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "pms.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hotel API",
    "VERSION": "1",
    "DESCRIPTION": (
        "The public API of the hotel: tenant data lives under `/api/v1/properties/{code}`. Money is "
        '`{"amount": "119.00", "currency": "EUR"}`, nights are `YYYY-MM-DD`, moments RFC 3339 with offset, ids opaque. '
        "Every refusal is `application/problem+json` with a stable `code`."
    ),
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Input and output are classes of their own, so nothing has to be split by guessing.
    "COMPONENT_SPLIT_REQUEST": False,
    "COMPONENT_SPLIT_PATCH": False,
    "SORT_OPERATIONS": True,
    # Choices that several objects have, or fields of one name with different choices.
    "ENUM_NAME_OVERRIDES": {
        "ConditionEnum": "properties.models.Room.Condition",
        "KindEnum": "folios.models.TransactionCode.Kind",
        "OutOfOrderKindEnum": "reservations.models.OutOfOrder.Kind",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "pms.api.schema.complete"],
}
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 60 * 60 * 24 * 90  # an app that nobody uses for so long must ask again

LOGGING_CONFIG = None
LOGGING = logging_config(level=env.str("LOG_LEVEL", default="INFO"), pretty=env.bool("LOG_PRETTY", default=False))

# Read by `pms.core.traces`; the exporter reads this and its other names from the environment itself.
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
reports.start(env.str("SENTRY_DSN", default=""), process=PROCESS)

from pms.celery import app as celery_app  # noqa: E402, F401 - every process that reads settings rings the same broker
