"""What an alarm says (告警用语): in the house's language, so that its operator can act on it.

An alarm is a row that is mailed, listed and shown; so it is worded when it is raised. The
server's own words and a fault's are quoted as they came.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from config.current import current
from config.language import label, listed, say, show_instant

NOBODY: Final = "nobody_for_"  # and the kind of duty that nobody could be given
UNREACHABLE: Final = {
    "inactive": "has left",
    "absent": "is absent, and nobody stands in who can be told",
    "no_address": "has no mail address",
}
INSTEAD: Final = {
    "quality_head": "the head of quality",
    "top_management": "top management",
    "again": "whoever was told before",
    "chain": "the next above",
    "operator": "the operator",
}


def house() -> str:
    """Return the language in which the house is told what concerns all of it."""
    return current().settings.language


def when(at: datetime) -> str:
    """Return an instant as the house writes it."""
    return show_instant(house(), at, current().settings.zone)


def owner_unreachable(number: int | None, code: str, owner: str, reason: str) -> str:
    """The owner of a duty cannot be told of it."""
    why = say(house(), UNREACHABLE.get(reason, reason))
    sentence = "duty {number} about {code}: its owner {owner} {why}"
    return say(house(), sentence, number=number, code=code, owner=owner, why=why)


def nobody_to_tell(number: int, owner: str) -> str:
    """Not even the last resort can be told of a step."""
    sentence = "duty {number} of {owner}: nobody in the organisation could be told"
    return say(house(), sentence, number=number, owner=owner)


def chain_ends(owner: str, *, circle: bool) -> str:
    """The chain above somebody ends without top management, or runs in a circle."""
    if circle:
        sentence = (
            "the management chain above {owner} runs in a circle: the head of quality, and"
            " whoever stands above, is told"
        )
        return say(house(), sentence, owner=owner)
    sentence = (
        "the management chain ends at {owner}, and top management is not above: the head of"
        " quality, and whoever stands above, is told"
    )
    return say(house(), sentence, owner=owner)


def own_manager(code: str) -> str:
    """Somebody is entered as the own manager."""
    return say(house(), "{code} is entered as their own manager", code=code)


def not_judged(number: int, error: str) -> str:
    """A duty could not be read or judged."""
    sentence = "duty {number} could not be judged and is tried again in a day: {error}"
    return say(house(), sentence, number=number, error=error)


def nobody_decides(number: int | None) -> str:
    """An extension was asked that nobody may decide."""
    sentence = "an extension of duty {number} was asked, and nobody may decide it"
    return say(house(), sentence, number=number)


# --- mail ----------------------------------------------------------------------------------------


def refused(address: str, error: str) -> str:
    """A server refused a mail for good."""
    return say(
        house(), "mail to {address} was refused for good: {error}", address=address, error=error
    )


def set_aside(left: int, error: str) -> str:
    """The relay takes others and not these."""
    sentence = (
        "letters that the mail server does not take while it takes others: {n}; it says: {error}."
        " They are kept: `pdca resend --dead` sends them again"
    )
    return say(house(), sentence, n=left, error=error)


def relay_refuses(relay: str, since: datetime, error: str) -> str:
    """The relay speaks to us and takes no mail."""
    sentence = (
        "{relay} refuses our mail since {since}: {error}. Nothing is lost: all of it waits, and one"
        " letter asks every quarter of an hour"
    )
    return say(house(), sentence, relay=relay, since=when(since), error=error)


def the_operator() -> str:
    """Whose an address is that no person has."""
    return say(house(), INSTEAD["operator"])


def waits_for_one(name: str, address: str, since: datetime, error: str) -> str:
    """Mail to one address has waited a working day while others get theirs."""
    sentence = "mail to {name} ({address}) waits since {since}, others get theirs: {error}"
    return say(house(), sentence, name=name, address=address, since=when(since), error=error)


def suppressed(address: str, error: str) -> str:
    """Nothing is sent to an address that was refused before."""
    return say(
        house(), "nothing is sent to {address} any more: {error}", address=address, error=error
    )


def never_confirmed(address: str, times: int, error: str) -> str:
    """More than once nobody knows whether a mail was taken."""
    sentence = "mail to {address} was never confirmed, {times} times: {error}"
    return say(house(), sentence, address=address, times=times, error=error)


def came_back(address: str, error: str) -> str:
    """A mail that was taken was returned."""
    return say(house(), "mail to {address} came back: {error}", address=address, error=error)


def returned_unreadable(error: str) -> str:
    """The mailbox of returned mail cannot be read."""
    return say(house(), "returned mail cannot be read: {error}", error=error)


def not_sendable(key: str, error: str) -> str:
    """A mail cannot be rendered anew."""
    return say(house(), "mail {key} cannot be sent: {error}", key=key, error=error)


def not_a_letter(key: str, error: str) -> str:
    """A line cannot be rendered."""
    return say(house(), "line {key} could not be made into a letter: {error}", key=key, error=error)


def no_address(letter: str, name: str) -> str:
    """A letter has nowhere to go; without a name it is the operator's."""
    who = name or say(house(), INSTEAD["operator"])
    kind = label(house(), letter, "letter")
    return say(house(), "a letter ({kind}) to {who} has no address", kind=kind, who=who)


