"""What trainings cost, by a few updates of each on this machine; and which of them fit a budget."""

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from mmaudit.audits.remedies.answering import Answering
from mmaudit.audits.remedies.unit import Contest, Contestant
from mmaudit.errors import UsageError
from mmaudit.formats import duration, many

FEW = 10  # updates of a trial


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """Seconds of one training of a method.

    Attributes:
        training: To train it with every setting; of what it reads too, where it is the first to.
        judging: To judge it on the samples of the contest.
    """

    training: float
    judging: float


class ContestCosts:
    """What each training of a contest takes here, tried when it is first asked for.

    Of every method three trials tell apart what is once, what is of each update, and what is of
    each look at the held-out rows: one update and a look, ten and one look, ten and ten. Time is
    the processor's, which others on the machine do not change.

    Attributes:
        contest: The contest.
    """

    def __init__(self, contest: Contest) -> None:
        self.contest = contest

    @cached_property
    def of_each(self) -> Mapping[str, TrainingCost]:
        """Seconds of one training of each contestant, by its name."""
        contest = self.contest
        trials = [contest.brief(steps, look) for steps, look in ((1, 1), (FEW, FEW), (FEW, 1))]
        contest.brief(1, 1).trained(contest.contestants[0], contest.seeds[0])  # what is once
        return {one.name: _cost(contest, one, trials) for one in contest.contestants}

    def units(self, samples: int) -> list[float]:
        """Seconds of each unit, were so many samples judged."""
        share = samples / max(1, len(self.contest.judged))
        each = [self.of_each[one.name] for one in self.contest.contestants]
        return [c.training + share * c.judging for c in each for _ in self.contest.seeds]

    def seconds(self, names: Collection[str], workers: int) -> float:
        """Seconds of all trainings of some contestants."""
        units = [cost for name in names for cost in [self.of_each[name]] * len(self.contest.seeds)]
        return sum(cost.training + cost.judging for cost in units) / max(1, workers)


def _cost(contest: Contest, one: Contestant, trials: Sequence[Contest]) -> TrainingCost:
    seed = contest.seeds[0]
    once, several, looks = (_timed(partial(t.trained, one, seed)) for t in trials)
    update, look = (max(0.0, d / (FEW - 1)) for d in (several - once, looks - several))
    setup = contest.setup.for_rows(len(contest.data_of(one)))
    fixed = max(0.0, once - update - look)
    training = fixed + setup.steps * update + math.ceil(setup.steps / setup.look) * look
    answering = Answering(trials[0].trained(one, seed), contest.judged, contest.conflict)
    scenes = contest.scenes
    first, last = (_timed(partial(contest.answers, answering, s)) for s in (scenes[0], scenes[-1]))
    return TrainingCost(training, first + (len(scenes) - 1) * last)


def _timed(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingMethods:
    """What is trained within a budget.

    Attributes:
        contest: The contest of these alone.
        without: Names of what is left out.
        says: The same for the person who waits, with about how long that would take.
    """

    contest: Contest
    without: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


def fitting(
    costs: ContestCosts, minutes: float, workers: int, controls: Collection[str]
) -> FittingMethods:
    """Controls, and in their order the methods that fit into what is then over.

    Args:
        costs: What each training takes.
        minutes: The budget.
        workers: Trainings at a time.
        controls: Names of what is trained in any case.

    Raises:
        UsageError: Nothing fits beside the controls; the least budget that something fits is said.
    """
    contest = costs.contest
    names = [one.name for one in contest.contestants]
    others = [name for name in names if name not in controls]
    each = {name: costs.seconds([name], workers) for name in names}
    spent, within = sum(each[name] for name in names if name in controls), set(controls)
    least = spent + min((each[name] for name in others), default=0.0)
    if least > minutes * 60:
        raise UsageError(
            f"{minutes:g} minutes are not enough for the controls"
            f"{' and a method' if others else ''}: these take about {duration(least)} here",
            fix=f"--budget {math.ceil(least / 6) / 10:g}, fewer --seeds or --steps, or --workers",
        )
    for name in others:
        if spent + each[name] <= minutes * 60:
            within.add(name)
            spent += each[name]
    without = tuple(name for name in others if name not in within)
    says = [f"about {duration(spent)} for {many(len(within), 'method')} in {minutes:g} minutes"]
    if without:
        more = ", ".join(f"{name} ({duration(each[name])})" for name in without)
        says.append(f"left out, for they do not fit: {more}")
    return FittingMethods(contest=only(contest, within), without=without, says=tuple(says))


def only(contest: Contest, names: Collection[str]) -> Contest:
    """The same contest of some of its contestants."""
    some = tuple(one for one in contest.contestants if one.name in names)
    return replace(contest, contestants=some)
