"""A transport that remembers instead of sending, and answers what the test says."""

from collections import deque

from notifications.transport import Accepted, Envelope, Prepared


class Recorder:
    """`outcomes` are given in turn, then everything is accepted.

    A tuple (stage, outcome) with stage "prepare" or "finish" says where; `sent` has what was
    accepted. An exception instead of an outcome is raised there, as a crash would be.
    """

    def __init__(self, *outcomes, name="relay.example:25"):
        self.name = name
        self.outcomes = deque(outcomes)
        self.sent: list[Envelope] = []
        self.prepared: list[Envelope] = []
        self.aborted = 0
        self.closed = False

    def prepare(self, envelope):
        self.prepared.append(envelope)
        return self._answer("prepare", envelope, Prepared(envelope.recipient))

    def finish(self, prepared):
        envelope = self.prepared[-1]
        answer = self._answer("finish", envelope, None)
        if answer is None or isinstance(answer, Accepted):
            self.sent.append(envelope)
        return answer or Accepted("kept")

    def abort(self):
        self.aborted += 1

    def close(self):
        self.closed = True

    @property
    def recipients(self):
        return [envelope.recipient for envelope in self.sent]

    def _answer(self, stage, envelope, otherwise):
        if not self.outcomes:
            return otherwise
        where, outcome = self.outcomes[0]
        if where != stage:
            return otherwise
        self.outcomes.popleft()
        if isinstance(outcome, BaseException):
            raise outcome
        if callable(outcome):
            return outcome(envelope)
        return outcome
