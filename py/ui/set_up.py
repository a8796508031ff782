"""The steps that prepare a portal for the app, as the engine tells of them (protocol 2, event
``set_up``); pure.
"""

from typing import Any

from ui.texts import Texts

STEPS = ("scopes", "marks", "storage", "deletions", "placements")
PENDING = "pending"
TROUBLES = ("refused", "missing_scope")
WORDS_LENGTH = 300
NEEDED_SCOPE = "crm"
"""Without this one the app can do nothing at all; the others each carry one convenience."""


class SetUp:
    """One event ``set_up``, or what is ahead before there is any."""

    def __init__(self, facts: dict[str, Any] | None = None) -> None:
        facts = {} if facts is None else facts
        self.begun = bool(facts.get("steps"))
        self.steps: list[dict[str, Any]] = facts.get("steps") or [
            {"code": code, "state": PENDING} for code in STEPS
        ]

    @property
    def troubled(self) -> bool:
        """Whether something could not be prepared."""
        return any([step["state"] in TROUBLES for step in self.steps])

    @property
    def ready(self) -> bool:
        """Whether everything is prepared."""
        return self.begun and not self.troubled

    @property
    def may_finish(self) -> bool:
        """Whether the app can work: everything is prepared but what it can do without."""
        return self.begun and NEEDED_SCOPE not in self._missing_scopes()

    def _missing_scopes(self) -> list[str]:
        return [scope for step in self.steps for scope in scopes_of(step)]


def scopes_of(step: dict[str, Any]) -> list[str]:
    """Permissions that a step misses."""
    if step["state"] != "missing_scope":
        return []
    return [str(scope) for scope in (step.get("params") or {}).get("scopes") or []]


def step_title(step: dict[str, Any], texts: Texts) -> str:
    """What a step does."""
    key = "set_up.step." + str(step["code"])
    return texts.say(key) if texts.has(key) else str(step["code"])


def step_lines(step: dict[str, Any], texts: Texts) -> list[str]:
    """Why a step is made, or what went wrong with it, what to do and what does not work without."""
    key = "set_up.step." + str(step["code"])
    if step["state"] not in TROUBLES:
        return [texts.say(key + ".for")] if texts.has(key + ".for") else []
    scopes = scopes_of(step)
    if step["code"] == "scopes" and scopes:
        told = [texts.say("set_up.tick", boxes=_boxes(scopes, texts))]
        keys = ["scope." + scope + ".without" for scope in scopes]
        return told + [texts.say(key) for key in keys if texts.has(key)]
    if scopes:
        told = [texts.say("set_up.needs", boxes=_boxes(scopes, texts))]
    else:
        told = _refusal(step, texts)
    return told + ([texts.say(key + ".without")] if texts.has(key + ".without") else [])


def step_state(step: dict[str, Any], texts: Texts) -> str:
    """The state of a step in a word."""
    key = "set_up.state." + str(step["state"])
    return texts.say(key if texts.has(key) else "set_up.state.pending")


def _boxes(scopes: list[str], texts: Texts) -> str:
    """The permissions as the app's settings call them."""
    keys = ["scope." + scope for scope in scopes]
    names = [texts.say(keys[i]) if texts.has(keys[i]) else scopes[i] for i in range(len(scopes))]
    return ", ".join([texts.say("set_up.quoted", text=name) for name in names])


def _refusal(step: dict[str, Any], texts: Texts) -> list[str]:
    reason = str(step.get("reason"))
    words = str((step.get("params") or {}).get("words") or "")
    if texts.has("set_up.reason." + reason):
        return [texts.say("set_up.reason." + reason)]
    if texts.has("marks.reason." + reason):
        return [
            texts.say("marks.reason." + reason) + ".",
            texts.say("marks.reason." + reason + ".advice"),
        ]
    told = [texts.say("set_up.reason.portal_refused")]
    if words:
        told.append(texts.say("marks.portal_words", words=words[:WORDS_LENGTH]))
    return told
