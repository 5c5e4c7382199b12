"""Tokenizer, action model and dynamics: shapes, what they may see, and that they learn what there is to learn."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.learners.video.actions import ActionModel  # noqa: E402
from wunderkammer.learners.video.dynamics import Dynamics  # noqa: E402
from wunderkammer.learners.video.lesson import weights  # noqa: E402
from wunderkammer.learners.video.patches import centred  # noqa: E402
from wunderkammer.learners.video.squares import Squares  # noqa: E402
from wunderkammer.learners.video.tokenizer import Tokenizer  # noqa: E402


def dice() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def clips(batch: int = 3, frames: int = 6) -> torch.Tensor:
    return torch.from_numpy(next(Squares(16, square=4).batches(0, batch, frames)))


@pytest.mark.parametrize("changes", [{}, {"quantiser": "fsq"}, {"levelled": False, "qk_norm": False, "moved": 0.0}])
def test_a_tokenizer_turns_clips_into_codes_and_back(settings, changes) -> None:
    tokenizer = Tokenizer(settings.model_copy(update=changes)).eval()
    codes = tokenizer.encode(clips())
    assert codes.shape == (3, 6, settings.tokens)
    assert codes.dtype == torch.int64
    frames = tokenizer.decode(codes)
    assert frames.shape == (3, 6, 16, 16, 3)
    assert 0 <= frames.min() <= frames.max() <= 1
    assert torch.equal(tokenizer.encode(clips().float() / 255), codes)


def test_a_residual_tokenizer_begins_as_its_codebook(settings) -> None:
    """With codes that lie where the patches lie, frames come back before anything was learned."""
    tokenizer = Tokenizer(settings.model_copy(update={"codes": 64})).eval()
    batch, drawn = clips(), dice()
    for _ in range(40):
        found = tokenizer.lesson(batch)
        tokenizer.quantiser.settle(found.latents, found.quantised.codes, drawn)
    assert tokenizer.lesson(batch).figures["psnr"] > 20


def test_tokens_of_a_frame_do_not_depend_on_later_frames(settings) -> None:
    tokenizer = Tokenizer(settings).eval()
    assert torch.equal(tokenizer.encode(clips())[:, :2], tokenizer.encode(clips()[:, :2]))


def test_an_action_follows_from_the_frames_up_to_the_one_it_led_to(settings) -> None:
    model = ActionModel(settings).eval()
    codes = model.infer(clips())
    assert codes.shape == (3, 5)
    assert codes.max() < 8
    assert torch.equal(model.infer(clips()[:, :3]), codes[:, :2])


@pytest.mark.parametrize("unsigned", [True, False])
def test_an_encoder_may_be_shown_how_much_changed_and_not_which_way(settings, unsigned) -> None:
    model = ActionModel(settings.model_copy(update={"unsigned": unsigned})).eval()
    lighter, now, darker = (torch.full((1, 1, 16, 16, 3), value) for value in (0.75, 0.5, 0.25))
    rose, fell = (model.seen(torch.cat([before, now], 1))[:, 1] for before in (darker, lighter))

    assert torch.equal(rose, fell) == unsigned
    assert model.infer(clips()).shape == (3, 5)


def test_an_encoder_that_is_not_told_places_says_the_same_wherever_something_moves(settings) -> None:
    """Away from the border, moved by whole patches."""
    placed = settings.model_copy(update={"side": 96, "convolved": True})
    frames = torch.zeros(1, 3, 96, 96, 3, dtype=torch.uint8)
    for time in range(3):
        frames[0, time, 40:44, 40 + 4 * time : 44 + 4 * time] = 255
    other = frames.roll((8, 8), (2, 3))
    torch.manual_seed(0)
    model = ActionModel(placed).eval()
    torch.testing.assert_close(model._latents(centred(frames)), model._latents(centred(other)))
    model = ActionModel(placed.model_copy(update={"placed": True})).eval()
    assert not torch.allclose(model._latents(centred(frames)), model._latents(centred(other)))


def test_the_action_model_paints_a_frame_without_having_seen_it(settings) -> None:
    model = ActionModel(settings).eval()
    torch.nn.init.normal_(model.brush.weight)
    before, vectors = torch.rand(1, 5, 16, 16, 3), torch.randn(1, 5, model.quantiser.width)
    other = before.clone()
    other[:, 3:] = 0
    painted = model._painted(before, vectors)
    torch.testing.assert_close(painted[:, :3], model._painted(other, vectors)[:, :3])
    told = vectors.clone()
    told[:, 2] += 1
    assert not torch.allclose(painted[:, 2], model._painted(before, told)[:, 2])
    torch.testing.assert_close(painted[:, :2], model._painted(before, told)[:, :2])


def test_a_residual_decoder_begins_as_a_copy_of_the_last_frame(settings) -> None:
    lesson = ActionModel(settings).lesson(clips(), dice())
    torch.testing.assert_close(lesson.figures["psnr"], lesson.figures["psnr_copy"])


def test_the_variance_loss_is_paid_for_latents_that_are_alike(settings) -> None:
    plain = settings.model_copy(update={"levelled": False})
    torch.manual_seed(0)
    without = ActionModel(plain)
    with_it = ActionModel(plain.model_copy(update={"variance": 10.0}))
    with_it.load_state_dict(without.state_dict())
    assert with_it.lesson(clips(), dice()).loss > without.lesson(clips(), dice()).loss + 1


def test_pixels_that_changed_count_more() -> None:
    frames = torch.zeros(1, 2, 4, 4, 3)
    frames[0, 1, 0, 0] = 1
    found = weights(frames, 4.0)
    assert found[0, 1, 0, 0] / found[0, 1, 1, 1] == pytest.approx(5)
    assert found.mean().item() == pytest.approx(1)


@pytest.mark.parametrize("whole", [0.0, 0.5])
def test_the_first_frame_is_never_masked_and_others_by_half_or_more(settings, whole) -> None:
    dynamics = Dynamics(settings.model_copy(update={"whole": whole}))
    codes = torch.zeros(400, 6, settings.tokens, dtype=torch.int64)
    shown, hidden = dynamics.covered(codes, torch.Generator().manual_seed(0))
    assert not hidden[:, 0].any()
    assert torch.equal(shown == dynamics.mask, hidden)
    shares = hidden[:, 1:].float().mean(-1)
    untouched = (shares == 0).float().mean().item()
    assert untouched == pytest.approx(whole, abs=0.05)
    assert shares[shares > 0].mean().item() == pytest.approx(0.75, abs=0.03)


def test_noise_replaces_shown_tokens_alone(settings) -> None:
    dynamics = Dynamics(settings.model_copy(update={"noise": 0.3}))
    codes = torch.zeros(100, 6, settings.tokens, dtype=torch.int64)
    shown, hidden = dynamics.covered(codes, torch.Generator().manual_seed(0))
    other = (shown != 0) & ~hidden
    assert other.float().sum().item() / (~hidden).float().sum().item() == pytest.approx(0.3 * 15 / 16, abs=0.03)


@pytest.mark.parametrize("way", ["added", "prepended"])
def test_a_token_depends_on_the_action_that_led_to_its_frame_and_no_later_one(settings, way) -> None:
    dynamics = Dynamics(settings.model_copy(update={"action_way": way})).eval()
    torch.nn.init.normal_(dynamics.action.weight)
    codes = torch.randint(16, (1, 6, settings.tokens))
    told = torch.tensor([[0, 1, 2, 3, 4]])
    other = told.clone()
    other[0, 2] = 7
    one, two = (dynamics.trunk(dynamics._tokens(codes, dynamics.since(it))) for it in (told, other))
    torch.testing.assert_close(one[:, :3], two[:, :3])
    assert not torch.allclose(one[:, 3], two[:, 3])


def test_before_it_has_learned_a_token_is_likelier_to_stay_than_to_become_any_other(settings) -> None:
    torch.manual_seed(0)
    codes = 512
    dynamics = Dynamics(settings.model_copy(update={"codes": codes, "width": 64})).eval()
    before = torch.randint(codes, (8, settings.tokens))
    masked = torch.full_like(before, dynamics.mask)
    past = dynamics.prime(before[:, None], dynamics.since(torch.zeros(8, 0, dtype=torch.int64)))
    with torch.no_grad():
        chances = dynamics.next_scores(masked, torch.zeros(8, dtype=torch.int64), before, past).softmax(-1)
    assert chances.gather(-1, before[..., None]).mean() > 2 / codes


@pytest.mark.parametrize(("neighbours", "far"), [(True, 1), (False, 0)])
def test_a_place_is_shown_what_was_around_it(settings, neighbours, far) -> None:
    """Of 4 × 4 places, before anything is looked up."""
    dynamics = Dynamics(settings.model_copy(update={"patch": 4, "neighbours": neighbours})).eval()
    before = torch.zeros(1, 1, 16, dtype=torch.int64)
    other = before.clone()
    other[0, 0, 5] = 3  # row 1, column 1
    now, action = torch.full((1, 1, 16), dynamics.mask), torch.zeros(1, 1, dtype=torch.int64)
    with torch.no_grad():
        one, two = (dynamics._tokens(now, action, it)[0, 0, dynamics.ahead :] for it in (before, other))
    told = (one - two).abs().sum(-1).reshape(4, 4) > 1e-6
    rows, columns = told.nonzero(as_tuple=True)
    assert told.sum() == (2 * far + 1) ** 2
    assert (rows - 1).abs().max() == (columns - 1).abs().max() == far


def test_parts_learn(settings) -> None:
    """A few steps on one batch: every loss falls."""
    torch.manual_seed(0)
    batch, drawn = clips(4), dice()
    still = torch.randint(16, (4, 1, settings.tokens)).expand(-1, 6, -1)  # frames that stay as they are
    codes, actions = still.contiguous(), torch.randint(8, (4, 5))
    tokenizer, model, dynamics = Tokenizer(settings), ActionModel(settings), Dynamics(settings)
    for part, lesson in (
        (tokenizer, lambda: tokenizer.lesson(batch)),
        (model, lambda: model.lesson(batch, drawn)),
        (dynamics, lambda: dynamics.lesson(codes, actions, drawn)),
    ):
        optimiser = torch.optim.Adam(part.parameters(), 3e-3)
        losses = []
        for _ in range(25):
            found = lesson()
            optimiser.zero_grad()
            found.loss.backward()
            optimiser.step()
            if found.latents is not None:
                part.quantiser.settle(found.latents, found.quantised.codes, drawn)
            losses.append(found.loss.item())
        assert sum(losses[-5:]) < 0.9 * sum(losses[:5]), type(part).__name__
