"""What is known of clusters: what they have, and when their API servers last told something."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.tables.fields import document, instant


class AuditSource(SQLModel, table=True):
    """When a cluster's API server last told what people do there, and whether somebody was told that it is silent."""

    __tablename__ = "audit_source"

    cluster: str = Field(primary_key=True)
    heard_at: datetime | None = instant(nullable=True)
    silent_since: datetime | None = instant(nullable=True)
    told: list[str] = document(list)  # the keys of the messages that told of the silence


class ClusterReading(SQLModel, table=True):
    """What was last read of a cluster. Nothing depends on it but what admins are shown."""

    __tablename__ = "cluster_reading"

    cluster: str = Field(primary_key=True)
    read_at: datetime | None = instant(nullable=True)  # when it last answered
    trouble: str = ""  # why it did not when it was last asked
    nodes: int | None = None  # None: Berth may not list them
    cpu: float | None = None  # cores that its nodes have for pods
    memory_gib: float | None = None  # likewise GiB
    traffic_trouble: str = ""  # why its traffic could not be read when it was last asked for
