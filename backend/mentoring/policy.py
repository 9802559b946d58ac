"""Whom a mentor may follow; an administrator follows everyone."""

from backend.auth.scope import Scope, scope_of

__all__ = ["Scope", "scope_of"]
