"""The server's connection to the broker: publish and be sure, listen, and keep the boxes' accounts there.

paho-mqtt over MQTT 5. Accounts are kept by Mosquitto's dynamic-security plugin, which is spoken to by messages on its
control topic; each box has one client and one role that names its topics literally (the plugin of Mosquitto 2.0.11
does not expand `%u`). Nothing here knows a table.
"""

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from contentserver.boxes import BrokerAccount
from contentserver.kernel.errors import BrokerUnavailable

CONTROL = "$CONTROL/dynamic-security/v1"
CONTROL_ANSWER = f"{CONTROL}/response"
SESSION_EXPIRY_S = 7 * 24 * 3600
CONFIRM_TIMEOUT_S = 10.0
_MAY_SHARE = {
    "command": "addRoleACL",
    "rolename": "contentserver",
    "acltype": "subscribePattern",
    "topic": "$share/ingest/yj/#",
    "priority": 0,
    "allow": True,
}
"""The plugin takes the name of a shared subscription for a topic, which a broker of an older release does not allow;
where it is allowed this is refused, otherwise the connection is cut once."""

log = structlog.get_logger()


class Broker:
    """One connection. Callbacks come on paho's thread; keep them short."""

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        password: str,
        client_id: str,
        *,
        lasting: bool = True,
        authority: str = "",
    ) -> None:
        """Nothing is connected before `start`.

        Args:
            authority: file of who signed the broker's certificate; empty without TLS.
            lasting: the broker keeps for a week what comes while this client is away. Not for one that shares a
                subscription and may never come back: its share would wait for it.
        """
        self._address, self._lasting = (host, port), lasting
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(username, password)
        if authority:
            self._client.tls_set(ca_certs=authority)
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        self._client.max_inflight_messages_set(1000)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._message
        self._subscriptions: tuple[str, ...] = ()
        self._on_message: Callable[[str, bytes], None] = lambda _topic, _payload: None
        self._on_connect: Callable[[], None] = lambda: None
        self._answers: dict[str, dict[str, Any]] = {}
        self._asked = itertools.count()
        self._answered = threading.Condition()
        self.connected = threading.Event()

    def start(
        self,
        subscriptions: Sequence[str],
        on_message: Callable[[str, bytes], None],
        on_connect: Callable[[], None],
    ) -> None:
        """Connect, and stay connected; `on_connect` is called after every (re)connection."""
        self._subscriptions = (*subscriptions, CONTROL_ANSWER)
        self._on_message, self._on_connect = on_message, on_connect
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if self._lasting else 0
        clean = not self._lasting
        self._client.connect_async(*self._address, keepalive=30, clean_start=clean, properties=properties)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect; what is shared goes to the others from now on, although the session lasts."""
        for topic in self._subscriptions:
            if topic.startswith("$share/"):
                self._client.unsubscribe(topic)
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool, qos: int = 1) -> mqtt.MQTTMessageInfo:
        """Hand a message over; at QoS 1 give the answer to `confirm` to wait for the broker's word."""
        return self._client.publish(topic, payload, qos=qos, retain=retain)

    def confirm(self, info: mqtt.MQTTMessageInfo) -> None:
        """Wait for the broker's word about a message.

        Raises:
            BrokerUnavailable: none came in ten seconds.
        """
        try:
            info.wait_for_publish(CONFIRM_TIMEOUT_S)
        except (RuntimeError, ValueError) as error:
            raise BrokerUnavailable(str(error)) from error
        if not info.is_published():
            raise BrokerUnavailable("the broker did not confirm")

    def keep_accounts(self, accounts: Sequence[BrokerAccount]) -> None:
        """Make or renew the clients and roles of some boxes, all in one message: a hundred at a time are enough.

        Raises:
            BrokerUnavailable: the broker did not answer or refused.
        """
        for kind, body in (("Role", _role), ("Client", _client)):
            bodies = [body(account) for account in accounts]
            made = self._ask([{"command": f"create{kind}", **one} for one in bodies], tolerate="already exists")
            there = [one for one, new in zip(bodies, made, strict=True) if not new]
            self._ask([{"command": f"modify{kind}", **one} for one in there])

    def keep_bridge(self, username: str, password: str, publish: Sequence[str], read: Sequence[str]) -> None:
        """Make or renew the account by which another broker comes, with topics that may hold wildcards.

        Raises:
            BrokerUnavailable: the broker did not answer or refused.
        """
        sends = [{"acltype": "publishClientSend", "topic": topic, "allow": True} for topic in publish]
        reads = [
            {"acltype": kind, "topic": topic, "allow": True}
            for kind in ("subscribePattern", "publishClientReceive")
            for topic in read
        ]
        role = {"rolename": username, "acls": sends + reads}
        roles = [{"rolename": username}]
        client = {"username": username, "password": password, "clientid": username, "roles": roles}
        for kind, body in (("Role", role), ("Client", client)):
            if not self._ask([{"command": f"create{kind}", **body}], tolerate="already exists")[0]:
                self._ask([{"command": f"modify{kind}", **body}])

    def account_names(self) -> frozenset[str]:
        """The names of all accounts that the broker knows.

        Raises:
            BrokerUnavailable: it did not answer.
        """
        (answer,) = self._answers_to([{"command": "listClients", "count": -1, "offset": 0}])
        return frozenset(answer.get("data", {}).get("clients", ()))

    def drop_account(self, username: str) -> None:
        """Remove a box's client and role; the broker cuts its connection."""
        commands = [
            {"command": "deleteClient", "username": username},
            {"command": "deleteRole", "rolename": username},
        ]
        self._ask(commands, tolerate="not found")

    def _ask(self, commands: Sequence[dict[str, Any]], tolerate: str = "") -> list[bool]:
        """Send control commands in one message; for each, whether it succeeded.

        A tolerated error gives False, any other raises.
        """
        errors = [str(answer.get("error", "")) for answer in self._answers_to(commands)]
        for command, error in zip(commands, errors, strict=True):
            if error and not (tolerate and tolerate in error.lower()):
                raise BrokerUnavailable(f"{command['command']}: {error}")
        return [not error for error in errors]

    def _answers_to(self, commands: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        if not commands:
            return []
        asked = next(self._asked)
        keys = [f"{asked}-{place}" for place in range(len(commands))]
        numbered = [{**one, "correlationData": key} for one, key in zip(commands, keys, strict=True)]
        self._client.publish(CONTROL, msgspec.json.encode({"commands": numbered}), qos=1)
        with self._answered:
            if not self._answered.wait_for(lambda: keys[-1] in self._answers, CONFIRM_TIMEOUT_S):
                raise BrokerUnavailable(f"no answer to {commands[0]['command']}")
            return [self._answers.pop(key, {}) for key in keys]

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.error("broker.refused", reason=str(reason))
            return
        client.publish(CONTROL, msgspec.json.encode({"commands": [_MAY_SHARE]}), qos=1)
        for topic in self._subscriptions:
            client.subscribe(topic, qos=1)
        self.connected.set()
        log.info("broker.connected")
        self._on_connect()

    def _disconnected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected.clear()
        log.warning("broker.disconnected", reason=str(reason))

    def _message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic != CONTROL_ANSWER:
            self._on_message(message.topic, bytes(message.payload))
            return
        for answer in msgspec.json.decode(message.payload).get("responses", []):
            with self._answered:
                self._answers[answer.get("correlationData", "")] = answer
                self._answered.notify_all()


def _role(account: BrokerAccount) -> dict[str, Any]:
    acls = [{"acltype": "publishClientSend", "topic": topic, "allow": True} for topic in account.publish]
    acls += [{"acltype": "subscribeLiteral", "topic": topic, "allow": True} for topic in account.read]
    acls += [{"acltype": "publishClientReceive", "topic": topic, "allow": True} for topic in account.read]
    return {"rolename": account.username, "acls": acls}


def _client(account: BrokerAccount) -> dict[str, Any]:
    return {
        "username": account.username,
        "password": account.password,
        "clientid": account.username,
        "roles": [{"rolename": account.username}],
    }
