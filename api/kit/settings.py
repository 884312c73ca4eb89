"""What an operator can set, each by an environment variable `SAMKRETS_<NAME>`."""

import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class OidcProvider(BaseModel):
    """One organisation's own sign-in (OpenID Connect)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,30}$")]  # stands in its addresses here
    name: str  # what the button says
    issuer: Annotated[str, Field(pattern="^https?://")]
    client_id: str
    client_secret: SecretStr = SecretStr("")
    claim: str = "email"  # that holds the work address
    trusts_address: bool = False  # where nothing is said of `email_verified`
    # Whose addresses it may vouch for, as region.example; empty: everybody's, where it is the only one.
    domains: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")], ...] = ()
    scope: str = "openid email"
    groups_claim: str = "groups"
    # What a group of theirs may here; empty: the posts alone say.
    groups: dict[str, Literal["planner", "rc_member", "reader"]] = {}

    @field_validator("id")
    @classmethod
    def _is_no_page_of_ours(cls, value: str) -> str:
        if value == "svar":
            raise ValueError("'svar' is taken: choose another id")
        return value


class Settings(BaseSettings):
    """The settings of one process, read once at start."""

    model_config = SettingsConfigDict(env_prefix="SAMKRETS_", extra="ignore")

    database: str = Field(
        default="sqlite:///var/samkrets.db",
        description="Database URL: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        description="The address that links in mail and feeds start with: scheme and host, without a path.",
    )
    hsts_subdomains: bool = Field(
        default=False,
        description="Lets HSTS bind every host below this one too; only where all of them are yours and have https.",
    )
    cluster: str = Field(
        default="",
        description="Address of a dask.distributed scheduler, such as tcp://scheduler:8786, that works out circles for hundreds of RC (extra `cluster`). Empty, or nobody there: the worker's own machine.",
    )
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs forms and answer links; at least 32 characters. Empty: made anew at each start.",
    )
    audit_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs the log of changes; at least 32 characters, kept outside the database and its backups. Empty: the file audit/key beside an embedded database, else in SAMKRETS_DATA, made at the first change.",
    )
    audit_heads: Path | None = Field(
        default=None,
        description="Folder, best on another machine, where each day's head of the log is noted. Empty: beside the key.",
    )
    audit_mail: str = Field(
        default="",
        description="Address that gets each day's head of the log (its number and hash) by mail. Empty: no mail.",
    )
    proxies: str = Field(
        default="127.0.0.1",
        description="Addresses or networks of the proxies in front, comma-separated: only from them is X-Forwarded-For believed, which the limits on guessing count by.",
    )
    data: Path = Field(default=Path("var"), description="Folder for files: backups, demo output.")
    authority: str = Field(
        default="Nationellt centrum mot hedersrelaterat våld och förtryck (NCH)",
        description="The authority that answers for the service, named in the accessibility statement.",
    )
    contact_mail: str = Field(
        default="funktionsbrevlada@example.org",
        description="The function mailbox shown as contact; example.org until it is set.",
    )
    contact_phone: str = Field(
        default="",
        description="The telephone number that mails name beside the function mailbox; empty: none.",
    )
    supervisor: str = Field(
        default="Myndigheten för digital förvaltning (Digg)",
        description="The authority that supervises accessibility, named in the accessibility statement.",
    )
    supervisor_url: str = Field(
        default="https://www.digg.se/tdosanmalan",
        description="Where people report faults in accessibility.",
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="Mail server: smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS from the start. With a password, or on another machine, smtp:// must offer STARTTLS (?tls=never: a mail catcher). Empty: mail stays in the outbox.",
    )
    hold_minutes: float = Field(
        default=10,
        ge=0,
        le=1440,
        description="How long mail that tells others of a change waits in the outbox, in minutes: so long it can be undone, and several changes become one mail. 0: nothing waits and nothing can be undone.",
    )
    imap_url: SecretStr = Field(
        default=SecretStr(""),
        description="Mailbox that answers come to: imaps://USER:PASSWORD@HOST[:PORT][/FOLDER]; imap:// turns to TLS but on this machine. Empty: answers come by the answer page only.",
    )
    mail_from: str = Field(
        default="samkrets@example.org",
        description="The function mailbox that mail and invitations come from; the one that answers are read from.",
    )
    mail_plus: bool = Field(
        default=True,
        description="Whether mail to NAME+WORD@ reaches the mailbox of NAME@: each invitation is then answered to a secret address of its own. false: see SAMKRETS_MAIL_AUTHSERV_ID.",
    )
    mail_authserv_id: str = Field(
        default="",
        description="The name by which your receiving mail server signs Authentication-Results (RFC 8601); what it passes is believed. Empty: only answers to an invitation's own address are.",
    )
    oidc_issuer: str = Field(
        default="",
        description="Issuer of the organisation's own sign-in (OpenID Connect), https://... as its description says. Empty: sign-in by mailed link only. Needs the extra `oidc`.",
    )
    oidc_client_id: str = Field(
        default="", description="What the provider calls this service (client_id)."
    )
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="The secret that goes with SAMKRETS_OIDC_CLIENT_ID."
    )
    oidc_name: str = Field(
        default="organisationens konto",
        description="What the button on the sign-in page says after 'Logga in med'.",
    )
    oidc_claim: str = Field(
        default="email",
        description="The claim that holds the work address; it must be one that only the organisation can set.",
    )
    oidc_trusts_address: bool = Field(
        default=False,
        description="Believes the address of a provider that sends no `email_verified` (Entra ID, AD FS); only where people cannot set it themselves.",
    )
    oidc_domains: str = Field(
        default="",
        description="Domains of the addresses that this provider may vouch for, comma-separated. Empty: every address, which is allowed only while it is the one provider.",
    )
    oidc_providers: list[OidcProvider] = Field(
        default=[],
        description='More providers, or one with groups, as JSON: [{"id": "lansstyrelsen", "name": "Länsstyrelsens konto", "issuer": "https://...", "domains": ["lansstyrelsen.example"], "client_id": "...", "client_secret": "...", "groups": {"samkrets-planerare": "planner"}}]; also `claim`, `trusts_address`, `groups_claim` and `scope`.',
    )
    clamd: str = Field(
        default="",
        description="Virus scanner (clamd) that every uploaded file goes through: unix:/run/clamav/clamd.ctl or HOST:PORT; while it does not answer no file is taken. Empty: files are checked by their content alone.",
    )
    retention_people_months: int = Field(
        default=24,
        ge=1,
        description="How long people without a function are kept, in months; `samkrets erase` then erases them.",
    )
    retention_mail_months: int = Field(
        default=12,
        ge=1,
        description="How long the outbox keeps who was written to and what, in months; the subject and when it went stay.",
    )
    retention_invitation_months: int = Field(
        default=24,
        ge=1,
        description="How long names stay on invitations to meetings that have been, in months; how many came stays.",
    )
    retention_sign_in_days: int = Field(
        default=30,
        ge=1,
        description="How long sessions and sign-in links stay after they ran out, in days; needs no decision.",
    )
    retention_poll_days: int = Field(
        default=90,
        ge=1,
        description="How long names stay on answers to polls after the last day that was asked about, in days; needs no decision.",
    )
    retention_export_days: int = Field(
        default=180,
        ge=1,
        description="How long the files that `samkrets erase` exports to stay in SAMKRETS_DATA/erased, in days; needs no decision.",
    )
    retention_decision: str = Field(
        default="",
        description="Number of the decision that the retention times rest on; people, mails and names are kept without one.",
    )
    backup_days: int = Field(
        default=30,
        ge=0,
        description="The worker makes a backup every night and keeps each for so many days; 0: it makes none, somebody else does.",
    )
    metrics: bool = Field(default=False, description="Serves figures for Prometheus at /metrics.")
    log_json: bool = Field(
        default=True, description="Logs one JSON object a line; false: plain lines for a terminal."
    )
    is_demo: bool = Field(
        default=False,
        description="Shows the example notice and one-click sign-in; only ever set by `samkrets demo`.",
    )

    @field_validator("base_url")
    @classmethod
    def _has_no_path(cls, url: str) -> str:
        """Refuse what would only half work: pages, cookies and calendars start at the host's root."""
        parts = urlsplit(url)
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError(
                f"{url} has a path; give the service a host name of its own, as https://samkrets.example.se"
            )
        return url

    @field_validator("clamd")
    @classmethod
    def _is_reachable_somehow(cls, address: str) -> str:
        """Refuse an address that could never be asked: then no file would be taken."""
        if address and not re.fullmatch(r"unix:/.+|[^/\s]+:\d{1,5}", address):
            raise ValueError(f"{address} is no address of clamd: unix:/PATH or HOST:PORT")
        return address

    @cached_property
    def signing_key(self) -> str:
        """The secret, or a random one for this process."""
        return self.secret.get_secret_value() or secrets.token_urlsafe(32)

    @property
    def providers(self) -> tuple[OidcProvider, ...]:
        """The organisations' own ways to sign in; the one of SAMKRETS_OIDC_ISSUER first, without an id."""
        if not (self.oidc_issuer and self.oidc_client_id):
            return tuple(self.oidc_providers)
        first = OidcProvider.model_construct(
            id="",
            name=self.oidc_name,
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret,
            claim=self.oidc_claim,
            trusts_address=self.oidc_trusts_address,
            domains=tuple(
                one.strip().lower() for one in self.oidc_domains.split(",") if one.strip()
            ),
        )
        return (first, *self.oidc_providers)

    @property
    def has_oidc(self) -> bool:
        """True where people can sign in through their organisation's own provider."""
        return bool(self.providers)

    @model_validator(mode="after")
    def _tells_providers_apart(self) -> Self:
        for what in ("id", "issuer"):
            said = [str(getattr(one, what)).rstrip("/") for one in self.providers]
            if len(set(said)) < len(said):
                raise ValueError(f"SAMKRETS_OIDC_PROVIDERS: two providers have the same {what}")
        return self

    @model_validator(mode="after")
    def _bounds_each_provider(self) -> Self:
        """Refuse a provider beside others that could vouch for the others' people."""
        free = [one.id or "SAMKRETS_OIDC_ISSUER" for one in self.providers if not one.domains]
        if free and len(self.providers) > 1:
            raise ValueError(
                f"{free[0]}: with several providers each must say whose addresses it vouches for"
                " (domains in SAMKRETS_OIDC_PROVIDERS, SAMKRETS_OIDC_DOMAINS)"
            )
        return self

    @property
    def is_https(self) -> bool:
        """True where people reach the service by https: then cookies are Secure and HSTS is sent."""
        return self.base_url.startswith("https://")
