"""Two months beside each other, as the engine compared them, and what is said of it; pure."""

from typing import Any

from ui.list_rows import sign
from ui.texts import Texts, calendar_day
from ui.why import segment_mode
from ui.wording import days_in_month, share, signed

STATES = ("lifecycle", "frequency")
COUNT, BETWEEN, EARLIER = "count", "between", "earlier"
MEASURES = (COUNT, BETWEEN, EARLIER)
"""What is told of a flow: how many clients, what they paid between the months, and before that."""
NEW = "new"
"""Where those come from who were not in the base before."""
PAYING = ("active", "dormant", "lost", "regular", "first")
BETTER, WORSE, STAYED, CAME = "better", "worse", "stayed", "came"
DIRECTIONS = (BETTER, WORSE, CAME, STAYED)
QUICK_MONTHS = (("month", 1), ("quarter", 3), ("year", 12))
YEARS_OFFERED = 2


class Comparison:
    """The engine's answer to ``compare``; a flow is ``{"from", "to", "count", "between",
    "earlier"}``.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        self.state: str = facts["state"]
        self.before: str = facts["before"]
        self.after: str = facts["after"]
        self.months: list[str] = facts["months"]
        self.as_of: str = facts["as_of"]
        self.codes: list[str] = facts["codes"]
        self.flows: list[dict[str, Any]] = facts["flows"]
        self._stocks: dict[str, dict[str, int]] = facts["stocks"]

    @property
    def is_of_one_month(self) -> bool:
        """Whether a month is compared with itself: then only its state is to be told."""
        return self.before == self.after

    @property
    def sources(self) -> list[str]:
        """Where clients can come from, in the order of the matrix."""
        sources = list(self.codes)
        sources.append(NEW)
        return sources

    def stock(self, when: str, code: str) -> int:
        """How many there were (``before``) or are (``after``) of a code."""
        return self._stocks[when][code]

    def total(self, when: str) -> int:
        """How many clients there were or are."""
        return sum(self._stocks[when].values())

    def find(self, sources: Any, targets: Any) -> list[dict[str, Any]]:
        """The flows of those who moved from one of these codes to one of those; None is any."""
        return [
            flow
            for flow in self.flows
            if flow["from"] != flow["to"]
            and (sources is None or flow["from"] in sources)
            and (targets is None or flow["to"] in targets)
        ]

    def moved(self, sources: Any, targets: Any) -> int:
        """How many moved, see ``find``."""
        return sum([flow[COUNT] for flow in self.find(sources, targets)])

    def flow(self, one: str, other: str) -> "dict[str, Any] | None":
        """The flow from a code to another, or of those who stayed; None where nobody is in it."""
        for flow in self.flows:
            if flow["from"] == one and flow["to"] == other:
                return flow
        return None

    def segment(self, one: "str | None", other: "str | None") -> dict[str, Any]:
        """A flow as ``query`` takes it; None is everywhere else."""
        return {
            "state": self.state,
            "before": self.before,
            "after": self.after,
            "from": one,
            "to": other,
        }

    def stock_segment(self, when: str, code: "str | None") -> dict[str, Any]:
        """Who was of a code, or of any, as ``query`` takes it."""
        month = self.before if when == "before" else self.after
        return {
            "mode": "2" if code is None else mode_of_code(self.state, code),
            "code": "all" if code is None else code,
            "month": None if month == self.months[-1] else month,
        }


def mode_of_code(state: str, code: str) -> str:
    """The mode whose segment a code is."""
    return segment_mode(code) if state == "lifecycle" else "4"


def direction(comparison: Comparison, flow: dict[str, Any]) -> str:
    """What a move is for the business. Codes go from the best on, but who was lost on the way is
    worse off, wherever that began.
    """
    one, other = flow["from"], flow["to"]
    if one == other:
        return STAYED
    if one == NEW:
        return CAME
    if other == "lost":
        return WORSE
    return BETTER if comparison.codes.index(other) < comparison.codes.index(one) else WORSE


def directions(comparison: Comparison) -> list[str]:
    """Those of the ``DIRECTIONS`` in which anybody went."""
    found = [direction(comparison, flow) for flow in comparison.flows]
    return [way for way in DIRECTIONS if way in found]


def added_up(flows: list[dict[str, Any]], measure: str) -> list[list[Any]]:
    """The sums of some flows as pairs of currency and amount, the greatest first."""
    sums: dict[str, float] = {}
    for flow in flows:
        for currency, amount in flow[measure]:
            sums[currency] = sums.get(currency, 0) + amount
    found: list[list[Any]] = [[currency, sums[currency]] for currency in sums]
    found.sort(key=lambda pair: -pair[1])
    return found


def sorted_flows(comparison: Comparison, measure: str) -> list[dict[str, Any]]:
    """The flows with something to tell: those who moved, then those who stayed, by size."""

    def size(flow: dict[str, Any]) -> Any:
        amounts = [amount for _, amount in flow[measure]] if measure != COUNT else [flow[COUNT]]
        return (flow["from"] == flow["to"], -max(amounts or [0]), -flow[COUNT])

    return sorted([flow for flow in comparison.flows if flow[measure]], key=size)


def quick_choices(months: list[str]) -> list[tuple[str, str, str]]:
    """Pairs of months people ask for: a code with the month before and the month after. Whole
    years, from December to December, have the year as their code.
    """
    choices = [
        (code, months[-1 - back], months[-1]) for code, back in QUICK_MONTHS if len(months) > back
    ]
    closed = [month for month in months[:-1] if month[5:7] == "12"]
    closed.reverse()
    for last in closed[:YEARS_OFFERED]:
        first = str(int(last[0:4]) - 1) + "-12"
        if first in months:
            choices.append((last[0:4], first, last))
    return choices


def day_of(comparison: Comparison, month: str, texts: Texts) -> str:
    """The day whose evening is told of a month: its last, or that of the last refresh."""
    if month == comparison.months[-1]:
        return texts.day(*calendar_day(comparison.as_of))
    year, number = int(month[0:4]), int(month[5:7])
    return texts.day(year, number, days_in_month(year, number))


def days_of(comparison: Comparison, texts: Texts) -> tuple[str, str]:
    """The two days that are compared."""
    first = day_of(comparison, comparison.before, texts)
    return first, day_of(comparison, comparison.after, texts)


def name(state: str, code: "str | None", texts: Texts) -> str:
    """What a code is called; None is all clients."""
    if code is None:
        return texts.say("total.2")
    if code == NEW:
        return texts.say("compare.new")
    return texts.say("segment." + mode_of_code(state, code) + "." + code)


def stock_title(comparison: Comparison, when: str, code: "str | None", texts: Texts) -> str:
    """What the list of a stock is called."""
    month = comparison.before if when == "before" else comparison.after
    day = day_of(comparison, month, texts)
    return texts.say("list.title", segment=name(comparison.state, code, texts), day=day)


def flow_title(comparison: Comparison, one: "str | None", other: "str | None", texts: Texts) -> str:
    """What the list of a flow is called."""
    if one == NEW and other is None:
        key = "compare.list.new"
    elif one is None:
        key = "compare.list.came"
    elif other is None:
        key = "compare.list.left"
    else:
        key = "compare.list.stayed" if one == other else "compare.list.flow"
    first, last = days_of(comparison, texts)
    return texts.say(
        key,
        one=name(comparison.state, one, texts),
        other=name(comparison.state, other, texts),
        before=first,
        after=last,
    )


def amount_lines(amounts: list[list[Any]], texts: Texts) -> list[str]:
    """``12,3 млн ₽``, a line a currency."""
    return [
        (texts.locale.compact(amount) + "\u00a0" + sign(str(currency or ""))).strip()
        for currency, amount in amounts
    ]


def value_lines(flow: dict[str, Any], measure: str, texts: Texts) -> list[str]:
    """A flow's count, or its money; nothing where there was none."""
    if measure == COUNT:
        return [texts.number(flow[COUNT])]
    return amount_lines(flow[measure], texts)


