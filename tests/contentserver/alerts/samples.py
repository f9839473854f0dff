"""CAP files and alerts for the tests, after the examples of the standard (CAP-v1.2-os, appendix A)."""

from datetime import timedelta
from typing import Any

from contentserver.alerts.rules import AlertWords
from schedules.wire.messages import AlertKind, Severity, Urgency
from tests.contentserver.conftest import NOW, VILLAGE

INFO = """
  <info>
    <language>{language}</language>
    <category>Met</category>
    <event>{event}</event>
    <responseType>Shelter</responseType>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Observed</certainty>
    <eventCode><valueName>OET</valueName><value>11B05</value></eventCode>
    <effective>2026-11-23T18:50:00+08:00</effective>
    <expires>{expires}</expires>
    <senderName>石嘴山市气象台</senderName>
    <headline>{headline}</headline>
    <description>{description}</description>
    <instruction>{instruction}</instruction>
    <area><areaDesc>{area}</areaDesc>{geocode}</area>
  </info>"""


def info(**changes: str) -> str:
    """One info block."""
    usual = {
        "language": "zh-CN",
        "event": "冰雹",
        "expires": "2026-11-23T21:30:00+08:00",
        "headline": "冰雹红色预警",
        "description": "19:50 到 21:30，马场村一带有冰雹。",
        "instruction": "1. 马上进屋，关好门窗。\n2. 牛羊赶进圈。\n3. 别在树下躲。",
        "area": "平罗县",
        "geocode": "<geocode><valueName>AreaCode</valueName><value>640221000000</value></geocode>",
    }
    return INFO.format(**{**usual, **changes})


def cap(*infos: str, head: str = "", **changes: str) -> bytes:
    """A CAP 1.2 file."""
    usual = {
        "identifier": "SZS-20261123-001",
        "sender": "weather@shizuishan.example",
        "sent": "2026-11-23T18:46:00+08:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
        "references": "",
    }
    fields = {**usual, **changes}
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"{elements}{''.join(infos or (info(),)) if fields['msgType'] != 'Cancel' else ''.join(infos)}</alert>"
    )
    return text.encode()


def words(**changes: Any) -> AlertWords:
    """An alert as somebody writes it."""
    usual: dict[str, Any] = {
        "kind": AlertKind.HAIL,
        "headline": "冰雹红色预警",
        "description": "马场村一带有冰雹。",
        "instructions": ("马上进屋，关好门窗", "牛羊赶进圈"),
        "sender_name": "石嘴山市气象台",
        "severity": Severity.EXTREME,
        "urgency": Urgency.IMMEDIATE,
        "effective": None,
        "expires": NOW + timedelta(hours=2),
        "regions": (VILLAGE,),
    }
    return AlertWords(**{**usual, **changes})
