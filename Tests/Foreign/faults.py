"""The faults that the foreign playground can be given, one at a time, so that a replay can be shown to find them."""

FAULTS = {
    # acknowledgements
    "ack-changed": "the ack of `echo` carries other values",
    "ack-missing": "the ack of `echo` never comes",
    "ack-extra-argument": "the ack of `echo` carries one value more",
    "nickname-unconfirmed": "the ack of `set nickname` says false",
    # who receives a broadcast
    "recipient-left-out": "`cast` leaves out the member that joined last",
    "sender-left-out": "`cast` leaves out the sender",
    "sender-included": "`shout` comes back to the sender",
    "wrong-room": "`cast` goes to everyone in the namespace",
    "leave-ignored": "after `leave` the socket still receives what is cast to the room",
    "dm-to-everyone": "`dm` goes to every socket but the sender",
    # what an event carries
    "field-renamed": "`chat message` calls its `text` field `body`",
    "field-missing": "`chat message` has no `from`",
    "field-added": "`chat message` has one field more",
    "value-changed": "`chat message` comes in capital letters",
    "number-as-string": "`message-back` carries numbers as text",
    "argument-dropped": "`message-back` loses its last argument",
    "binary-changed": "`message-back` flips one bit of each attachment",
    "binary-as-text": "`message-back` carries base64 text where binary was sent",
    "nickname-ignored": "`chat message` says `from` the socket's id although there is a nickname",
    "dm-wrong-sender": "`dm` names the receiver as its sender",
    "auth-lost": "`auth` carries `{}` whatever the client sent",
    "rooms-unsorted": "the lists of rooms come in the opposite order",
    "answer-changed": "`answer` carries other values than the client acked",
    # which events come
    "event-doubled": "`message-back` comes twice",
    "event-missing": "`message-back` never comes",
    "event-renamed": "`message-back` is called `message_back`",
    "event-moved": "`message-back` comes in the namespace `/` wherever the client is",
    "extra-event": "`join` is followed by an event `joined` that nobody asked for",
    "order-swapped": "of two `message` in a row the second is answered first",
    "auth-missing": "`auth` is not emitted",
    "ready-missing": "`set nickname` emits no `ready`",
    "question-unasked": "`ask` emits no `question`",
    # tickets
    "ticket-refused": "`redeem` says false to a good ticket",
    "ticket-reusable": "`redeem` says true twice",
    # connecting and disconnecting
    "refusal-missing": "`/private` lets everyone in",
    "refusal-changed": "`/private` refuses with code 403",
    "refusal-without-data": "`/private` refuses without data",
    "token-refused": "`/private` refuses the right token too",
    "namespace-missing": "`/custom` is not there",
    "namespace-open": "unknown namespaces are accepted",
    "disconnect-missing": "`kick` does nothing",
    "disconnect-unasked": "`time` is answered, then the socket is disconnected",
    "connection-dropped": "`kick` closes the connection without a word",
}
