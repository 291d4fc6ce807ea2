"""Worst cases and attacks as the options ask for them: their conditions, and what makes them."""

from collections.abc import Mapping

from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.options import RESTARTS, STEPS, Options
from mmaudit.audits.robustness.worst.attacks import Attack, attack_conditions, attacked, says
from mmaudit.audits.robustness.worst.cases import worst_cases
from mmaudit.audits.robustness.worst.pgd import Search
from mmaudit.audits.robustness.worst.rank import check_single
from mmaudit.audits.robustness.worst.slopes import check_gradients
from mmaudit.audits.robustness.worst.unit import Beside, seeds_of_draws
from mmaudit.errors import UsageError
from mmaudit.formats import many
from mmaudit.inference.models import Models
from mmaudit.inference.recorded import table_of
from mmaudit.measures.tasks.severity.breaking import SEVERITIES
from mmaudit.models.load import Loaded

MOST = 1000  # steps, starts or draws


def derived(
    options: Options,
    kinds: Mapping[str, str],
    conditions: tuple[Condition, ...],
    severities: tuple[int, ...],
) -> tuple[Condition, ...]:
    """The conditions of worst cases and attacks.

    Args:
        options: How robustness is asked.
        kinds: Kind of each modality.
        conditions: The damages.
        severities: Severities of attacks; all where there are none, since doses are asked for.

    Raises:
        UsageError: Options say nothing without others, or what is asked for cannot be.
    """
    _check(options)
    every = conditions[0].present
    out = worst_cases(conditions, options.draws) if options.worst_case else ()
    balls = attacked(kinds, options.attack)
    return (*out, *attack_conditions(balls, severities or SEVERITIES, every))


def check(options: Options, loaded: Loaded, task: Task) -> None:
    """Refuse what a model or its answers cannot be asked.

    Raises:
        UsageError: No single answer is right or wrong, the answers are a table of one draw, or the
            model gives no gradients.
    """
    for flag in ("worst_case", "attack"):
        if getattr(options, flag):
            check_single(task, flag.replace("_", "-"))
    if options.draws > 1 and table_of(loaded) is not None:
        raise UsageError(
            "a table of answers has one draw of each corruption",
            where=loaded.info.spec,
            fix="no --draws, or a model that runs here",
        )
    if options.attack:
        check_gradients(loaded)


def beside(options: Options, kinds: Mapping[str, str], models: Models, task: Task) -> Beside:
    """What a sweep asks beside its damages."""
    attack = None
    if options.attack:
        attack = Attack(
            models=models,
            task=task,
            kinds=kinds,
            balls=attacked(kinds, options.attack),
            search=_search(options),
            batch_size=options.batch_size,
            seed=options.seed,
        )
    seeds = seeds_of_draws(options.seed, options.draws)
    return Beside(worst=options.worst_case, seeds=seeds, attack=attack)


def messages(
    options: Options, kinds: Mapping[str, str], conditions: tuple[Condition, ...]
) -> tuple[str, ...]:
    """What is done beside the damages, for the person who waits."""
    out = []
    members = {m.name for c in conditions for m in c.worst_of}
    if members:
        draws = f", {many(options.draws, 'draw')} of each" if options.draws > 1 else ""
        out.append(f"worst cases: among {many(len(members), 'condition')}{draws}")
    if options.attack:
        top = max(c.severity or 0 for c in conditions if c.attacks)
        out += says(attacked(kinds, options.attack), kinds, _search(options), top)
    return tuple(out)


def _search(options: Options) -> Search:
    return Search(options.attack_steps, options.attack_restarts)


def _check(options: Options) -> None:
    """Refuse counts that mean nothing, and those that say nothing without what they are of."""
    counts = {
        "draws": (options.draws, 1, "worst-case", options.worst_case),
        "attack-steps": (options.attack_steps, STEPS, "attack", options.attack),
        "attack-restarts": (options.attack_restarts, RESTARTS, "attack", options.attack),
    }
    for flag, (count, usual, of, wanted) in counts.items():
        if not 1 <= count <= MOST:
            raise UsageError(f"--{flag} {count} is not 1 to {MOST:,}", fix=f"--{flag} {usual}")
        if count != usual and not wanted:
            raise UsageError(f"--{flag} says nothing without --{of}", fix=f"--{of}, or no --{flag}")
