"""Django's settings, for a laptop by default and for a server by environment variables (configuration.py).

Everything that a running OsMEN writes is under its home. In production a missing or default secret stops the start.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from osmen_web import configuration as conf
from osmen_web import home
from osmen_web.parts import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from osmen_web.parts import INSTALLED_APPS as INSTALLED_APPS
from osmen_web.parts import MIDDLEWARE as MIDDLEWARE
from osmen_web.parts import templates

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(conf.HOME.read(str(BASE_DIR / "var"))).expanduser().resolve()
PRODUCTION = conf.ENV.read() == "production"

# Where this OsMEN is reached. Behind localhost cookies ignore the port, so the home's id keeps two homes apart.
OSMEN_PUBLIC_URL = conf.PUBLIC_URL.read("" if PRODUCTION else f"http://localhost:{conf.PORT.read()}").rstrip("/")
if not OSMEN_PUBLIC_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("Set OSMEN_PUBLIC_URL to the address people open, such as https://osmen.example.org.")
_public = urlsplit(OSMEN_PUBLIC_URL)
LOOPBACK = (_public.hostname or "") in {"localhost", "127.0.0.1", "::1"}
SECURE = _public.scheme == "https"
HOME_ID = hashlib.sha256(str(HOME).encode()).hexdigest()[:8]

OSMEN_SANDBOX_URL = conf.SANDBOX_URL.read().rstrip("/")
if OSMEN_SANDBOX_URL and PRODUCTION and not conf.ALLOW_SANDBOX.read():
    raise ImproperlyConfigured(
        "The sandbox does not run in production. Unset OSMEN_SANDBOX_URL, or set OSMEN_ALLOW_SANDBOX=1 for a demo."
    )


def _secret_key() -> str:
    """From the environment, else (on a laptop) from the home's key file."""
    key = conf.SECRET_KEY.read()
    if PRODUCTION and len(key) < 50:
        raise ImproperlyConfigured(
            "Set OSMEN_SECRET_KEY or OSMEN_SECRET_KEY_FILE to a random text of at least 50 characters."
        )
    return key or home.secret_key(HOME)


SECRET_KEY = _secret_key()
DEBUG = conf.DEBUG.read()
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("OSMEN_DEBUG must not be set in production.")

ALLOWED_HOSTS = [
    _public.hostname or "localhost",
    *conf.ALLOWED_HOSTS.read(),
    *(["localhost", "127.0.0.1", "[::1]"] if LOOPBACK else []),
]
CSRF_TRUSTED_ORIGINS = [OSMEN_PUBLIC_URL]

ROOT_URLCONF = "osmen_web.urls"
WSGI_APPLICATION = "osmen_web.wsgi.application"
TEMPLATES = templates(BASE_DIR)

# Data
# ------------------------------------------------------------------------------------------------------------------
DATABASE_URL = conf.DATABASE_URL.read()
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL or f"sqlite:///{HOME / 'db.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; PRAGMA cache_size=-16000;"
        ),
    }
    # Tests run on a file as well: an in-memory database has other locks.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = conf.REDIS_URL.read()
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": HOME_ID,
        }
    }
else:
    # A table and not memory: rate limits must count over all processes.
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# A key ring in a file is read by the vault, which takes over a changed one while it runs.
OSMEN_KEYSET = conf.KEYSET.read()
OSMEN_KEYSET_FILE = conf.KEYSET_FILE.read()
OSMEN_KEYSET_COMMAND = conf.KEYSET_COMMAND.read()
OSMEN_KEYSET_PATH = HOME / "keys" / "keyset.json"
if OSMEN_KEYSET and OSMEN_KEYSET_FILE:
    raise ImproperlyConfigured("Set OSMEN_KEYSET or OSMEN_KEYSET_FILE, not both.")
if OSMEN_KEYSET_COMMAND and not (OSMEN_KEYSET or OSMEN_KEYSET_FILE):
    raise ImproperlyConfigured(
        "OSMEN_KEYSET_COMMAND unwraps the key ring of OSMEN_KEYSET or OSMEN_KEYSET_FILE: set one of them."
    )
if PRODUCTION and not (OSMEN_KEYSET or OSMEN_KEYSET_FILE):
    raise ImproperlyConfigured(
        "Set OSMEN_KEYSET or OSMEN_KEYSET_FILE to the key ring that encrypts tokens (docs/configuration.md)."
    )

