import numpy as np
import pytest
import torch

from loading import load
from mmaudit.errors import InputError
from mmaudit.inference.absence import with_absence
from mmaudit.inference.check import check_answers
from mmaudit.inference.self_check import inputs_kept, row_independence, stages_agree
from mmaudit.models.load import Loaded


class Says:
    """A model that answers with whatever it is given."""

    modalities = ("a",)
    classes = ("no", "yes")

    def __init__(self, answer=None, **said):
        self.answer = answer
        for name, value in said.items():
            setattr(self, name, value)

    def scores(self, batch, present):
        return self.answer(batch["a"])


def info(**said):
    return load(Says(**said)).info


BATCH = {"a": np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)}
PRESENT = {"a": np.ones(8, bool)}


def test_probabilities_pass_and_logits_become_probabilities():
    p = np.array([[0.25, 0.75], [1.0, 0.0]])
    assert np.array_equal(check_answers(p, 2, info()), p.astype(np.float32))
    got = check_answers(np.log([[1.0, 3.0], [2.0, 2.0]]), 2, info(output="logits"))
    np.testing.assert_allclose(got, [[0.25, 0.75], [0.5, 0.5]], atol=1e-7)
    assert got.dtype == np.float32
    huge = check_answers(np.array([[1e4, -1e4]]), 1, info(output="logits"))
    assert huge.tolist() == [[1.0, 0.0]]


def test_numbers_are_flat_and_embeddings_keep_their_axes():
    numbers = info(classes=None)
    assert check_answers(np.array([[1.0], [2.0]]), 2, numbers).tolist() == [1.0, 2.0]
    embeddings = info(classes=None, output="embeddings")
    assert check_answers(np.zeros((2, 1, 7)), 2, embeddings).shape == (2, 1, 7)


@pytest.mark.parametrize(
    ("answer", "said", "match"),
    [
        (np.full((2, 2), 0.6), {}, "sum to 1.2"),
        (np.array([[0.5, 0.5], [0.4, 0.5998]]), {}, "sample 1 of the batch"),
        (np.array([[1.5, -0.5], [0.5, 0.5]]), {}, "at least -0.5"),
        (np.array([[0.5, 0.5], [np.nan, 1]]), {}, "not finite, for sample 1"),
        (np.full((2, 3), 1 / 3), {}, r"shape \(2, 3\)"),
        (np.full((3, 2), 0.5), {}, r"shape \(3, 2\)"),
        (np.zeros((2, 2)), {"classes": None}, r"shape \(2, 2\)"),
        (np.zeros((2, 3, 4)), {"classes": None, "output": "embeddings"}, r"shape \(2, 3, 4\)"),
        (np.array(["yes", "no"]), {}, "of type <U3"),
    ],
)
def test_what_is_no_answer_is_refused(answer, said, match):
    with pytest.raises(InputError, match=match):
        check_answers(answer, 2, info(**said))


def both(p):
    return np.stack([p, 1 - p], axis=1)


def test_rows_on_their_own_pass():
    loaded = load(Says(lambda a: both(1 / (1 + np.exp(-a[:, 0])))))
    row_independence(loaded, BATCH, PRESENT)


def test_a_row_that_leans_on_its_batch_is_named_with_how_far():
    def leaning(a):
        p = 1 / (1 + np.exp(-a[:, 0]))
        return both(p if len(a) == 8 else p / 2)

    with pytest.raises(
        InputError, match=r"sample \d of the batch is off by 0\.\d+ .* smaller batch"
    ):
        row_independence(load(Says(leaning)), BATCH, PRESENT)


NAMES = [f"s{i}" for i in range(8)]


def test_samples_are_named_in_the_self_check():
    def leaning(a):
        p = 1 / (1 + np.exp(-a[:, 0]))
        return both(p if len(a) == 8 else p / 2)

    def failing(a):
        if (a[:, 0] == BATCH["a"][5, 0]).any():
            raise ValueError("odd")
        return both(np.full(len(a), 0.5))

    def silent(a):
        return both(np.where(a[:, 0] == BATCH["a"][5, 0], np.nan, 0.5))

    for answer, said in (
        (leaning, r"the answer for the sample 's\d' is off by"),
        (failing, r"cannot answer about 8 samples: odd for the sample 's5'"),
        (silent, r"not finite, for the sample 's5'"),
    ):
        with pytest.raises(InputError, match=said):
            row_independence(load(Says(answer)), BATCH, PRESENT, NAMES)


