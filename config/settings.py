"""Settings: SQLite, a bundled Redis and `var/` unless the environment says otherwise."""

import json
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from bootstrap_wrapper import get_bootstrap_dir
from csp.constants import NONE, SELF

from config.env import env, env_bool, env_folder, env_list, env_number, env_secret

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
# Customers' addresses pass through it.
DATA_DIR = env_folder("MUSTER_DATA", BASE_DIR / "var")

PRODUCTION = env_bool("PRODUCTION")
DEBUG = env_bool("DEBUG") and not PRODUCTION

SECRET_KEY = env_secret("SECRET_KEY", kept_in=None if PRODUCTION else DATA_DIR / "keys" / "secret_key")
# Newest first, separated by commas: the first encrypts, all decrypt.
ENCRYPTION_KEYS = env_secret(
    "ENCRYPTION_KEYS", kept_in=None if PRODUCTION else DATA_DIR / "keys" / "encryption_keys"
).split(",")

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

# Hosts a destination may be on. Production names each; elsewhere the loopback addresses are allowed.
ALLOWED_DESTINATION_HOSTS = env_list(
    "ALLOWED_DESTINATION_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,::1"
)

# The stand-in for an Attentive account that `make run` starts; production has none.
SANDBOX = env_bool("SANDBOX", not PRODUCTION)
# honcho gives each of its processes a PORT of its own, so `make run` passes the real one beside it.
PORT = int(env_number("MUSTER_PORT", env_number("PORT", 8000)))
SANDBOX_HTTP_PORT = int(env_number("SANDBOX_HTTP_PORT", PORT + 1))
SANDBOX_SFTP_PORT = int(env_number("SANDBOX_SFTP_PORT", PORT + 2))

INSTALLED_APPS = [
    "config.accounts",
    "config.audit",
    "destinations",
    "campaigns",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_rq",
    "lucide",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "campaigns.home.context.navigation",
            ],
            "libraries": {"muster": "config.templatetags.muster"},
            "builtins": ["config.templatetags.muster"],
        },
    }
]

# Database -----------------------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env("DATABASE_URL", f"sqlite:///{DATA_DIR / 'muster.sqlite3'}"), conn_max_age=60
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # A writer takes its lock at once, so that two writers wait for each other instead of failing.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # Tests too have a file: in memory two connections lock each other out instead of waiting.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Artefacts ----------------------------------------------------------------------------------------------

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "launches": {
        "BACKEND": env("LAUNCH_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": json.loads(
            env("LAUNCH_STORAGE_OPTIONS", json.dumps({"location": str(DATA_DIR / "launches")}))
        ),
    },
    "lists": {
        "BACKEND": env("LIST_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": json.loads(env("LIST_STORAGE_OPTIONS", json.dumps({"location": str(DATA_DIR / "lists")}))),
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Work ---------------------------------------------------------------------------------------------------

REDIS_URL = env("REDIS_URL", f"unix://{DATA_DIR / 'redis' / 'redis.sock'}")
RQ_QUEUES = {
    "default": {
        "URL": REDIS_URL,
        "DEFAULT_TIMEOUT": 24 * 3600,
        "SERIALIZER": "rq.serializers.JSONSerializer",
    }
}
# All in seconds, so that tests can make them short.
LEASE_SECONDS = env_number("LEASE_SECONDS", 60)
RECONCILE_SECONDS = env_number("RECONCILE_SECONDS", 30)
RETRY_FIRST_SECONDS = env_number("RETRY_FIRST_SECONDS", 15)
RETRY_LONGEST_SECONDS = env_number("RETRY_LONGEST_SECONDS", 1800)
RETRY_FOR_SECONDS = env_number("RETRY_FOR_SECONDS", 24 * 3600)
CONNECT_SECONDS = env_number("CONNECT_SECONDS", 15)
STALL_SECONDS = env_number("STALL_SECONDS", 60)
SEND_SECONDS = env_number("SEND_SECONDS", 3600)
COUNT_SECONDS = env_number("COUNT_SECONDS", 20)
CATALOGUE_SECONDS = env_number("CATALOGUE_SECONDS", 60)
STATEMENT_SECONDS = env_number("STATEMENT_SECONDS", 3600)
LIST_SECONDS = env_number("LIST_SECONDS", 60)

# Uploaded lists: the most that a file may have.
LIST_MEGABYTES = env_number("LIST_MEGABYTES", 200)
FILE_UPLOAD_HANDLERS = ["config.uploads.UploadWithinLimit"]

# DuckDB's share of the machine, per process. A worker's peak stands 70 to 290 MiB above the limit.
DUCKDB_MEMORY_LIMIT = env("DUCKDB_MEMORY_LIMIT", "500MB")
DUCKDB_THREADS = int(env_number("DUCKDB_THREADS", 0))  # 0: one per core

# People -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "config.accounts.adapter.ClosedAdapter"  # people are added by an administrator
ACCOUNT_FORMS = {
    "login": "config.accounts.forms.SignInForm",
    "change_password": "config.accounts.forms.OwnPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None

# Pages --------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", get_bootstrap_dir())]
WHITENOISE_USE_FINDERS = True

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Safety -------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Bootstrap draws the ticks and arrows of form controls as data: images.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# Cookies know no ports: two copies on one host keep their own.
SESSION_COOKIE_NAME = env("SESSION_COOKIE_NAME", "sessionid" if PRODUCTION else f"sessionid_{PORT}")
CSRF_COOKIE_NAME = "csrftoken" if PRODUCTION else f"csrftoken_{PORT}"
SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", PRODUCTION)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
if env_bool("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Tries to sign in are counted per address of the caller, not of the proxy.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "asyncssh": {"level": "WARNING"},
        "rq": {"level": "WARNING"},
        # It warns of what it cannot parse, with the query and so with what stands in it.
        "sqlglot": {"level": "ERROR"},
        # A request that is refused is no error of ours: one line, which Django would follow with a traceback.
        "django.request": {"filters": ["refused"]},
    },
    "filters": {"refused": {"()": "config.logs.WithoutTracebackOfRefusals"}},
}