# Background work
# -------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost/"
if not REDIS_URL:
    _queue = HOME / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "queue"),
        "data_folder_out": str(_queue / "queue"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.2,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "run" / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "due": {"task": "integrations.tick", "schedule": 5.0, "options": {"expires": 5}},
    "tokens": {"task": "integrations.refresh_ahead", "schedule": 60.0, "options": {"expires": 60}},
    "roll": {"task": "calendars.roll_window", "schedule": 6 * 3600.0, "options": {"expires": 3600}},
    "channels": {"task": "integrations.channels", "schedule": 20.0, "options": {"expires": 20}},
    "pull": {"task": "integrations.pull", "schedule": 10.0, "options": {"expires": 10}},
    "compare": {"task": "integrations.compare", "schedule": 900.0, "options": {"expires": 900}},
    "probe": {"task": "integrations.probe", "schedule": 300.0, "options": {"expires": 300}},
    "usage": {"task": "integrations.seal_usage", "schedule": 300.0, "options": {"expires": 300}},
    "tidy": {"task": "osmen_web.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
}

# Providers and sync
# ----------------------------------------------------------------------------------------------------
OSMEN_PROVIDERS = ("integrations.providers.google.provider", "integrations.providers.microsoft.provider")
OSMEN_POLL_SECONDS = conf.POLL_SECONDS.read()
# Providers can only reach a public address. It may be another than the one that people use.
OSMEN_PUSH_URL = conf.PUSH_URL.read(OSMEN_PUBLIC_URL if OSMEN_PUBLIC_URL.startswith("https://") else "")
# Where a provider tells of changes, asking is the safety net.
OSMEN_PUSH_POLL_SECONDS = conf.PUSH_POLL_SECONDS.read()
# What a provider needs to tell of changes, by the names of its endpoints, unless an app has its own.
OSMEN_PUSH_NAMES = {
    "google": {
        "pubsub_topic": conf.GMAIL_TOPIC.read(),
        "pubsub_account": conf.PUBSUB_ACCOUNT.read(),
        "pubsub_subscription": conf.PUBSUB_SUBSCRIPTION.read(),
        "pubsub_key_file": conf.PUBSUB_KEY_FILE.read(),
    },
}
OSMEN_GMAIL_QUOTA = conf.GMAIL_QUOTA.read()

# Who you are
# -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
OSMEN_SIGNUP = conf.SIGNUP.read("open" if LOOPBACK else "closed")
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_EMAIL_VERIFICATION = "none" if LOOPBACK else conf.EMAIL_VERIFICATION.read()
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"setup": "20/m/user", "api": "60/m/user", "access_token": "20/m/ip"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
SOCIALACCOUNT_ADAPTER = "integrations.connect.adapter.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_QUERY_EMAIL = False
# When somebody was last seen would cost every page a write.
USERSESSIONS_TRACK_ACTIVITY = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "integrations.connect.second_factor.SecondFactorAdapter"
MFA_FORMS = {"activate_totp": "integrations.connect.second_factor.ActivateForm"}
MFA_TOTP_ISSUER = "OsMEN"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = ACCOUNT_EMAIL_VERIFICATION == "none"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOOPBACK and not SECURE  # browsers trust http://localhost as well
SESSION_COOKIE_NAME = f"osmen_{HOME_ID}_session"
CSRF_COOKIE_NAME = f"osmen_{HOME_ID}_csrf"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Mail that OsMEN itself sends (password reset, notices)
# ------------------------------------------------------------------
OSMEN_SMTP_URL = conf.SMTP_URL.read()
if OSMEN_SMTP_URL:
    _smtp = urlsplit(OSMEN_SMTP_URL)
    EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "localhost", _smtp.port or (465 if _smtp.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _smtp.username or "", _smtp.password or ""
    EMAIL_USE_SSL, EMAIL_USE_TLS = _smtp.scheme == "smtps", _smtp.scheme == "smtp+tls"
else:
    # Into files, not into the log: who reads logs must not be able to choose people's passwords.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = HOME / "mail"
EMAIL_TIMEOUT = 10  # seconds; a page that failed waits for it
DEFAULT_FROM_EMAIL = SERVER_EMAIL = conf.FROM_EMAIL.read(f"OsMEN <no-reply@{_public.hostname}>")
EMAIL_SUBJECT_PREFIX = "[OsMEN] "
ADMINS = [(address, address) for address in conf.ADMINS.read()]

# Security
# --------------------------------------------------------------------------------------------------------------
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
if SECURE:
    SECURE_SSL_REDIRECT = conf.SSL_REDIRECT.read()
    SECURE_HSTS_SECONDS = conf.HSTS_SECONDS.read()
    SECURE_HSTS_INCLUDE_SUBDOMAINS = False
if conf.BEHIND_PROXY.read():
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# Debug pages and mail about errors say nothing that opens anything.
DEFAULT_EXCEPTION_REPORTER = "osmen_web.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "osmen_web.reports.Filter"

# Language and time
# -----------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# Files
# -----------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
if PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
MEDIA_ROOT = HOME / "files"
HELP_ROOT = BASE_DIR / "docs" / "_site"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "access": {"format": "%(message)s"},
    },
    "filters": {
        "one_time_links": {"()": "osmen_web.logs.OneTimeLinks"},
        "failures": {"()": "osmen_web.logs.Failures"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one_time_links"]},
        "access": {
            "class": "logging.StreamHandler",
            "formatter": "access",
            "stream": "ext://sys.stdout",
            "filters": ["one_time_links"],
        },
        "mail": {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR", "filters": ["failures"]},
    },
    "root": {"handlers": ["console"], "level": conf.LOG_LEVEL.read()},
    "loggers": {
        "django": {"handlers": ["mail"], "level": "INFO"},
        # The web server's own, as it sets them up itself, but masked.
        "granian.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
        # Its lines go into mail to administrators as well, whose subject they are.
        "django.request": {"filters": ["one_time_links"]},
    },
}