def sentences(comparison: Comparison, texts: Texts) -> list[str]:
    """What happened, in a few sentences."""
    if comparison.is_of_one_month:
        day = day_of(comparison, comparison.after, texts)
        return [texts.count("compare.said.state", comparison.total("after"), day=day)]
    told = [_base(comparison, texts)]
    if comparison.state == "lifecycle":
        told += [_lost(comparison, texts), _asleep(comparison, texts)]
    else:
        told += [_repeated(comparison, texts)]
    told.append(_first_payments(comparison, texts))
    return told


def _base(comparison: Comparison, texts: Texts) -> str:
    was, found = comparison.total("before"), comparison.total("after")
    return _counted(
        "compare.said.base",
        comparison.moved([NEW], None),
        texts,
        before=texts.number(was),
        after=texts.number(found),
        change=signed(texts, found - was),
    )


def _lost(comparison: Comparison, texts: Texts) -> str:
    gone, back = comparison.find(None, ["lost"]), comparison.find(["lost"], None)
    words = _with_money("compare.said.lost", gone, EARLIER, texts)
    return words + " " + _with_money("compare.said.back", back, BETWEEN, texts)


def _asleep(comparison: Comparison, texts: Texts) -> str:
    asleep = comparison.moved(["active"], ["dormant"])
    awake = comparison.moved(["dormant"], ["active"])
    words = _counted("compare.said.asleep", asleep, texts)
    return words + " " + _counted("compare.said.awake", awake, texts)


def _repeated(comparison: Comparison, texts: Texts) -> str:
    whole, regular = comparison.total("after"), comparison.stock("after", "regular")
    words = _with_money("compare.said.regular", comparison.find(None, ["regular"]), BETWEEN, texts)
    part = share(texts, regular, whole)
    return words + (" " + texts.say("compare.said.regular_share", share=part) if part else "")


def _first_payments(comparison: Comparison, texts: Texts) -> str:
    unpaid = [code for code in comparison.sources if code not in PAYING]
    return _with_money("compare.said.paid", comparison.find(unpaid, PAYING), BETWEEN, texts)


def _with_money(key: str, flows: list[dict[str, Any]], measure: str, texts: Texts) -> str:
    """How many clients these flows have, and if they paid anything how much."""
    words = _counted(key, sum([flow[COUNT] for flow in flows]), texts)
    amounts = amount_lines(added_up(flows, measure), texts)
    if amounts:
        words += " " + texts.say(key + ".money", amount=" + ".join(amounts))
    return words


def _counted(key: str, count: int, texts: Texts, **values: object) -> str:
    """A sentence about so many, or the one about nobody."""
    if count == 0:
        return texts.say(key + ".none", **values)
    return texts.count(key, count, **values)