def mail_waits(minutes: int) -> str:
    """What was tried is still not taken."""
    sentence = "the oldest mail that was tried waits for {minutes} minutes: see to the mail server"
    return say(house(), sentence, minutes=minutes)


def login_refused(relay: str, error: str) -> str:
    """The relay does not let us in."""
    return say(house(), "{relay} takes no mail from us: {error}", relay=relay, error=error)


def not_safe(relay: str, error: str) -> str:
    """The relay cannot be spoken to safely."""
    sentence = "{relay} offers no connection that is safe: {error}"
    return say(house(), sentence, relay=relay, error=error)


def relay_down(relay: str, since: datetime, error: str) -> str:
    """The relay has taken nothing for longer than policy bears."""
    sentence = "{relay} has taken no mail since {since}: {error}"
    return say(house(), sentence, relay=relay, since=when(since), error=error)


# --- what the operator set -----------------------------------------------------------------------


def long_hold(flow: str, since: datetime, who: str) -> str:
    """A pause is older than a working day."""
    sentence = (
        "{flow} is on hold since {since} by {who}: nothing of it is done until it is released"
    )
    return say(house(), sentence, flow=flow, since=when(since), who=who)


def restored(why: str) -> str:
    """The database is older than this home has seen it."""
    sentence = "the database was restored: {why}. Sending is on hold: see `pdca held`"
    return say(house(), sentence, why=why)


def copied(name: str, others: str) -> str:
    """The database is another instance's: a copy of it, or a second one at work on it."""
    sentence = (
        "{name} is not the instance that this database belongs to ({others}): is it a copy?"
        " Sending is on hold: `pdca held` says what would be sent, `pdca release` makes it its own"
    )
    return say(house(), sentence, name=name, others=others)


def no_manager(manager: str | None, code: str) -> str:
    """Somebody reports to nobody we know."""
    sentence = "the manager {manager} of {code} is nobody in the organisation"
    return say(house(), sentence, manager=manager, code=code)


def circle(names: str) -> str:
    """People report to one another."""
    return say(house(), "these people report to one another: {names}", names=names)


def no_quality_head() -> str:
    """The first resort of every gap is missing."""
    return say(
        house(),
        "no quality head can be reached: gaps in the chain go to top management;"
        " give somebody with an address the role quality_head",
    )


def not_saved(name: str, error: str) -> str:
    """A file of evidence could not be written."""
    return say(house(), "{name} could not be saved: {error}", name=name, error=error)


# --- nobody to give it to ------------------------------------------------------------------------


def nobody_carries_out(code: str, planned_on: Any, role: str) -> str:
    """An activity has no owner on its day."""
    sentence = (
        "{code} is planned for {planned_on}, and nobody may be given it: name somebody for {role}"
    )
    named = label(house(), role, "role")
    return say(house(), sentence, code=code, planned_on=planned_on, role=named)


def nobody_owes(code: str, kind: str, roles: Iterable[str]) -> str:
    """A nonconformity needs a duty that nobody may be given."""
    duty = label(house(), kind, "duty_kind")
    named = listed(house(), [label(house(), role, "role") for role in roles])
    sentence = (
        "{code}: nobody may be given the duty {duty}: give somebody one of these roles: {named}"
    )
    return say(house(), sentence, code=code, duty=duty, named=named)


def nobody_approves(title: str, names: str) -> str:
    """Whoever may approve has written or reviewed it."""
    sentence = (
        "{title}: nobody of {names} may approve it: have it sent back, or let somebody else be"
        " named"
    )
    return say(house(), sentence, title=title, names=names)


