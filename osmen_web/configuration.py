"""Every environment variable that OsMEN reads: its name, kind, default and meaning, declared once.

``settings.py`` reads them through these, and ``docs/configuration.md`` is written from them (``documents.py``). How a
value is read, and refused, is ``env.py``'s; the addresses of the providers are declared by the providers.
"""

from __future__ import annotations

from dataclasses import dataclass

from osmen_web import env


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable. ``shown`` is its default in words, where that depends on something else."""

    name: str
    meaning: str
    shown: str = ""

    @property
    def default_shown(self) -> str:
        return self.shown

    @property
    def values(self) -> str:
        """What it may be."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Variable):
    def read(self, otherwise: str = "") -> str:
        return env.text(self.name, otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Variable):
    """``NAME_FILE`` may name a file that holds it."""

    def read(self) -> str:
        return env.secret(self.name)

    @property
    def values(self) -> str:
        return "*secret*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Variable):
    default: bool = False

    def read(self) -> bool:
        return env.flag(self.name, default=self.default)

    @property
    def default_shown(self) -> str:
        return f"`{int(self.default)}`"

    @property
    def values(self) -> str:
        return "`0`, `1`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Variable):
    default: int
    least: int = 0

    def read(self) -> int:
        return env.number(self.name, self.default, least=self.least)

    @property
    def default_shown(self) -> str:
        return f"`{self.default}`"

    @property
    def values(self) -> str:
        return f"a number of at least {self.least}" if self.least else "a number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Variable):
    choices: tuple[str, ...]
    default: str

    def read(self, otherwise: str = "") -> str:
        return env.choice(self.name, self.choices, otherwise or self.default)

    @property
    def default_shown(self) -> str:
        return self.shown or f"`{self.default}`"

    @property
    def values(self) -> str:
        return ", ".join(f"`{choice}`" for choice in self.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Variable):
    def read(self) -> tuple[str, ...]:
        return env.words(self.name)

    @property
    def values(self) -> str:
        return "separated by commas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses(Words):
    def read(self) -> tuple[str, ...]:
        return env.addresses(self.name)


# Where and how it runs ------------------------------------------------------------------------------------------------
HOME = Text(name="OSMEN_HOME", shown="`var/`", meaning="the folder for all state; `--home` wins")
ENV = Choice(
    name="OSMEN_ENV",
    choices=("development", "production"),
    default="development",
    meaning="`production` on a server: secrets must be given, and the sandbox is refused",
)
PUBLIC_URL = Text(
    name="OSMEN_PUBLIC_URL",
    shown="`http://localhost:PORT`",
    meaning="the address people open, such as `https://osmen.example.org`; must be set in production",
)
PORT = Number(name="OSMEN_PORT", default=8000, meaning="where the app answers; `up` sets it from `--port`")
HOST = Text(name="OSMEN_HOST", shown="`127.0.0.1`", meaning="what it listens on; `up` sets it from `--host`")
SANDBOX_URL = Text(name="OSMEN_SANDBOX_URL", meaning="where the sandbox answers; `up` sets it")
ALLOW_SANDBOX = Flag(
    name="OSMEN_ALLOW_SANDBOX", meaning="run the sandbox in production, for a demo. It lets everyone in"
)
ALLOWED_HOSTS = Words(name="OSMEN_ALLOWED_HOSTS", meaning="further host names by which it may be reached")
BEHIND_PROXY = Flag(
    name="OSMEN_BEHIND_PROXY", meaning="trust one reverse proxy's `X-Forwarded-Proto` and `X-Forwarded-For`"
)
SSL_REDIRECT = Flag(name="OSMEN_SSL_REDIRECT", default=True, meaning="with an https address: send http visitors there")
HSTS_SECONDS = Number(
    name="OSMEN_HSTS_SECONDS",
    default=31536000,
    meaning="with an https address: how long browsers remember to use https; `0` for not at all",
)
LOG_LEVEL = Choice(
    name="OSMEN_LOG_LEVEL",
    choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    default="INFO",
    meaning="how much the logs say",
)
DEBUG = Flag(name="OSMEN_DEBUG", meaning="Django's debug pages; refused in production")

# Data and secrets -----------------------------------------------------------------------------------------------------
DATABASE_URL = Secret(
    name="DATABASE_URL",
    shown="the home's SQLite file",
    meaning="for example `postgresql://osmen:PASSWORD@host:5432/osmen`",
)
REDIS_URL = Secret(
    name="REDIS_URL",
    shown="the home's `broker/` folder",
    meaning="for example `redis://host:6379/0`; broker and cache",
)
SECRET_KEY = Secret(
    name="OSMEN_SECRET_KEY",
    shown="the home's `keys/secret_key`",
    meaning="signs sessions; at least 50 characters; must be set in production",
)
KEYSET = Text(
    name="OSMEN_KEYSET",
    shown="the home's `keys/keyset.json`",
    meaning="the key ring that encrypts tokens ([how it works](security.md)); it or the next must be set on a server",
)
KEYSET_FILE = Text(
    name="OSMEN_KEYSET_FILE",
    meaning="the same as a file, and better so: a file that changes is read again without a restart",
)
KEYSET_COMMAND = Text(
    name="OSMEN_KEYSET_COMMAND",
    meaning="the command that unwraps a key ring which is stored wrapped: it gets it on standard input and prints it "
    "unwrapped",
)

