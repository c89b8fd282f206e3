"""What must have happened in a campaign for its silence to mean anything.

Every fault, act, reply and clock step that the specification names is counted; what never
happened proves nothing, so a zero fails the campaign.
"""

from collections import Counter

from models import crash
from tests.faults import replies

# Modules whose transactions are the engine's; each of their points must have been a crash.
DRIVEN = (
    *("climb", "climbing", "claiming", "outbox", "settle", "settling", "relaying", "returning"),
    *("duties", "door", "answer", "declarations", "nonconformity_missing", "alarming"),
    *("handing_over", "bounces"),
)
DRIVEN_SINGLY = ("nonconformities._raise_one", "record.note_refusal", "delivery.drop_old_bytes")
EXPECTED = (
    *(f"clock: forward by {step}" for step in ("minutes", "hours", "a day", "days", "weeks")),
    *(f"clock: back by {step}" for step in ("minutes", "hours", "a day")),
    *(f"database: {fault}" for fault in ("disk full", "locked database", "disk error")),
    "database: waited for",
    "process: put aside while others go on",
    *(f"process: {one} stopped and continued" for one in ("sweeper", "sender")),
    *(f"company: {gap}" for gap in ("no manager", "circle", "inactive", "no address")),
    *(f"company: {gap}" for gap in ("absent", "absent, delegate", "dead address")),
    *(f"company: no {role}" for role in ("quality", "quality_head", "top_management")),
    *(f"person: {what}" for what in ("named a delegate", "left", "lost the address")),
    "person: another manager",
    *(f"act: respond, {said}" for said in ("accept", "dispute")),
    *(f"act: agree, {said}" for said in ("agree", "refuse")),
    *(f"act: verify, {said}" for said in ("effective", "ineffective")),
    *(f"act: decide_dispute, {said}" for said in ("uphold", "overrule")),
    *(f"act: decide_extension, {said}" for said in ("grant", "refuse")),
    *("act: act", "act: decide, measure", "act: acknowledge", "act: ask_extension"),
    *("act: straight_up", "act: void", "act: finish", "act: withdraw", "act: as a delegate"),
    "act: hand_over",
    *("home: copied", "mail: sent again by hand", "sender: refused"),
    *(f"calendar: a {day}" for day in ("day off", "make-up day", "due date that moved")),
    "duty: entered past its day",
    *(f"company: {end}" for end in ("top", "own manager")),
    *("told: past the end of a chain", "step: late by days", "step: waits for an opening"),
    "step: after a hand-over",
    *(f"letter: {kind}" for kind in ("assignment", "reminder", "overdue", "escalation", "over")),
    *(f"letter: {kind}" for kind in ("straight_up", "stood_in", "extension_asked", "alarm")),
    *(f"letter: {kind}" for kind in ("extension_decided", "verification_asked", "ineffective")),
    *(f"told: level {level}" for level in range(1, 5)),
    *("told: the top again", "told: a delegate", "told: the operator"),
    *(f"passed over: {why}" for why in ("inactive", "absent", "no_address")),
    *(f"mail: {shape}" for shape in ("single", "digest", "table", "digest that lost a line")),
    *(f"mail: {end}" for end in ("sent", "dead", "cancelled", "sent twice")),
    *(f"sender: {what}" for what in ("sent", "dead", "deferred", "unsure", "cancelled")),
    *(f"returned: {what}" for what in ("gone", "full", "delayed", "automatic")),
    *(f"returned: {what}" for what in ("read again", "ended a mail")),
    *(f"sender: {what}" for what in ("returned", "fenced", "run_out", "rests_until")),
)


def of(world) -> Counter:
    """Return how often everything happened in a world that was lived."""
    found = Counter(world.happened)
    found.update({f"reply: {name}": n for name, n in world.server.replies.items()})
    found.update(world.postbox.happened)
    found.update({f"database: {kind}": n for kind, n in world.disk.met.items()})
    found.update({f"crash: {name}": n for name, n in world.crashed.items()})
    found.update(_told(world.oracle))
    found.update(world.seen_at_the_end)
    return found


def company(people, dead) -> Counter:
    """Return what is wrong with the people of a world on its first day."""
    found = Counter()
    for person in people.values():
        found["company: no manager"] += person.manager is None
        found["company: top"] += "top_management" in person.roles
        found["company: own manager"] += person.manager == person.id
        found["company: circle"] += _in_a_circle(person, people)
        found["company: inactive"] += not person.active
        found["company: no address"] += not person.address
        found["company: absent"] += person.away is not None
        found["company: absent, delegate"] += person.delegate is not None
        found["company: dead address"] += person.address in dead
    for role in ("quality", "quality_head", "top_management"):
        held = any(person.active and role in person.roles for person in people.values())
        found[f"company: no {role}"] += not held
    return found


def at_the_end(eye) -> Counter:
    """Return what the rows say that was told, and how."""
    found = Counter()
    for name, query in ROWS.items():
        for what, n in eye.execute(query):
            found[f"{name}: {what}"] += n
    return found


def missing(counts) -> list[str]:
    """Return what ought to have happened and did not."""
    wanted = [*EXPECTED, *(f"reply: {name}" for name in replies.ALL)]
    wanted += [f"crash: {name}" for name in points()]
    return [name for name in wanted if not counts[name]]


def points() -> list[str]:
    """Return the declared points at which the engine of these worlds must have been ended."""
    return sorted(
        name
        for name in crash.POINTS
        if name.split(":")[0] in DRIVEN_SINGLY or name.split(":")[0].split(".")[0] in DRIVEN
    )


def table(counts) -> str:
    """Return the counts, a kind to a paragraph."""
    known = {*EXPECTED, *(f"reply: {name}" for name in replies.ALL), *counts}
    known |= {f"crash: {name}" for name in points()}
    lines, before = [], None
    for name in sorted(known):
        kind, _, what = name.partition(": ")
        if kind != before:
            lines.append(f"{kind}")
        before = kind
        lines.append(f"  {what:52}{counts[name]:>9}")
    return "\n".join(lines)


def _told(oracle):
    found = Counter(oracle.met)
    for tell in oracle.lines.values():
        if tell.level is not None and tell.letter == "escalation":
            found[f"told: level {tell.level}"] += 1
            found["told: the top again"] += bool(tell.again)
            found["told: the operator"] += tell.person is None
        found["told: a delegate"] += tell.stands_for is not None
        for _, why in tell.passed:
            found[f"passed over: {why}"] += 1
    return found


def _in_a_circle(person, people):
    seen, at = set(), person.manager
    while at is not None and at not in seen:
        if at == person.id:
            return True
        seen.add(at)
        at = people[at].manager
    return False


ROWS = {
    "letter": "SELECT letter, count(*) FROM line GROUP BY letter",
    "mail": (
        "SELECT state, count(*) FROM notice GROUP BY state UNION ALL"
        " SELECT CASE WHEN letter IN ('digest', 'table') THEN letter ELSE 'single' END, count(*)"
        " FROM notice GROUP BY 1 UNION ALL"
        " SELECT 'digest that lost a line', count(DISTINCT n.id) FROM notice n JOIN line l"
        " ON l.notice_id = n.id WHERE l.dropped_at IS NOT NULL AND n.state = 'sent' UNION ALL"
        " SELECT 'sent twice', count(*) FROM notice WHERE copies > 0"
    ),
}