def test_the_sample_that_an_encoder_fails_on_is_named():
    class Staged(Says):
        def encode(self, modality, values):
            if (values[:, 0] == BATCH["a"][5, 0]).any():
                raise KeyError("odd")
            return values

        def fuse(self, features, present):
            return both(np.full(len(features["a"]), 0.5))

    loaded = load(Staged(lambda a: both(np.full(len(a), 0.5))))
    with pytest.raises(KeyError) as raised:
        stages_agree(loaded, BATCH, PRESENT, NAMES)
    assert raised.value.__notes__ == ["for the sample 's5'"]


def test_a_row_that_depends_on_its_place_is_caught():
    with pytest.raises(InputError, match="another order"):
        row_independence(load(Says(lambda a: both(np.arange(len(a)) / 10))), BATCH, PRESENT)


def test_chance_is_caught():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="a second time"):
        row_independence(load(Says(lambda a: both(rng.random(len(a))))), BATCH, PRESENT)


class Normalised(torch.nn.Module):
    modalities = ("a",)
    classes = ("no", "yes")

    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(5)

    def scores(self, batch, present):
        return torch.softmax(self.norm(torch.from_numpy(batch["a"]))[:, :2], 1).numpy()


def test_batch_normalisation_in_training_mode_is_refused_at_load():
    with pytest.raises(InputError, match="in training mode"):
        load(Normalised())
    row_independence(load(Normalised().eval()), BATCH, PRESENT)


def test_batch_normalisation_that_load_cannot_see_is_caught_by_its_answers():
    hidden = [Normalised()]
    loaded = load(Says(lambda a: hidden[0].scores({"a": a}, None), accepts_missing=True))
    with torch.no_grad(), pytest.raises(InputError, match="smaller batch"):
        row_independence(loaded, BATCH, PRESENT)


def test_torch_models_answer_without_gradients():
    model = Normalised().eval()
    model.device = "meta"  # what a model says of its place survives
    assert load(model).model.device == "meta"
    answer = load(model).model.scores(BATCH, PRESENT)  # .numpy() would refuse with gradients
    assert answer.shape == (8, 2)


def test_stages_that_disagree_are_refused():
    class Staged(Says):
        def encode(self, modality, values):
            return values[:, :1]

        def fuse(self, features, present):
            return both(np.clip(features["a"][:, 0] ** 2, 0, 1))

    loaded = load(Staged(lambda a: both(np.clip(a[:, 0] ** 2, 0, 1))))
    stages_agree(loaded, BATCH, PRESENT)
    loaded = load(Staged(lambda a: both(np.clip(a[:, 0] ** 2, 0, 1) * 0.9)))
    with pytest.raises(InputError, match="encode and fuse"):
        stages_agree(loaded, BATCH, PRESENT)


def test_a_model_that_changes_its_values_is_refused():
    def centred(a):
        a -= 1
        return both(np.clip(np.abs(a[:, 0]), 0, 1))

    with pytest.raises(InputError, match="changes the values of 'a'"):
        row_independence(load(Says(centred)), BATCH, PRESENT)
    texts = Says(lambda a: both(np.full(len(a), 0.5)))
    row_independence(load(texts), {"a": ["x", "", "x y"]}, {"a": np.ones(3, bool)})


@pytest.mark.parametrize("careful", [True, False])
def test_a_model_that_masks_in_place_is_refused(careful):
    """With everything present it changes nothing, and is caught all the same."""

    class Staged:
        modalities, classes, accepts_missing = ("a",), ("no", "yes"), True

        def encode(self, modality, values):
            return values[:, :2].copy()

        def fuse(self, features, present):
            told = features["a"].copy() if careful else features["a"]
            told *= present["a"][:, None]
            return both(np.clip(np.abs(told[:, 0]), 0, 1))

        def scores(self, batch, present):
            return self.fuse({"a": self.encode("a", batch["a"])}, present)

    loaded = load(Staged())
    row_independence(loaded, BATCH, PRESENT)
    stages_agree(loaded, BATCH, PRESENT)
    if careful:
        inputs_kept(loaded, BATCH)
        return
    with pytest.raises(InputError, match="x = x"):
        inputs_kept(loaded, BATCH)