# People ---------------------------------------------------------------------------------------------------------------
SIGNUP = Choice(
    name="OSMEN_SIGNUP",
    choices=("open", "invitation", "closed"),
    default="closed",
    shown="`open` on localhost, else `closed`",
    meaning="who may sign up. The first account becomes the administrator; where sign-up is not open, `up` prints a "
    "link for it",
)
EMAIL_VERIFICATION = Choice(
    name="OSMEN_EMAIL_VERIFICATION",
    choices=("none", "optional", "mandatory"),
    default="mandatory",
    meaning="away from localhost: whether a new account's address is confirmed by mail",
)
SMTP_URL = Secret(
    name="OSMEN_SMTP_URL",
    meaning="how OsMEN sends its own mail: `smtp+tls://user:password@host:587` or `smtps://…:465`. Without it such "
    "mail is written into the home's `mail/` folder, a file each",
)
FROM_EMAIL = Text(name="OSMEN_FROM_EMAIL", shown="`no-reply@` the public host", meaning="the sender of that mail")
ADMINS = Addresses(
    name="OSMEN_ADMINS",
    meaning="who is told by mail when a page fails: addresses. The mail says where in the program, and holds no token "
    "and nothing that was typed in",
)

# Syncing --------------------------------------------------------------------------------------------------------------
POLL_SECONDS = Number(
    name="OSMEN_POLL_SECONDS",
    default=60,
    least=5,
    meaning="how often a collection is asked for changes. Asked twice as often while you use OsMEN or something "
    "changes, and less often the longer nothing happens",
)
PUSH_POLL_SECONDS = Number(
    name="OSMEN_PUSH_POLL_SECONDS",
    default=900,
    least=5,
    meaning="how often a collection is asked for changes while its provider tells of them",
)
PUSH_URL = Text(
    name="OSMEN_PUSH_URL",
    shown="`OSMEN_PUBLIC_URL` if it is `https://`",
    meaning="where providers tell OsMEN of changes at once; they must be able to reach it. Empty: OsMEN only asks",
)
GMAIL_TOPIC = Text(
    name="OSMEN_GMAIL_TOPIC",
    meaning="the Pub/Sub topic (`projects/…/topics/…`) to which Gmail publishes changes; a push subscription leads "
    "from it to `OSMEN_PUSH_URL` + `/push/google/`",
)
PUBSUB_ACCOUNT = Text(
    name="OSMEN_PUBSUB_ACCOUNT", meaning="the address of the service account that signs that subscription's pushes"
)
PUBSUB_SUBSCRIPTION = Text(
    name="OSMEN_PUBSUB_SUBSCRIPTION",
    meaning="a pull subscription (`projects/…/subscriptions/…`) of that topic, which OsMEN asks every ten seconds: "
    "Gmail's changes without a public address",
)
PUBSUB_KEY_FILE = Text(
    name="OSMEN_PUBSUB_KEY_FILE",
    meaning="the JSON key of a service account with the role Pub/Sub Subscriber on that pull subscription",
)
GMAIL_QUOTA = Choice(
    name="OSMEN_GMAIL_QUOTA",
    choices=("auto", "large", "small"),
    default="auto",
    meaning="which of Google's quotas your Cloud project has: `large` (made before May 2026), `small` (made since), or "
    "`auto`: the large one until Google refuses what it would allow",
)

# fmt: off
GROUPS: dict[str, tuple[Variable, ...]] = {
    "Where and how it runs": (
        HOME, ENV, PUBLIC_URL, PORT, HOST, SANDBOX_URL, ALLOW_SANDBOX, ALLOWED_HOSTS, BEHIND_PROXY, SSL_REDIRECT,
        HSTS_SECONDS, LOG_LEVEL, DEBUG,
    ),
    "Data and secrets": (DATABASE_URL, REDIS_URL, SECRET_KEY, KEYSET, KEYSET_FILE, KEYSET_COMMAND),
    "People": (SIGNUP, EMAIL_VERIFICATION, SMTP_URL, FROM_EMAIL, ADMINS),
    "Syncing": (
        POLL_SECONDS, PUSH_POLL_SECONDS, PUSH_URL, GMAIL_TOPIC, PUBSUB_ACCOUNT, PUBSUB_SUBSCRIPTION, PUBSUB_KEY_FILE,
        GMAIL_QUOTA,
    ),
}
# fmt: on
