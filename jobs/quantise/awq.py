"""AWQ with a search that does not run the model: what scales cost is worked out from Gram matrices of the inputs.

Imports llm-compressor; only who quantises imports this.
"""

from __future__ import annotations

from typing import Any

import torch
from llmcompressor.modifiers.transform.awq import AWQModifier
from pydantic import PrivateAttr

from wunderkammer.jobs.quantise.grams import gram


class GramAWQModifier(AWQModifier):  # type: ignore[misc]  # of a package that is not looked into
    """AWQ whose search looks at Gram matrices instead of running each block twenty times over the calibration set.

    Its loss is equation 4 of the paper (Lin et al. 2023), Σ‖Q(W·s)·s⁻¹X − WX‖² over the layers that share an input,
    which is tr(Δ·XᵀX·Δᵀ) with Δ the error of the weights: exact, over all tokens. llm-compressor compares what a whole
    block puts out, for three hundred times as many operations.
    """

    _grams: dict[str, Any] = PrivateAttr(default_factory=dict)
    _at: Any = PrivateAttr(default=None)

    def _setup_activation_cache_hooks(self) -> None:
        for mapping in self._resolved_mappings:
            self._parent_args_cache[mapping.parent] = []
            self.register_hook(mapping.balance_layers[0], self._seeing(mapping.smooth_name), "forward")

    def _seeing(self, name: str) -> Any:
        """A hook that adds up what a layer reads: the sum of sizes by channel, how many tokens, and the Gram matrix."""

        def see(_: Any, args: tuple[Any, ...], __: Any) -> None:
            rows = args[0].flatten(0, -2)
            seen = rows.abs().sum(0, dtype=torch.float32), torch.tensor(len(rows)), gram(rows)
            if name not in self._grams:
                self._grams[name] = seen[2]
                self._smooth_activation_stats[name] = [seen[0], seen[1]]
                return
            self._grams[name] += seen[2]
            for sum_, more in zip(self._smooth_activation_stats[name], seen[:2], strict=True):
                sum_ += more

        return see

    def _run_samples(self, module: Any) -> list[Any]:
        """Weights as they are now, in place of the outputs of a block: the loss follows from them."""
        self._at = next(
            one
            for one in self._resolved_mappings
            if one.parent is module and one.smooth_name in self._smooth_activation_stats
        )
        return [layer.weight.detach().float() for layer in self._at.balance_layers]

    def _compute_loss(self, plain: list[Any], rounded: list[Any]) -> float:
        seen = self._grams[self._at.smooth_name]
        errors = [a - b for a, b in zip(plain, rounded, strict=True)]
        return float(sum(((error @ seen) * error).sum() for error in errors))

    def on_finalize(self, state: Any, **kwargs: Any) -> bool:
        self._grams.clear()
        return bool(super().on_finalize(state, **kwargs))
