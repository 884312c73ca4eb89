"""Tables: bodies, the functions that belong to them, the people who hold those, and sign-in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum
from api.kit.finding.triggers import watch


class BodyKind(StrEnum):
    """What kind of organisation a body is."""

    RC = "rc"
    COUNTY_BOARD = "ls"
    NCH = "nch"
    GUEST = "guest"


class Role(StrEnum):
    """What somebody may do in the service; each function carries one."""

    PLANNER = "planner"
    RC_MEMBER = "rc_member"
    GUEST = "guest"
    READER = "reader"


class FunctionKind(StrEnum):
    """The lasting post that a person holds for a time (DOMAIN section 3)."""

    COORDINATOR = "operative_coordinator"
    CURATOR = "curator"
    PROJECT_LEADER = "ls_project_leader"
    MANAGER = "manager"
    PLANNER = "nch_planner"
    CONTACT = "nch_contact"
    POLICE = "police_contact"
    PROSECUTOR = "prosecutor_contact"
    REGION = "region_contact"


class Body(Versioned, SQLModel, table=True):
    """An RC, a county administrative board, NCH or a guest body (police, prosecutor, region)."""

    __tablename__ = "body"

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: BodyKind = Field(sa_type=text_enum(BodyKind))
    name: str
    county_codes: str = ""  # space-separated SCB codes; a board may answer for several RC
    rc_id: str | None = Field(
        default=None, unique=True
    )  # the register's key, when the body is an RC
    version: int = 1
    # Since when it stands in no list: what it once was asked and answered stays.
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class Person(Versioned, SQLModel, table=True):
    """Somebody who holds a function: only what colleagues need to ring or write."""

    __tablename__ = "person"

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    email: str = Field(unique=True)  # lower case
    phone: str = ""
    language: str = "sv"
    version: int = 1
    # Since when no function is held; from here the retention time runs.
    free_since: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class Function(Versioned, SQLModel, table=True):
    """A post in a body: the lasting thing, with one holder and one deputy."""

    __tablename__ = "function"

    id: str = Field(default_factory=new_id, primary_key=True)
    body_id: str = Field(foreign_key="body.id", index=True)
    kind: FunctionKind = Field(sa_type=text_enum(FunctionKind))
    title: str  # Swedish, as the body calls the post
    mailbox: str = ""
    role: Role = Field(sa_type=text_enum(Role))
    holder_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    deputy_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    deputy_hands_over: bool = False  # whether the deputy too may hand the post over
    version: int = 1
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class Matter(StrEnum):
    """What a meeting is about, as far as it decides who comes from an organisation."""

    DAILY = "daily"
    STEERING = "steering"
    TRAINING = "training"


class Attends(SQLModel, table=True):
    """Which post of a body comes to meetings of a matter, and which comes when nobody holds that one."""

    __tablename__ = "attends"

    body_id: str = Field(foreign_key="body.id", primary_key=True)
    matter: Matter = Field(sa_column=Column(text_enum(Matter), primary_key=True))
    function_id: str = Field(foreign_key="function.id", index=True)
    instead_id: str | None = Field(default=None, foreign_key="function.id", index=True)


class HandOver(SQLModel, table=True):
    """Who held a post before and after a change of its people; ids only, so that it can be taken back."""

    __tablename__ = "hand_over"

    id: str = Field(default_factory=new_id, primary_key=True)
    number: int  # 1, 2, 3 ... of the post
    function_id: str = Field(foreign_key="function.id", index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor: str  # a person's id, or "system"
    from_holder_id: str | None = None
    from_deputy_id: str | None = None
    to_holder_id: str | None = None
    to_deputy_id: str | None = None
    taken_back_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class UnreachableAddress(SQLModel, table=True):
    """An address that mail of ours came back from; what reaches its owner takes the row away."""

    __tablename__ = "unreachable_address"

    address: str = Field(primary_key=True)  # lower case: a person's, or a function's mailbox
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PastDetails(SQLModel, table=True):
    """A person's name and number before a change, kept beside the log: erasing the person erases it."""

    __tablename__ = "past_details"

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))  # of the change
    actor: str
    name: str
    phone: str


class SignInLink(SQLModel, table=True):
    """A mailed one-time link; only the hash of its token is kept."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    person_id: str = Field(foreign_key="person.id", index=True)
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    next_path: str = "/"  # the page that was asked for, shown once signed in
    is_direct: bool = False  # signs in without the button; only the demonstration makes such links


class ProviderAccount(SQLModel, table=True):
    """Which person an account at an organisation's provider is: addresses are given to others in time, this never."""

    __tablename__ = "provider_account"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)  # the provider's `sub`
    person_id: str = Field(foreign_key="person.id", index=True)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    # What the provider's groups gave at the last sign-in, by blanks; None: its groups decide nothing.
    roles: str | None = None


class SignedIn(SQLModel, table=True):
    """A server-side session: opaque in the cookie, ended here."""

    __tablename__ = "signed_in"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    id: str = Field(default_factory=new_id, unique=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    started_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    device: str = ""


class NchContact(SQLModel, table=True):
    """Which of NCH's functions an RC or county board turns to first."""

    __tablename__ = "nch_contact"

    body_id: str = Field(foreign_key="body.id", primary_key=True)
    function_id: str = Field(foreign_key="function.id", index=True)


class ApiKey(SQLModel, table=True):
    """A personal access token of the API: shown once, kept as a hash, ended here or by its last day."""

    __tablename__ = "api_key"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    id: str = Field(default_factory=new_id, unique=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    label: str  # what its owner calls it
    scopes: str  # space-separated, of `api.accounts.keys.Reach`
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


watch(Function, "post", "title", "body_id", "holder_id", "ended_at")
_HELD = 'SELECT one.id AS id FROM "function" AS one WHERE one.holder_id = {row}.id'
_IN_BODY = 'SELECT one.id AS id FROM "function" AS one WHERE one.body_id = {row}.id'
watch(Person, "post", "name", "email", which=_HELD)
watch(Body, "post", "name", which=_IN_BODY)
