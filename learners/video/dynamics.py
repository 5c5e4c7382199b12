"""The dynamics: which tokens the next frame has, given those before and an action (masked, as MaskGIT)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wunderkammer.learners.video.lesson import Lesson
from wunderkammer.learners.video.settings import WorldSettings
from wunderkammer.learners.video.transformer import Pasts, SpaceTime

LOUD = 3.0
"""How much longer the vectors of actions are at first than those of tokens, to which they are added."""


class Dynamics(nn.Module):
    """A transformer over tokens, of which some are masked. Every frame is told the action that led to it.

    With `residual`, each place is also shown the token that it had in the frame before, and scores are products with
    the tokens' own vectors: to stay as it is, is then learned first. With `neighbours` it is shown those around it too:
    where a picture moves, what comes next comes from beside.
    """

    def __init__(self, settings: WorldSettings) -> None:
        super().__init__()
        self.settings = settings
        width = settings.width
        self.mask, self.began = settings.codes, settings.actions
        """The code that stands for a masked token; the action of a first frame."""
        self.token = nn.Embedding(settings.codes + 1, width)
        self.action = nn.Embedding(settings.actions + 1, width)
        # What a norm leaves has length width ^ 1/2, so a token that is shown alone scores width · std for itself: with
        # this, as much as all others together. Shorter ones take hundreds of steps to learn to stay.
        std = math.log(settings.codes) / width if settings.residual else 0.02
        nn.init.normal_(self.token.weight, std=std)
        nn.init.normal_(self.action.weight, std=LOUD * std)
        self.ahead = int(settings.action_way == "prepended")
        places = settings.tokens + self.ahead
        sizes = (width, settings.heads, settings.layers, settings.frames, places, settings.qk_norm)
        self.trunk = SpaceTime(*sizes)
        self.bias = nn.Parameter(torch.zeros(settings.codes))
        self.head: nn.Linear | None = None
        self.before: nn.Conv2d | None = None
        if settings.residual:
            reach = int(settings.neighbours)
            self.before = nn.Conv2d(width, width, 1 + 2 * reach, padding=reach, bias=False)
            nn.init.normal_(self.before.weight, std=0.02)
            with torch.no_grad():
                self.before.weight[:, :, reach, reach] = torch.eye(width)
        else:
            self.head = nn.Linear(width, settings.codes, bias=False)

    def lesson(self, codes: Tensor, actions: Tensor, generator: torch.Generator) -> Lesson:
        """The loss of clips. codes: int64 (batch, time, tokens). actions: int64 (batch, time - 1)."""
        shown, hidden = self.covered(codes, generator)
        return self.told(codes, actions, shown, hidden)

    def loss(self, codes: Tensor, actions: Tensor, generator: torch.Generator) -> Tensor:
        """Cross-entropy of the masked tokens, a scalar."""
        return self.lesson(codes, actions, generator).loss

    def covered(self, codes: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Codes with some masked, and which. The first frame stays; of each other, one in 1/`whole` stays whole, and a
        share drawn from U(.5, 1) is masked of the rest."""
        settings, (b, t, n) = self.settings, codes.shape

        def draw(*shape: int) -> Tensor:
            return torch.rand(shape, generator=generator, device=codes.device)

        per_frame = bool(settings.whole)
        rate = 0.5 + 0.5 * draw(b, t if per_frame else 1, 1)
        hidden = draw(b, t, n) < rate
        if per_frame:
            hidden &= draw(b, t, 1) >= settings.whole
        hidden[:, 0] = False
        shown = codes
        if settings.noise:
            other = torch.randint(settings.codes, codes.shape, generator=generator, device=codes.device)
            shown = torch.where(draw(b, t, n) < settings.noise, other, codes)
        return torch.where(hidden, self.mask, shown), hidden

    def told(self, codes: Tensor, actions: Tensor, shown: Tensor, hidden: Tensor) -> Lesson:
        """The loss of the hidden tokens, once it is drawn which."""
        seen = self.trunk(self._tokens(shown, self.since(actions)))[:, :, self.ahead :]
        scores, target = self._scores(seen[hidden]), codes[hidden]
        loss = F.cross_entropy(scores, target)
        right = (scores.detach().argmax(-1) == target).float().mean()
        return Lesson(loss, {"accuracy": right})

    def since(self, actions: Tensor) -> Tensor:
        """The action that led to each frame, (batch, time): none to the first."""
        return F.pad(actions, (1, 0), value=self.began)

    def prime(self, codes: Tensor, since: Tensor) -> Pasts:
        """What the next frame needs of those before. since: the action that led to each, (batch, time)."""
        return self.trunk.prime(self._tokens(codes, since))

    def next_scores(self, codes: Tensor, action: Tensor, before: Tensor, pasts: Pasts) -> Tensor:
        """Logits of a frame that is partly masked, (batch, tokens, codes).

        codes: (batch, tokens). action: (batch,). before: the codes of the frame before, (batch, tokens).
        """
        seen, _ = self.trunk.step(self._tokens(codes[:, None], action[:, None], before[:, None]), pasts)
        return self._scores(seen[:, 0, self.ahead :])

    def onward(self, codes: Tensor, action: Tensor, before: Tensor, pasts: Pasts) -> Pasts:
        """What the frame after this one needs, of this one and those before; as `next_scores` otherwise."""
        return self.trunk.step(self._tokens(codes[:, None], action[:, None], before[:, None]), pasts)[1]

    def _tokens(self, codes: Tensor, since: Tensor, before: Tensor | None = None) -> Tensor:
        """before: the codes before the first of these; None: they begin a clip."""
        tokens, told = self.token(codes), self.action(since)[:, :, None]
        if self.before is not None:
            last = F.pad(tokens[:, :-1], (0, 0, 0, 0, 1, 0)) if before is None else self.token(before)
            tokens = tokens + self._around(self.before, last)
        return torch.cat([told, tokens], 2) if self.ahead else tokens + told

    def _around(self, look: nn.Conv2d, last: Tensor) -> Tensor:
        """What each place is shown of its own neighbourhood in the frame before, (batch, time, tokens, width)."""
        b, t, n, d = last.shape
        side = self.settings.side // self.settings.patch
        grid = last.reshape(b * t, side, side, d).permute(0, 3, 1, 2)
        return look(grid).permute(0, 2, 3, 1).reshape(b, t, n, d)

    def _scores(self, seen: Tensor) -> Tensor:
        weight = self.token.weight[:-1] if self.head is None else self.head.weight
        return F.linear(seen, weight, self.bias).float()
