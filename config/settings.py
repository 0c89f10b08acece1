"""Every setting of the site; an operator changes them by the environment (see .env.example)."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

from config.env import BASE_DIR, data_dir, env, secret_key, whole_number

DATA_DIR = data_dir()
SECRET_KEY = secret_key(DATA_DIR)
DEBUG = env.bool("DEBUG", False)

HOST = env.str("HOST", "127.0.0.1")
PORT = whole_number("PORT", 8000, 1, 65535)
IS_PUBLIC_HOST = HOST in ("0.0.0.0", "::")  # noqa: S104  the operator asked for it
_NAME = socket.gethostname() if IS_PUBLIC_HOST else HOST
SITE_URL = env.str("SITE_URL", f"http://{_NAME}:{PORT}").rstrip("/")
SITE_NAME = "Prompt Guide"
IS_HTTPS = urlsplit(SITE_URL).scheme == "https"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", [urlsplit(SITE_URL).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
)

INSTALLED_APPS = [
    "guide.apps.GuideConfig",
    "inference.apps.InferenceConfig",
    "operations.apps.OperationsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "operations.headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "guide.context.site",
            ],
        },
    }
]

DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}"),
}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A writer takes its lock when the transaction begins: with the default (deferred), two writers
    # that both read first run into "database is locked" at once instead of waiting.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Under ASGI a persistent connection per thread would pile up; psycopg's pool bounds them.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 16, "timeout": 10}}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(DATA_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "operations.staticfiles.ModuleManifestStorage"},
}
WHITENOISE_MAX_AGE = 31_536_000 if not DEBUG else 0

CONTENT_DIR = Path(env.str("CONTENT_DIR", str(BASE_DIR / "content")))

# Cookies and transport: strict by default, "__Host-" and HSTS as soon as the site is on https.
_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
BROWSER_COOKIE_NAME = f"{_PREFIX}browser"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
CSRF_FAILURE_VIEW = "operations.errors.csrf_failure"
SECURE_HSTS_SECONDS = 63_072_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Live inference.
REDIS_URL = env.str("REDIS_URL", "")
MODELS_FILE = Path(env.str("MODELS_FILE", str(BASE_DIR / "models.toml")))
INFERENCE_MODEL = env.str("INFERENCE_MODEL", "")
ENGINE_SLOTS = whole_number("ENGINE_SLOTS", 8, 1, 256)
ENGINE_KV_BUDGET = whole_number("ENGINE_KV_BUDGET", 0, 0, 1_048_576)
ENGINE_THREADS = whole_number("ENGINE_THREADS", 0, 0, 256)
MAX_WAITING_RUNS = whole_number("MAX_WAITING_RUNS", 64, 1, 100_000)
MAX_RUNS_PER_BROWSER = whole_number("MAX_RUNS_PER_BROWSER", 2, 1, 1000)
MAX_RUNS_PER_MINUTE = whole_number("MAX_RUNS_PER_MINUTE", 20, 1, 100_000)
MAX_STREAMS = whole_number("MAX_STREAMS", 256, 1, 100_000)
MAX_STREAMS_PER_ADDRESS = whole_number("MAX_STREAMS_PER_ADDRESS", 8, 1, 100_000)
METRICS_PORT = whole_number("METRICS_PORT", 0, 0, 65000)
RUN_TIME_LIMIT = whole_number("RUN_TIME_LIMIT", 60, 1, 3600)
RUN_RETENTION_DAYS = whole_number("RUN_RETENTION_DAYS", 30, 1, 3650)

CELERY_BROKER_URL = REDIS_URL or "redis://127.0.0.1:6379/0"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Recovery is the run's own lease, not redelivery (see docs/architecture.md).
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "retry_on_timeout": False,
    "health_check_interval": 10,
}
CELERY_TASK_PUBLISH_RETRY = False

LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "asyncio": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