@pytest.mark.parametrize("careful", [True, False])
def test_a_model_that_changes_its_features_is_refused_whatever_stands_in(careful):
    """Where nothing is present a policy hands over its fillers, and features only look untouched."""

    class Staged:
        modalities, classes = ("a",), ("no", "yes")

        def encode(self, modality, values):
            return values[:, :2].copy()

        def fuse(self, features, present):
            told = features["a"].copy() if careful else features["a"]
            told *= 0.5
            return both(np.clip(np.abs(told[:, 0]), 0, 1))

        def scores(self, batch, present):
            return self.fuse({"a": self.encode("a", batch["a"])}, present)

    loaded = load(Staged())
    filled = Loaded(with_absence(loaded, "zeros", {"a": BATCH["a"][:2]}), loaded.info)
    row_independence(filled, BATCH, PRESENT)
    stages_agree(filled, BATCH, PRESENT)
    if careful:
        inputs_kept(filled, BATCH)
        return
    with pytest.raises(InputError, match="changes the values of 'a'"):
        inputs_kept(filled, BATCH)


def test_a_model_that_changes_its_mask_is_refused():
    class Masking(Says):
        def scores(self, batch, present):
            present["a"] &= batch["a"][:, 0] > 0
            return both(np.full(len(batch["a"]), 0.5))

    with pytest.raises(InputError, match="changes the mask of 'a'"):
        row_independence(load(Masking(accepts_missing=True)), BATCH, PRESENT)


def in_bits(answers, zeros):
    """Numbers of which the last bits are cut, as types of fewer bits have them."""
    bits = np.asarray(answers, np.float32).view(np.uint32) & np.uint32(~zeros & 0xFFFFFFFF)
    return bits.view(np.float32)


@pytest.mark.parametrize("zeros", [0x1FFF, 0xFFFF])
def test_sums_of_few_bits_are_within_their_steps_and_no_more(zeros):
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(40), 200)
    few = in_bits(p, zeros)
    off = np.abs(few.sum(1) - 1).max()
    said = info(classes=tuple(map(str, range(40))))
    assert off > 1e-4
    assert np.array_equal(check_answers(few, 200, said), few)
    for wrong in (few.astype(np.float32) + np.float32(1e-3), in_bits(p * 0.97, zeros)):
        with pytest.raises(InputError, match="sum to"):
            check_answers(wrong, 200, said)


def test_probabilities_that_are_called_logits_are_refused_and_one_sample_may_look_so():
    p = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32)
    with pytest.raises(InputError, match="they are probabilities") as refused:
        check_answers(p, 2, info(output="logits"))
    assert "output=probabilities" in refused.value.fix
    assert check_answers(p[:1], 1, info(output="logits")).shape == (1, 2)
    assert check_answers(p * 2, 2, info(output="logits")).shape == (2, 2)


@pytest.mark.parametrize("policy", ["marginal:8", "marginal:1", "zeros"])
@pytest.mark.parametrize("zeros", [0x1FFF, 0xFFFF])
def test_answers_of_few_bits_may_be_averaged_and_joined(zeros, policy):
    """The bits of a mean say nothing of those of its terms."""
    names = tuple(map(str, range(40)))
    table = in_bits(np.random.default_rng(0).dirichlet(np.ones(40), 64), zeros)

    class Coarse:
        modalities, classes = ("v",), names

        def scores(self, batch, present):
            return table[np.asarray(batch["v"])[:, 0].astype(int)]

    loaded = load(Coarse())
    values = np.arange(64, dtype=np.float32)[:, None]
    model = with_absence(loaded, policy, {"v": values[::-1]})
    there = {"v": np.arange(64) % 2 == 0}
    got = check_answers(model.scores({"v": values}, there), 64, loaded.info)
    np.testing.assert_allclose(got[::2], table[::2], rtol=0.02)
    assert np.abs(got.sum(1) - 1).max() <= 1.01e-4
