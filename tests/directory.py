"""A real OpenID provider: Django with django-oauth-toolkit, run as `python tests/directory.py FOLDER`.

FOLDER/setup.json holds `port`, `client_id`, `client_secret`, `password` and `callbacks`; FOLDER/people.json says
who there is, `{name: {"email": ..., "groups": [...]}}`, read anew each time somebody is vouched for. Signing in is
a form, as at any provider. It ends when its standard input does.
"""

import json
import sys
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

FOLDER = Path(sys.argv[1])
SETUP: dict[str, Any] = json.loads((FOLDER / "setup.json").read_text())
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FORM = """<form method="post"><input name="username"><input name="password" type="password">
<input type="hidden" name="csrfmiddlewaretoken" value="{token}"><p>{fault}</p></form>"""

settings.configure(
    SECRET_KEY=SETUP["client_secret"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FOLDER / "directory.db")}
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": KEY.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
        "PKCE_REQUIRED": True,
        "SCOPES": {"openid": "who you are", "email": "your address"},
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
    },
)
django.setup()

# Only now that Django is set up:
from django.contrib.auth import authenticate, login  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


class Validator(OAuth2Validator):  # type: ignore[misc] # Django is untyped
    """Says the address and the groups of whoever signed in."""

    oidc_claim_scope = None  # all of them, whatever was asked for

    def get_additional_claims(self, request: Any) -> dict[str, Any]:  # noqa: ANN401 - oauthlib's
        """Return what stands of somebody in the file now."""
        found = json.loads((FOLDER / "people.json").read_text())[request.user.get_username()]
        return {"email_verified": True, **found}


def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password, and go on to where one came from."""
    fault = ""
    if request.method == "POST":
        name, password = request.POST["username"], request.POST["password"]
        user = authenticate(request, username=name, password=password)
        if user is not None:
            login(request, user)
            return HttpResponseRedirect(request.GET["next"])
        fault = "Wrong name or password"
    return HttpResponse(FORM.format(token=get_token(request), fault=fault))


urlpatterns = [
    path("accounts/login/", sign_in),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


class Server(ThreadingMixIn, WSGIServer):
    """Several browsers at once."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Make the tables, everybody's account and the client that is ours; then serve."""
    call_command("migrate", verbosity=0)
    for name in json.loads((FOLDER / "people.json").read_text()):
        User.objects.create_user(name, password=SETUP["password"])
    application = get_application_model()
    application.objects.create(
        name="Samkrets",
        client_id=SETUP["client_id"],
        client_secret=SETUP["client_secret"],
        client_type=application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application.GRANT_AUTHORIZATION_CODE,
        algorithm=application.RS256_ALGORITHM,
        redirect_uris=" ".join(SETUP["callbacks"]),
        skip_authorization=True,
    )
    server = make_server("127.0.0.1", SETUP["port"], get_wsgi_application(), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)  # noqa: T201 - what whoever started it waits for
    sys.stdin.read()


if __name__ == "__main__":
    main()