def nobody_draws_up(code: str, role: str) -> str:
    """A document is due that nobody may write."""
    named = label(house(), role, "role")
    sentence = "{code}: nobody may draw it up: give somebody the role {named}"
    return say(house(), sentence, code=code, named=named)


def nobody_checks(code: str, project: str) -> str:
    """A check has nobody independent of its project."""
    sentence = "{code}: nobody independent of {project} may be given the check"
    return say(house(), sentence, code=code, project=project)


def nobody_owns(code: str, period: str) -> str:
    """A miss has nobody who could own its nonconformity."""
    sentence = "{code} missed its target in {period}: nobody active can own it"
    return say(house(), sentence, code=code, period=period)


def no_teams(programme: str, audits: Sequence[str]) -> str:
    """Audits of a programme that nobody may or can hold."""
    sentence = "{programme}: {n} audits without a team: {audits}"
    return say(house(), sentence, programme=programme, n=len(audits), audits="; ".join(audits))


def audit_hole(audit: str, what: Iterable[str]) -> str:
    """An audit was called off and nothing else covers what it was to cover."""
    sentence = "since {audit} was called off, nothing audits {what} this year"
    return say(house(), sentence, audit=audit, what=listed(house(), what))


def no_value(code: str, period: str, source: str, tries: int, error: str) -> str:
    """A source gave no value, however often it was asked."""
    sentence = "{code} of {period}: {source} gave no value in {tries} tries: {error}"
    return say(house(), sentence, code=code, period=period, source=source, tries=tries, error=error)


# --- silence -------------------------------------------------------------------------------------


def clock_silent(since: datetime | None) -> str:
    """No clock looks."""
    if since is None:
        return say(house(), "no clock has ever looked: nothing reminds or escalates")
    sentence = "no clock has looked since {since}: nothing is escalated"
    return say(house(), sentence, since=when(since))


def step_silent(number: int | None, since: datetime) -> str:
    """A step is due and is not taken."""
    sentence = "the step of duty {number} has been due since {since}"
    return say(house(), sentence, number=number, since=when(since))


def line_silent(since: datetime) -> str:
    """A line is not gathered."""
    sentence = "what was to be told at {since} was not put into a letter"
    return say(house(), sentence, since=when(since))


def relay_silent(since: datetime) -> str:
    """The relay takes nothing."""
    sentence = "the mail server has taken nothing since {since}"
    return say(house(), sentence, since=when(since))


def sender_silent(waiting: int, since: datetime) -> str:
    """Nobody sends."""
    sentence = "{waiting} mails wait, the first since {since}: nobody sends them"
    return say(house(), sentence, waiting=waiting, since=when(since))


def wheel_silent(expected: datetime, *, made: bool) -> str:
    """The daily turn did not come; `made` if the clock made it instead."""
    if made:
        sentence = "the daily turn of {expected} did not come: the clock made it"
        return say(house(), sentence, expected=when(expected))
    return say(house(), "the daily turn of {expected} did not come", expected=when(expected))


def flow_failing(name: str, times: int, error: str) -> str:
    """A part of the service fails again and again."""
    sentence = "{name} has failed {times} times in a row: {error}"
    return say(house(), sentence, name=name, times=times, error=error)


def prefect_down(since: datetime) -> str:
    """The witness does not answer."""
    return say(house(), "Prefect's API does not answer since {since}", since=when(since))


def nothing_scheduled() -> str:
    """The witness answers and lays out nothing."""
    return say(
        house(),
        "Prefect has scheduled no run: see its log, and the versions of FastAPI and SQLAlchemy",
    )


def disowned(number: int, person: str) -> str:
    """An answer stands that its person did not give: others had gone on from it."""
    sentence = (
        "duty {number}: {person} did not give the answer that stands, and others have gone on"
        " from it: correct it together"
    )
    return say(house(), sentence, number=number, person=person)


def wrong_clock(sentence: str, at: datetime, known: datetime) -> str:
    """What the machine calls now cannot be so."""
    return say(house(), sentence, at=when(at), known=when(known))


def by_wrong_clock(at: datetime) -> str:
    """What is written on a letter that a wrong clock has sent."""
    return say(house(), "sent by a wrong clock, which said {at}", at=when(at))
