"""The post of the sample company with a relay that takes everything."""

from models.engine import reading
from models.organisation import Person
from notifications.transport import Accepted, Prepared
from processes.mail import delivery, outbox
from service.demo.people import Mailbox, newest_code


class Taken(Mailbox):
    """The real outbox; codes are read where letters arrive, as people do."""

    name = "relay.example:25"

    def __init__(self):
        self.just_taken = {}

    def send(self, at):
        outbox.gather(at, limit=1000)
        delivery.deliver(at, transport=self)

    def code(self, person_id, at):
        self.just_taken.clear()
        self.send(at)
        with reading() as session:
            return newest_code(self.just_taken[session.get_one(Person, person_id).email])

    def prepare(self, envelope):
        self.just_taken.setdefault(envelope.recipient, []).append(envelope.mime)
        return Prepared(envelope.recipient)

    def finish(self, prepared):
        return Accepted("250 taken")

    def abort(self):
        pass

    def close(self):
        pass
