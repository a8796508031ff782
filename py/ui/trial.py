"""Other limits of the lifecycle as a person tries them: numbers, differences, words; pure."""

from typing import Any

from ui.modes import Mode, mode_of
from ui.texts import Texts
from ui.view import View
from ui.wording import signed

STAGES: Mode = mode_of("3")
ACTIVE, DORMANT = "active_months", "dormant_months"
LONGEST_MONTHS = {ACTIVE: 36, DORMANT: 72}
"""How far the sliders go; further where the limits in force do."""
MOST_MONTHS = 120


class Limits:
    """Two limits in months, the first one always below the second."""

    def __init__(self, active: int, dormant: int) -> None:
        self.active = active
        self.dormant = dormant

    @classmethod
    def of(cls, facts: dict[str, Any]) -> "Limits":
        """From ``{"active_months", "dormant_months"}``."""
        return cls(int(facts[ACTIVE]), int(facts[DORMANT]))

    @property
    def order(self) -> dict[str, int]:
        """As the engine takes them."""
        return {ACTIVE: self.active, DORMANT: self.dormant}

    def moved(self, which: str, months: int) -> "Limits":
        """These with one of them moved, as far as the other one lets it."""
        if which == ACTIVE:
            return Limits(max(1, min(months, self.dormant - 1)), self.dormant)
        return Limits(self.active, min(MOST_MONTHS, max(months, self.active + 1)))

    def same(self, other: "Limits") -> bool:
        """Whether both are equal."""
        return self.order == other.order

    def words(self, texts: Texts) -> str:
        """``6 месяцев и 18 месяцев``."""
        return texts.say(
            "trial.limits",
            active=texts.count("why.months", self.active),
            dormant=texts.count("why.months", self.dormant),
        )


class Trial:
    """The engine's answer to ``trial``: what other limits come to, beside those in force."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.limits = Limits.of(facts)
        self.in_force = Limits.of(facts["in_force"])
        self.counts: dict[str, int] = facts["lifecycle"]
        self.counts_in_force: dict[str, int] = facts["in_force"]["lifecycle"]
        self.moves: list[dict[str, Any]] = facts["moves"]
        self.clients: int = facts["clients"]
        self.cards: int = facts["cards"]
        self.suggestion: dict[str, Any] | None = facts["suggestion"]
        self._months: list[str] = facts["months"]
        self._growth: dict[str, list[int]] = facts["growth"]

    @property
    def changes(self) -> bool:
        """Whether these are other limits than those in force."""
        return not self.limits.same(self.in_force)

    @property
    def suggested(self) -> Limits | None:
        """The limits that are suggested, unless they are in force."""
        if self.suggestion is None:
            return None
        limits = Limits.of(self.suggestion)
        return None if limits.same(self.in_force) else limits

    def drawn_over(self, view: View) -> View:
        """The view with the growth of the lifecycle as it would be; the view itself where its
        months are others.
        """
        if self._months != view.months:
            return view
        return view.with_series(STAGES, self._growth)


def difference(trial: Trial, code: str, texts: Texts) -> str:
    """``+1 240 к нынешним``; empty where nothing differs."""
    change = trial.counts[code] - trial.counts_in_force[code]
    return texts.say("trial.change", change=signed(texts, change)) if change else ""


def move_lines(trial: Trial, texts: Texts) -> list[str]:
    """Who would move where, a line a move, the most numerous first."""
    moves = sorted(trial.moves, key=lambda move: -move["count"])
    return [
        texts.say(
            "trial.move",
            before=_stage(move["from"], texts),
            after=_stage(move["to"], texts),
            clients=texts.count("list.count", move["count"]),
        )
        for move in moves
    ]


def suggestion_words(trial: Trial, texts: Texts) -> str:
    """Why which limits are suggested; or why none are."""
    facts = trial.suggestion
    if facts is None:
        return texts.say("trial.suggestion.none")
    reason = texts.say(
        "trial.suggestion",
        gap=texts.count("trial.days", round(facts["median_gap_days"])),
        clients=texts.count("trial.of_clients", facts["clients"]),
    )
    key = "trial.suggestion.same" if trial.suggested is None else "trial.suggestion.try"
    return reason + " " + texts.say(key, limits=Limits.of(facts).words(texts))


def question_lines(trial: Trial, automatic: bool, texts: Texts) -> list[str]:
    """What a person is to know before these limits become the settings; ``automatic`` says that
    marks are then written without another question.
    """
    lines = [texts.count("trial.ask.moves", trial.clients)]
    if not trial.clients:
        lines = [texts.say("trial.ask.nobody")]
    if trial.cards:
        key = "trial.ask.automatic" if automatic else "trial.ask.cards"
        lines.append(texts.count(key, trial.cards))
    lines += [texts.say("trial.ask.months"), texts.say("trial.ask.everybody")]
    return lines


def _stage(code: str, texts: Texts) -> str:
    return texts.say("segment." + STAGES.number + "." + code)
