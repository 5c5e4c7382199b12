"""How likely a model finds a text after another: the log-probabilities that a server gives of its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from openai import APIConnectionError, APIError, APIStatusError, OpenAI

from wunderkammer.core.errors import BadReply, Refused, ServerDown, ServerFault
from wunderkammer.core.settings import Settings, public


class Likelihood:
    """Asks `/v1/completions` to echo a prompt with log-probabilities. vLLM does; llama.cpp's server does not.

    One call per text. Close it, or use it as a context.
    """

    def __init__(self, url: str, model: str, key: str | None = None, timeout_s: float = 120) -> None:
        self._client = OpenAI(base_url=url, api_key=key or "none", timeout=timeout_s, max_retries=3)
        self._model = model
        self.name = model
        self._where = public(url)

    @classmethod
    def at(cls, settings: Settings, address: str) -> Likelihood:
        """The model of an address: `http://host:8000/v1#model`, or `SERVER#model` with a server of the settings.

        Raises `ConfigError` for an address that is none.
        """
        named = settings.with_role("judge", address)
        seat = named.role("judge")
        server = named.server(seat.server)
        secret = named.secret(server)
        return cls(server.url, seat.model, secret.get_secret_value() if secret else None, server.timeout_s)

    def __call__(self, before: str, text: str) -> float:
        """Mean negative log-likelihood of the text's tokens, in nats per token.

        A token that begins before the text and ends in it counts as one of the text. Raises `ModelError`; a `BadReply`
        where the server keeps the prompt's log-probabilities to itself.
        """
        try:
            reply = self._client.completions.create(
                model=self._model, prompt=before + text, max_tokens=1, echo=True, logprobs=1, temperature=0
            )
        except APIConnectionError as fault:
            raise ServerDown(f"no server answers at {self._where}") from fault
        except APIStatusError as fault:
            kind = Refused if fault.status_code < 500 else ServerFault
            raise kind(f"{self._where} answered {fault.status_code} to a prompt with echo and logprobs") from fault
        except APIError as fault:
            raise ServerFault(f"{self._where} broke off: {type(fault).__name__}") from fault
        told = reply.choices[0].logprobs if reply.choices else None
        if told is None or not told.token_logprobs or not told.tokens:
            raise BadReply(self._silent)
        return self._mean(told.tokens[:-1], told.token_logprobs[:-1], len(text))  # the last is the model's own

    def _mean(self, tokens: Sequence[str], logprobs: Sequence[float | None], length: int) -> float:
        """Over the tokens that end the prompt: a server may have put one of its own before it."""
        covered, found = 0, []
        for token, logprob in zip(reversed(tokens), reversed(logprobs), strict=False):
            if covered >= length:
                break
            covered += len(token)
            if logprob is not None:  # the first token of all has none
                found.append(-logprob)
        if not found or covered < length:
            raise BadReply(self._silent)
        return sum(found) / len(found)

    @property
    def _silent(self) -> str:
        return (
            f"{self._where} gives no log-probabilities of prompts (vLLM does; llama.cpp's server does not): "
            "choose another server, or another observer"
        )

    def __enter__(self) -> Likelihood:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
