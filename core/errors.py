"""Everything that can go wrong and is not a bug.

WunderError                     one clear line for the user, exit code 2
├── ConfigError                 a setting, option, file or name is wrong; says what to write instead
├── LedgerError                 the database is locked, foreign, full or of another version
├── RunBusy                     another process owns this run
├── BudgetExceeded              a hard limit on calls, tokens, money or time was reached
├── ModelError                  a server did not give a usable answer
│   ├── ServerDown              nobody answers, or the circuit is open      (retryable)
│   ├── RateLimited             429; may carry the seconds to wait          (retryable)
│   ├── ServerFault             5xx, half a stream, a reply that is no JSON (retryable)
│   ├── Refused                 400, 401, 403, 404: asking again cannot help
│   └── BadReply                the server works, the words are unusable: empty, off schema, too long
└── JobFailed                   a training job ended without its artifacts

Anything else that is raised is a bug and keeps its traceback.
"""

from __future__ import annotations


class WunderError(Exception):
    """A fault that the user can understand and mend; its text is one line."""

    exit_code = 2


class ConfigError(WunderError):
    """A setting, option, file or name is wrong; the text says what to write instead."""


class LedgerError(WunderError):
    """The ledger's database cannot be used as it is."""


class RunBusy(WunderError):
    """Another live process owns the run."""


class BudgetExceeded(WunderError):
    """A hard limit was reached; work already paid for is kept."""


class ModelError(WunderError):
    """A server gave no usable answer.

    retryable: whether the same request may succeed later.
    retry_after: seconds that the server asked us to wait, where it said so.
    """

    retryable = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServerDown(ModelError):
    """Nobody answers at the address, or the circuit breaker is open."""

    retryable = True


class RateLimited(ModelError):
    """The server said 429."""

    retryable = True


class ServerFault(ModelError):
    """The server broke off: 5xx, half a stream, or a body that is no JSON."""

    retryable = True


class Refused(ModelError):
    """The server understood and declined (400, 401, 403, 404, 413, 422)."""


class BadReply(ModelError):
    """The reply arrived whole and its words are unusable. One more try may help, a default never does."""

    retryable = True


class JobFailed(WunderError):
    """A training job ended without the artifacts it promised."""
