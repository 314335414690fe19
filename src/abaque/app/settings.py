"""Django's settings, read from the environment the supervisor (or the operator) sets.

`ABAQUE_DATABASE_URL` names the database. `ABAQUE_SIGNING_KEY` and `ABAQUE_HASHING_KEY` are the data
folder's secrets; they are passed to child processes and never printed.
"""

import os
from pathlib import Path

import psycopg.conninfo

PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("ABAQUE_SIGNING_KEY") or os.urandom(32).hex()
HASHING_KEY = bytes.fromhex(os.environ.get("ABAQUE_HASHING_KEY") or os.urandom(32).hex())
PUBLIC_URL = os.environ.get("ABAQUE_PUBLIC_URL", "http://127.0.0.1:8000")
DATA_FOLDER = os.environ.get("ABAQUE_DATA", "")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ABAQUE_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]


def database(url: str) -> dict[str, object]:
    """Turn a libpq connection URL into Django's dictionary."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "abaque"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "OPTIONS": {
            "options": "-c timezone=UTC -c lock_timeout=10s",
            **({"pool": {"min_size": 1, "max_size": 8}} if os.environ.get("ABAQUE_POOL") else {}),
            **({"sslmode": parts["sslmode"]} if "sslmode" in parts else {}),
        },
    }


DATABASES = {"default": database(os.environ.get("ABAQUE_DATABASE_URL", "dbname=abaque"))}
if os.environ.get("ABAQUE_KEEP_CONNECTIONS"):
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "storage.User"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "abaque.storage",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "abaque.web.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "abaque.web.middleware.content_security_policy",
    "abaque.web.middleware.ArchiveOutOfReach",
]
ROOT_URLCONF = "abaque.app.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "abaque.web.context.house",
            ],
            "builtins": ["abaque.web.figures"],
        },
    },
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "abaque.web.accounts.StaffOnly"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "abaque.web.accounts.EncryptedSecrets"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]

# Cookies are marked Secure as soon as the public address is https; loopback is plain http.
SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

PROCRASTINATE_ON_APP_READY = None
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "abaque.app.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("ABAQUE_LOG", "WARNING")},
    "loggers": {"abaque.request": {"level": os.environ.get("ABAQUE_LOG", "INFO")}},
}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("ABAQUE_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("ABAQUE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("ABAQUE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("ABAQUE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = bool(os.environ.get("ABAQUE_SMTP_TLS"))
EMAIL_HOST_SET = "ABAQUE_SMTP_HOST" in os.environ
DEFAULT_FROM_EMAIL = os.environ.get("ABAQUE_MAIL_FROM", "abaque@localhost")

# The platforms this deployment is connected to; their keys are only ever in the environment.
PLATFORM_URL = os.environ.get("ABAQUE_PLATFORM_URL", "")
PLATFORM_KEY = os.environ.get("ABAQUE_PLATFORM_KEY", "")
# Where archived months lie: on several machines, a folder they share.
ARCHIVE = Path(os.environ.get("ABAQUE_ARCHIVE") or Path(os.environ.get("ABAQUE_DATA", ".")) / "archive")
CONNECTORS = ["sandbox"] if PLATFORM_URL else []
