"""What Django is told: database, sign-in, pages.

Everything that an installation may decide is a setting of :mod:`taizhang.settings`; this module
turns it into Django's words.  The secret of the sessions lies in the data folder.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from taizhang.settings import data_folder, database, language, proxies, setting

_HERE = Path(__file__).resolve().parent.parent


def _secret() -> str:
    """The secret of this installation; before ``taizhang init`` one for this process alone."""
    path = data_folder() / "secret.txt"
    return path.read_text(encoding="ascii").strip() if path.is_file() else secrets.token_urlsafe(48)


def told_to_django() -> dict[str, Any]:
    """The database of the settings, with how SQLite is to be opened."""
    told: dict[str, Any] = dict(database())
    if told["ENGINE"].endswith("sqlite3"):
        told["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
        }
    else:
        told |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}  # opening one takes longer than a page
    return told


def _databases() -> dict[str, Any]:
    """The ledger; on SQLite beside it a file for sessions and failed sign-ins (see ``ledger.routing``)."""
    told = {"default": told_to_django()}
    if told["default"]["ENGINE"].endswith("sqlite3"):
        told["visitors"] = told["default"] | {"NAME": str(data_folder() / "visitors.sqlite3")}
    return told


SECRET_KEY = _secret()
DEBUG = False
TAIZHANG_PROXIES = proxies()
ALLOWED_HOSTS = [one.strip() for one in setting("TAIZHANG_HOSTS").split(",") if one.strip()]
DATABASES = _databases()
DATABASE_ROUTERS = ["taizhang.ledger.routing.VisitorsRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans" if language() == "zh" else "en"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "taizhang.ledger",
    "taizhang.web",
]
AUTH_USER_MODEL = "ledger.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "taizhang.web.views.signing.locked"
AXES_CLIENT_IP_CALLABLE = "taizhang.web.addresses.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if setting("TAIZHANG_HTTPS") == "yes":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "taizhang.web.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "taizhang.web.bodies.BodyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
ROOT_URLCONF = "taizhang.urls"
WSGI_APPLICATION = "taizhang.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "taizhang.web.languages.spoken",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = None  # files are served out of the packages, not collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
LOCALE_PATHS: list[Path] = [_HERE / "web" / "locale"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
