"""Settings, read once from the environment (prefix LN_). docs/settings.md has the table; a test keeps it complete."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "for-development-only"  # noqa: S105 - production refuses it
ROOT = Path(__file__).parent.parent
CONTENT = ROOT / "content"  # the modules as files


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="LN_", env_file=".env", extra="ignore")

    mode: Literal["demo", "production"] = Field(
        default="demo",
        description="`demo` has one-click sign-in and keeps mails readable; `production` refuses both",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="address of the site, used in mails; https in production"
    )
    secret_key: str = Field(
        default=DEVELOPMENT_SECRET,
        min_length=16,
        description="signs messages between two pages; at least 32 characters in production",
    )
    data_dir: Path = Field(
        default=ROOT / "var", description="database, uploads, backups and published assets"
    )
    database_url: str = Field(
        default="", description="empty: SQLite in the data folder; else `postgresql+psycopg://…`"
    )
    allowed_hosts: str = Field(
        default="", description="more host names than that of the base address, with commas"
    )
    trusted_proxies: str = Field(
        default="", description="addresses whose `X-Forwarded-*` are believed, with commas"
    )
    workers: int = Field(default=1, ge=1, le=64, description="web processes")
    threads: int = Field(default=2, ge=1, le=64, description="threads per web process")
    embedded_worker: bool = Field(default=True, description="run the mail and job worker inside `serve`")
    smtp_host: str = Field(
        default="", description="mail server; empty: mails are kept (demo) or wait (production)"
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="port of the mail server")
    smtp_user: str = Field(default="", description="account at the mail server")
    smtp_password: str = Field(default="", description="password at the mail server")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="encryption to the mail server"
    )
    mail_from: str = Field(
        default="Lerend netwerk <noreply@lerend-netwerk.example>", description="sender of every mail"
    )
    contact_email: str = Field(default="", description="address shown on /contact and on error pages")
    max_body_bytes: int = Field(default=1_000_000, ge=10_000, description="largest request body, in bytes")
    session_idle_hours: int = Field(
        default=8, ge=1, description="a session ends after so many hours without use"
    )
    session_days: int = Field(default=7, ge=1, description="a session ends after so many days")
    rate_limits: bool = Field(
        default=True, description="limit tries to sign in, sign up and reset; off only for load tests"
    )

    @model_validator(mode="after")
    def refuse_defaults_in_production(self) -> Self:
        if self.mode == "production":
            problems = []
            if self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < 32:
                problems.append("zet LN_SECRET_KEY op minstens 32 willekeurige tekens")
            if not self.base_url.startswith("https://"):
                problems.append("zet LN_BASE_URL op het https-adres van de site")
            if not self.rate_limits:
                problems.append("laat LN_RATE_LIMITS aan")
            if problems:
                raise ValueError("; ".join(problems))
        return self

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'app.db'}"


settings = Settings()
