"""The portal's tables and their walls."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.core.db import BigId, Json, Moment
from portal.core.rls import Wall, raise_walls

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


WALLS = (
    Wall("answer", "owned"),
    Wall("area"),
    Wall("area_load", changes=()),
    Wall("attachment", "owned", vendor_key="vendor_id"),
    Wall("blob"),
    Wall("calendar_day"),
    Wall("category"),
    Wall("checklist"),
    Wall("checklist_item"),
    Wall("closed_day", "owned"),
    Wall("closure"),
    Wall("control_record", "owned"),
    Wall("device"),
    Wall("door"),
    Wall("errand"),
    Wall("failed_sign_in"),
    Wall("function"),
    Wall("house_item", "housed"),
    Wall("journal_line", changes=("seal_id",)),
    Wall("journal_seal", changes=()),
    Wall("kept_form"),
    Wall("market", "owned"),
    Wall("market_move", "owned", changes=("company_id", "community_code", "town_code")),
    Wall("market_serial"),
    Wall("membership"),
    Wall("not_applicable", "housed"),
    Wall("notice"),
    Wall("occupancy", "owned", vendor_key="vendor_id"),
    Wall("occurrence", "owned"),
    Wall("once"),
    Wall("one_time_link"),
    Wall("organisation"),
    Wall("organisation_function"),
    Wall("paper", "owned", vendor_key="vendor_id"),
    Wall("paper_kind"),
    Wall("paper_warning", "owned", changes=("company_id", "community_code", "town_code")),
    Wall("person"),
    Wall("plan_line", "owned"),
    Wall("post", "housed"),
    Wall("recovery_code"),
    Wall("sheet", "owned", changes=("company_id", "community_code", "town_code")),
    Wall("sign_in"),
    Wall("stall", "owned"),
    Wall("submission", "owned", changes=("company_id", "community_code", "town_code")),
    Wall("trade"),
    Wall("vendor", "owned", vendor_key="id"),
    Wall("zone", "owned"),
)


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "city",
                "town",
                "community",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_code", sa.String(length=12), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("successor_code", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["area.code"], name=op.f("fk_area_parent_code")),
        sa.ForeignKeyConstraint(["successor_code"], ["area.code"], name=op.f("fk_area_successor_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "area_load",
        sa.Column("id", BigId, nullable=False),
        sa.Column("loaded_at", Moment(), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("added_count", sa.Integer(), nullable=False),
        sa.Column("renamed_count", sa.Integer(), nullable=False),
        sa.Column("retired_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_load")),
    )
    op.create_table(
        "blob",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", BigId, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256_in", sa.String(length=64), nullable=False),
        sa.Column("thumb_sha256", sa.String(length=64), nullable=True),
        sa.Column("phash", sa.String(length=16), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("photo", "document", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("missing_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blob")),
        sa.UniqueConstraint(
            "company_id", "sha256", "sha256_in", name=op.f("uq_blob_company_id_sha256_sha256_in")
        ),
    )
    with op.batch_alter_table("blob", schema=None) as batch_op:
        batch_op.create_index("ix_blob_history", ["company_id", "kind", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_blob_missing_since"), ["missing_since"], unique=False)
        batch_op.create_index(batch_op.f("ix_blob_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_blob_thumb_sha256"), ["thumb_sha256"], unique=False)

    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "category",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("function_code", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
    )
    op.create_table(
        "checklist",
        sa.Column("id", BigId, nullable=False),
        sa.Column(
            "code",
            sa.Enum(
                "core",
                "wet",
                "clothing",
                "building",
                "food",
                name="listcode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("issuer_id", BigId, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="liststate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("drafter_ids", Json, nullable=False),
        sa.Column("drafted_at", Moment(), nullable=False),
        sa.Column("published_by_id", BigId, nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint("code", "version_no", name=op.f("uq_checklist_code_version_no")),
    )
    op.create_table(
        "closure",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("issuer_id", BigId, nullable=False),
        sa.Column("issued_by_id", BigId, nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.create_index("ix_closure_area", ["area_code", "from_on"], unique=False)

    op.create_table(
        "door",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("vendor_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_door_token_hash")),
    )
    with op.batch_alter_table("door", schema=None) as batch_op:
        batch_op.create_index("ix_door_subject", ["opens", "subject_id"], unique=False)

    op.create_table(
        "errand",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("sight", sa.String(length=20), nullable=False),
        sa.Column("reach_key", sa.String(length=60), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "done",
                "parked",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("leased_until", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sa.UniqueConstraint("name", "key", name=op.f("uq_errand_name_key")),
    )
    with op.batch_alter_table("errand", schema=None) as batch_op:
        batch_op.create_index("ix_errand_due", ["status", "due_at"], unique=False)

    op.create_table(
        "failed_sign_in",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "password",
                "code",
                "pin",
                name="failurekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_in")),
    )
    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.create_index("ix_failed_sign_in_account", ["account", "source", "at"], unique=False)
        batch_op.create_index("ix_failed_sign_in_address", ["address", "at"], unique=False)
        batch_op.create_index("ix_failed_sign_in_at", ["at"], unique=False)

    op.create_table(
        "function",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("level_note", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_function")),
    )
    op.create_table(
        "house_item",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("set_by_id", BigId, nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=240), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("slots", Json, nullable=False),
        sa.Column(
            "rotation",
            sa.Enum(
                "none",
                "zone",
                "sample",
                name="rotation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "tick",
                "number",
                "count",
                "choice",
                "date",
                "text",
                "scan",
                name="itemkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("low", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("high", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("is_low_inclusive", sa.Boolean(), nullable=False),
        sa.Column("is_high_inclusive", sa.Boolean(), nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("target_note", sa.Text(), nullable=False),
        sa.Column("evidence_pass", sa.String(length=20), nullable=False),
        sa.Column("evidence_fail", sa.String(length=20), nullable=False),
        sa.Column("phrases", Json, nullable=False),
        sa.Column("category", sa.String(length=8), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("minor", "serious", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("may_be_major", sa.Boolean(), nullable=False),
        sa.Column("hazard_code", sa.String(length=12), nullable=False),
        sa.Column("function_code", sa.String(length=40), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("criterion_en", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("provenance", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_item")),
        sa.UniqueConstraint(
            "company_id", "market_id", "code", name=op.f("uq_house_item_company_id_market_id_code")
        ),
    )
    with op.batch_alter_table("house_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_house_item_company_id"), ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_house_item_market_id"), ["market_id"], unique=False)

    op.create_table(
        "journal_seal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_seal")),
        sa.UniqueConstraint("digest", name=op.f("uq_journal_seal_digest")),
    )
    op.create_table(
        "market",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "wet",
                "clothing",
                "building",
                "food",
                "mixed",
                name="marketkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opener_name", sa.String(length=120), nullable=False),
        sa.Column("opener_uscc", sa.String(length=18), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.Column("area_m2", sa.Numeric(precision=9, scale=1), nullable=True),
        sa.Column("floors_up", sa.Integer(), nullable=True),
        sa.Column("floors_down", sa.Integer(), nullable=True),
        sa.Column("is_key_unit", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "closed", name="marketstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'closed' OR closed_on IS NOT NULL", name=op.f("ck_market_closed_has_a_day")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_market_company_id_code")),
    )
    with op.batch_alter_table("market", schema=None) as batch_op:
        batch_op.create_index("ix_market_code", ["code"], unique=False)
        batch_op.create_index("ix_market_community", ["community_code", "code"], unique=False)
        batch_op.create_index("ix_market_town", ["town_code", "code"], unique=False)

    op.create_table(
        "market_serial",
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", name=op.f("pk_market_serial")),
    )
    op.create_table(
        "not_applicable",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("item_code", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("set_by_id", BigId, nullable=False),
        sa.Column("set_by_name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_applicable")),
    )
    with op.batch_alter_table("not_applicable", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_not_applicable_company_id"), ["company_id"], unique=False)
        batch_op.create_index("ix_not_applicable_market", ["company_id", "market_id"], unique=False)

    op.create_table(
        "once",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_once")),
    )
    with op.batch_alter_table("once", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_once_at"), ["at"], unique=False)

    op.create_table(
        "paper_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column(
            "holder",
            sa.Enum(
                "vendor",
                "person",
                "equipment",
                "market",
                name="holder",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("validity_months", sa.Integer(), nullable=True),
        sa.Column("warn_days", Json, nullable=False),
        sa.Column(
            "warn_unit",
            sa.Enum(
                "calendar", "working", name="warnunit", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("renewal_note", sa.String(length=200), nullable=False),
        sa.Column("after_expiry_note", sa.String(length=200), nullable=False),
        sa.Column("hazard_code", sa.String(length=20), nullable=True),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("provenance", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_paper_kind")),
    )
    op.create_table(
        "person",
        sa.Column("id", BigId, nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.String(length=200), nullable=True),
        sa.Column("totp_pending", sa.String(length=200), nullable=True),
        sa.Column("totp_confirmed_at", Moment(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("is_large", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("phone", name=op.f("uq_person_phone")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "trade",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("required_papers", Json, nullable=False),
        sa.Column("counts_in_permit_rate", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_trade")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("vendor_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_kind", sa.String(length=60), nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("part", sa.String(length=60), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "found",
                "before",
                "after",
                "paper",
                "material",
                "result",
                "plan",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("blob_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("by_person_id", BigId, nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("taken_at", Moment(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_attachment_blob_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint(
            "company_id",
            "owner_kind",
            "owner_id",
            "part",
            "role",
            "blob_id",
            name=op.f("uq_attachment_company_id_owner_kind_owner_id_part_role_blob_id"),
        ),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_blob_id"), ["blob_id"], unique=False)
        batch_op.create_index("ix_attachment_owner", ["owner_kind", "owner_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_vendor_id"), ["vendor_id"], unique=False)

    op.create_table(
        "checklist_item",
        sa.Column("id", BigId, nullable=False),
        sa.Column("checklist_id", BigId, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=240), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("slots", Json, nullable=False),
        sa.Column(
            "rotation",
            sa.Enum(
                "none",
                "zone",
                "sample",
                name="rotation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "tick",
                "number",
                "count",
                "choice",
                "date",
                "text",
                "scan",
                name="itemkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("low", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("high", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("is_low_inclusive", sa.Boolean(), nullable=False),
        sa.Column("is_high_inclusive", sa.Boolean(), nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("target_note", sa.Text(), nullable=False),
        sa.Column("evidence_pass", sa.String(length=20), nullable=False),
        sa.Column("evidence_fail", sa.String(length=20), nullable=False),
        sa.Column("phrases", Json, nullable=False),
        sa.Column("category", sa.String(length=8), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("minor", "serious", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("may_be_major", sa.Boolean(), nullable=False),
        sa.Column("hazard_code", sa.String(length=12), nullable=False),
        sa.Column("function_code", sa.String(length=40), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("criterion_en", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("provenance", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist_id"], ["checklist.id"], name=op.f("fk_checklist_item_checklist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_item")),
        sa.UniqueConstraint("checklist_id", "code", name=op.f("uq_checklist_item_checklist_id_code")),
    )
    op.create_table(
        "closed_day",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("set_by_id", BigId, nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_closed_day_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_day")),
    )
    with op.batch_alter_table("closed_day", schema=None) as batch_op:
        batch_op.create_index("ix_closed_day_market", ["company_id", "market_id", "from_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_closed_day_market_id"), ["market_id"], unique=False)

    op.create_table(
        "control_record",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "daily",
                "weekly",
                "monthly",
                "patrol",
                name="recordkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("period_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "forming", "signed", name="recordstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("content", Json, nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("formed_at", Moment(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("signed_by_id", BigId, nullable=True),
        sa.Column("signed_by_name", sa.String(length=80), nullable=False),
        sa.Column("signed_as", sa.String(length=40), nullable=False),
        sa.Column("signed_with", sa.String(length=20), nullable=False),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'signed' OR signed_by_id IS NOT NULL", name=op.f("ck_control_record_signed_by_somebody")
        ),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_control_record_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_record")),
        sa.UniqueConstraint(
            "company_id",
            "market_id",
            "kind",
            "period_on",
            name=op.f("uq_control_record_company_id_market_id_kind_period_on"),
        ),
        sa.UniqueConstraint("digest", name=op.f("uq_control_record_digest")),
    )
    with op.batch_alter_table("control_record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_control_record_community", ["community_code", "kind", "period_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_control_record_market_id"), ["market_id"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("remembered_until", Moment(), nullable=True),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_device_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_person_id"), ["person_id"], unique=False)

    op.create_table(
        "journal_line",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", BigId, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("seal_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(["seal_id"], ["journal_seal.id"], name=op.f("fk_journal_line_seal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_line")),
    )
    with op.batch_alter_table("journal_line", schema=None) as batch_op:
        batch_op.create_index("ix_journal_line_subject", ["subject_kind", "subject_id", "id"], unique=False)
        batch_op.create_index(
            "ix_journal_line_unsealed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("seal_id IS NULL"),
            postgresql_where=sa.text("seal_id IS NULL"),
        )

    op.create_table(
        "kept_form",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("path", sa.String(length=800), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("files", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_form_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kept_form_token_hash")),
    )
    with op.batch_alter_table("kept_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_form_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_form_person_id"), ["person_id"], unique=False)

    op.create_table(
        "market_move",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("from_community_code", sa.String(length=12), nullable=False),
        sa.Column("to_community_code", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("moved_by", sa.String(length=80), nullable=False),
        sa.Column("moved_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_market_move_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_move")),
    )
    with op.batch_alter_table("market_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_market_move_market_id"), ["market_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("digest_key", sa.String(length=120), nullable=True),
        sa.Column("once_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("told_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person_id", "digest_key", name=op.f("uq_notice_person_id_digest_key")),
        sa.UniqueConstraint("person_id", "once_key", name=op.f("uq_notice_person_id_once_key")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_inbox", ["person_id", "read_at", "told_at"], unique=False)
        batch_op.create_index("ix_notice_told", ["told_at"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "invite", "reset", name="linkpurpose", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("by_person_id", BigId, nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "company",
                "community",
                "town",
                "department",
                "city",
                "platform",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("short_name", sa.String(length=30), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind != 'community' OR length(area_code) = 12",
            name=op.f("ck_organisation_community_in_community"),
        ),
        sa.CheckConstraint(
            "kind != 'company' OR length(area_code) = 12", name=op.f("ck_organisation_company_in_community")
        ),
        sa.CheckConstraint(
            "kind != 'town' OR length(area_code) = 9", name=op.f("ck_organisation_town_in_town")
        ),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_organisation_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index("ix_organisation_list", ["area_code", "id"], unique=False)

    op.create_table(
        "plan_line",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "slot",
            sa.Enum(
                "opening",
                "patrol",
                "closing",
                "daily",
                "weekly",
                "monthly",
                "quarterly",
                "yearly",
                "event",
                name="slot",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("day_shift", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("weekdays", Json, nullable=False),
        sa.Column("day_of_month", sa.Integer(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("set_by_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_plan_line_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_line")),
    )
    with op.batch_alter_table("plan_line", schema=None) as batch_op:
        batch_op.create_index("ix_plan_line_market", ["company_id", "market_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_line_market_id"), ["market_id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "head",
                "safety_manager",
                "food_safety_officer",
                "food_safety_director",
                "tester",
                "metrologist",
                "patroller",
                "service_clerk",
                name="postkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_post_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_post_market_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_company_id"), ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_market_id"), ["market_id"], unique=False)
        batch_op.create_index("ix_post_person", ["person_id", "market_id"], unique=False)
        batch_op.create_index(
            "uq_post_held",
            ["company_id", "market_id", "person_id", "kind"],
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )

    op.create_table(
        "recovery_code",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sheet",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "slot",
            sa.Enum(
                "opening",
                "patrol",
                "closing",
                "daily",
                "weekly",
                "monthly",
                "quarterly",
                "yearly",
                "event",
                name="slot",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("skipped", Json, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_sheet_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint(
            "company_id", "market_id", "digest", name=op.f("uq_sheet_company_id_market_id_digest")
        ),
    )
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_market_id"), ["market_id"], unique=False)

    op.create_table(
        "vendor",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "enterprise",
                "individual",
                "cooperative",
                "own_produce",
                "unlicensed",
                name="vendorkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("keeper_name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("id_sealed", sa.String(length=200), nullable=True),
        sa.Column("id_last4", sa.String(length=4), nullable=True),
        sa.Column("trade_codes", Json, nullable=False),
        sa.Column("goods", sa.String(length=400), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "uscc IS NOT NULL OR kind IN ('own_produce', 'unlicensed')", name=op.f("ck_vendor_known_by_code")
        ),
        sa.CheckConstraint(
            "uscc IS NULL OR id_sealed IS NULL", name=op.f("ck_vendor_identity_only_without_code")
        ),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_vendor_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor")),
        sa.UniqueConstraint(
            "company_id", "market_id", "uscc", name=op.f("uq_vendor_company_id_market_id_uscc")
        ),
    )
    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.create_index("ix_vendor_name", ["market_id", "name", "id"], unique=False)

    op.create_table(
        "zone",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "wet",
                "clothing",
                "building",
                "food",
                "mixed",
                name="marketkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("floor", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_zone_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint(
            "company_id", "market_id", "code", name=op.f("uq_zone_company_id_market_id_code")
        ),
    )
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.create_index("ix_zone_order", ["market_id", "position"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "platform_admin",
                "auditor",
                "city_officer",
                "department_officer",
                "town_dispatcher",
                "community_dispatcher",
                "grid_officer",
                "market_manager",
                "patroller",
                "service_clerk",
                "vendor",
                "system",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("vendor_id", BigId, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("by_person_id", BigId, nullable=True),
        sa.CheckConstraint(
            "(role = 'vendor') = (vendor_id IS NOT NULL)", name=op.f("ck_membership_vendor_has_number")
        ),
        sa.CheckConstraint("role != 'system'", name=op.f("ck_membership_nobody_is_the_system")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_of_organisation", ["organisation_id", "id"], unique=False)
        batch_op.create_index("ix_membership_of_person", ["person_id"], unique=False)

    op.create_table(
        "occurrence",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("plan_line_id", BigId, nullable=False),
        sa.Column("sheet_id", BigId, nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column(
            "slot",
            sa.Enum(
                "opening",
                "patrol",
                "closing",
                "daily",
                "weekly",
                "monthly",
                "quarterly",
                "yearly",
                "event",
                name="slot",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("round_no", sa.Integer(), nullable=False),
        sa.Column("opens_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("missed_at", Moment(), nullable=False),
        sa.Column("zone_ids", Json, nullable=False),
        sa.Column("event", sa.String(length=120), nullable=False),
        sa.Column("seed", BigId, nullable=False),
        sa.Column("random_code", sa.String(length=12), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "due",
                "open",
                "submitted",
                "sent_back",
                "accepted",
                "missed",
                "excused",
                name="checkstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=True),
        sa.Column("opened_by_id", BigId, nullable=True),
        sa.Column("opened_by_name", sa.String(length=80), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("submitted_by_id", BigId, nullable=True),
        sa.Column("submitted_by_name", sa.String(length=80), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_backfilled", sa.Boolean(), nullable=False),
        sa.Column("backfill_reason", sa.String(length=200), nullable=False),
        sa.Column(
            "excuse_kind",
            sa.Enum(
                "closed",
                "plan",
                "hand",
                name="excusekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("excuse_reason", sa.String(length=200), nullable=False),
        sa.Column(
            "review_kind",
            sa.Enum(
                "attention",
                "sample",
                "clean",
                name="reviewkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("review_due_at", Moment(), nullable=True),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.Column("reviewed_by_id", BigId, nullable=True),
        sa.Column("reviewed_by_name", sa.String(length=80), nullable=False),
        sa.Column("review_note", sa.String(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT is_backfilled OR backfill_reason <> ''", name=op.f("ck_occurrence_backfilled_for_a_reason")
        ),
        sa.CheckConstraint(
            "state <> 'excused' OR excuse_reason <> ''", name=op.f("ck_occurrence_excused_for_a_reason")
        ),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'accepted', 'sent_back') OR submitted_at IS NOT NULL",
            name=op.f("ck_occurrence_submitted_once"),
        ),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_occurrence_market_id")),
        sa.ForeignKeyConstraint(["plan_line_id"], ["plan_line.id"], name=op.f("fk_occurrence_plan_line_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_occurrence_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint(
            "company_id",
            "plan_line_id",
            "service_day",
            "round_no",
            name=op.f("uq_occurrence_company_id_plan_line_id_service_day_round_no"),
        ),
        sa.UniqueConstraint("company_id", "ref", name=op.f("uq_occurrence_company_id_ref")),
    )
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_occurrence_community", ["community_code", "state", "review_due_at"], unique=False
        )
        batch_op.create_index("ix_occurrence_day", ["company_id", "market_id", "service_day"], unique=False)
        batch_op.create_index("ix_occurrence_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrence_market_id"), ["market_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrence_plan_line_id"), ["plan_line_id"], unique=False)
        batch_op.create_index("ix_occurrence_town", ["town_code", "state", "review_due_at"], unique=False)

    op.create_table(
        "organisation_function",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("function_code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["function_code"], ["function.code"], name=op.f("fk_organisation_function_function_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_function_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "function_code", name=op.f("pk_organisation_function")),
    )
    op.create_table(
        "paper",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("vendor_id", BigId, nullable=True),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("kind_code", sa.String(length=40), nullable=False),
        sa.Column("holder_name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("authority", sa.String(length=80), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.Column("replaced_by_id", BigId, nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("vendor_id IS NOT NULL OR holder_name <> ''", name=op.f("ck_paper_has_a_holder")),
        sa.CheckConstraint(
            "issued_on IS NULL OR expires_on IS NULL OR expires_on >= issued_on",
            name=op.f("ck_paper_expires_after_issue"),
        ),
        sa.ForeignKeyConstraint(["kind_code"], ["paper_kind.code"], name=op.f("fk_paper_kind_code")),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_paper_market_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["paper.id"], name=op.f("fk_paper_replaced_by_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_paper_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.create_index("ix_paper_community_due", ["community_code", "expires_on", "id"], unique=False)
        batch_op.create_index("ix_paper_company_due", ["company_id", "expires_on", "id"], unique=False)
        batch_op.create_index("ix_paper_kind_due", ["market_id", "kind_code", "expires_on"], unique=False)
        batch_op.create_index("ix_paper_market_due", ["market_id", "expires_on", "id"], unique=False)
        batch_op.create_index("ix_paper_town_due", ["town_code", "expires_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_vendor_id"), ["vendor_id"], unique=False)

    op.create_table(
        "stall",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("zone_id", BigId, nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("sort_key", sa.String(length=80), nullable=False),
        sa.Column("area_m2", sa.Numeric(precision=7, scale=1), nullable=True),
        sa.Column("trade_codes", Json, nullable=False),
        sa.Column("has_gas", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "trading",
                "vacant",
                "suspended",
                "renovating",
                "sealed",
                "closed",
                name="stallstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("occupancy_changed_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_stall_market_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_stall_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stall")),
        sa.UniqueConstraint(
            "company_id", "market_id", "code", name=op.f("uq_stall_company_id_market_id_code")
        ),
    )
    with op.batch_alter_table("stall", schema=None) as batch_op:
        batch_op.create_index("ix_stall_order", ["market_id", "sort_key", "id"], unique=False)
        batch_op.create_index("ix_stall_state", ["market_id", "state", "sort_key", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stall_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("occurrence_id", BigId, nullable=False),
        sa.Column("item_code", sa.String(length=12), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("pass", "fail", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("phrases", Json, nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("stall_id", BigId, nullable=True),
        sa.Column("category", sa.String(length=8), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("minor", "serious", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("hazard_code", sa.String(length=12), nullable=False),
        sa.Column("is_suspected_major", sa.Boolean(), nullable=False),
        sa.Column("answered_by_id", BigId, nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.Column("device_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome <> 'fail' OR category <> ''", name=op.f("ck_answer_failed_has_a_category")
        ),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_answer_occurrence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "company_id",
            "occurrence_id",
            "item_code",
            name=op.f("uq_answer_company_id_occurrence_id_item_code"),
        ),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_occurrence_id"), ["occurrence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_stall_id"), ["stall_id"], unique=False)

    op.create_table(
        "occupancy",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("vendor_id", BigId, nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("stall_id", BigId, nullable=False),
        sa.Column("stall_code", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "to_on IS NULL OR to_on >= from_on", name=op.f("ck_occupancy_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_occupancy_market_id")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_occupancy_stall_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_occupancy_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancy")),
    )
    with op.batch_alter_table("occupancy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_occupancy_market_id"), ["market_id"], unique=False)
        batch_op.create_index("ix_occupancy_stall", ["stall_id", "from_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_occupancy_vendor_id"), ["vendor_id"], unique=False)
        batch_op.create_index(
            "uq_occupancy_open",
            ["company_id", "stall_id"],
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )

    op.create_table(
        "paper_warning",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("paper_id", BigId, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_paper_warning_market_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_warning_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_warning")),
        sa.UniqueConstraint(
            "company_id",
            "paper_id",
            "expires_on",
            "threshold",
            name=op.f("uq_paper_warning_company_id_paper_id_expires_on_threshold"),
        ),
    )
    with op.batch_alter_table("paper_warning", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_warning_market_id"), ["market_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_warning_paper_id"), ["paper_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "password",
                "enrol",
                "full",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("membership_id", BigId, nullable=False),
        sa.Column("device_id", BigId, nullable=True),
        sa.Column("has_second_factor", sa.Boolean(), nullable=False),
        sa.Column("wants_memory", sa.Boolean(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=True),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("last_seen_at", Moment(), nullable=False),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_sign_in_device_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_sign_in_membership_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_of_person", ["person_id", "ended_at"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("occurrence_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.Column("submitted_by_id", BigId, nullable=False),
        sa.Column("submitted_by_name", sa.String(length=80), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_submission_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "company_id",
            "occurrence_id",
            "number",
            name=op.f("uq_submission_company_id_occurrence_id_number"),
        ),
        sa.UniqueConstraint("digest", name=op.f("uq_submission_digest")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_occurrence_id"), ["occurrence_id"], unique=False)

    raise_walls(op.get_bind(), WALLS)


def downgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_occurrence_id"))

    op.drop_table("submission")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_of_person")

    op.drop_table("sign_in")
    with op.batch_alter_table("paper_warning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_warning_paper_id"))
        batch_op.drop_index(batch_op.f("ix_paper_warning_market_id"))

    op.drop_table("paper_warning")
    with op.batch_alter_table("occupancy", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_occupancy_open",
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_occupancy_vendor_id"))
        batch_op.drop_index("ix_occupancy_stall")
        batch_op.drop_index(batch_op.f("ix_occupancy_market_id"))

    op.drop_table("occupancy")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_stall_id"))
        batch_op.drop_index(batch_op.f("ix_answer_occurrence_id"))

    op.drop_table("answer")
    with op.batch_alter_table("stall", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stall_zone_id"))
        batch_op.drop_index("ix_stall_state")
        batch_op.drop_index("ix_stall_order")

    op.drop_table("stall")
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_vendor_id"))
        batch_op.drop_index("ix_paper_town_due")
        batch_op.drop_index("ix_paper_market_due")
        batch_op.drop_index("ix_paper_kind_due")
        batch_op.drop_index("ix_paper_company_due")
        batch_op.drop_index("ix_paper_community_due")

    op.drop_table("paper")
    op.drop_table("organisation_function")
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.drop_index("ix_occurrence_town")
        batch_op.drop_index(batch_op.f("ix_occurrence_plan_line_id"))
        batch_op.drop_index(batch_op.f("ix_occurrence_market_id"))
        batch_op.drop_index("ix_occurrence_due")
        batch_op.drop_index("ix_occurrence_day")
        batch_op.drop_index("ix_occurrence_community")

    op.drop_table("occurrence")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_of_person")
        batch_op.drop_index("ix_membership_of_organisation")

    op.drop_table("membership")
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.drop_index("ix_zone_order")

    op.drop_table("zone")
    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.drop_index("ix_vendor_name")

    op.drop_table("vendor")
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheet_market_id"))

    op.drop_table("sheet")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_person_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_post_held", sqlite_where=sa.text("to_on IS NULL"), postgresql_where=sa.text("to_on IS NULL")
        )
        batch_op.drop_index("ix_post_person")
        batch_op.drop_index(batch_op.f("ix_post_market_id"))
        batch_op.drop_index(batch_op.f("ix_post_company_id"))

    op.drop_table("post")
    with op.batch_alter_table("plan_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_line_market_id"))
        batch_op.drop_index("ix_plan_line_market")

    op.drop_table("plan_line")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index("ix_organisation_list")

    op.drop_table("organisation")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_person_id"))

    op.drop_table("one_time_link")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_told")
        batch_op.drop_index("ix_notice_inbox")

    op.drop_table("notice")
    with op.batch_alter_table("market_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_market_move_market_id"))

    op.drop_table("market_move")
    with op.batch_alter_table("kept_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_form_person_id"))
        batch_op.drop_index(batch_op.f("ix_kept_form_expires_at"))

    op.drop_table("kept_form")
    with op.batch_alter_table("journal_line", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_journal_line_unsealed",
            sqlite_where=sa.text("seal_id IS NULL"),
            postgresql_where=sa.text("seal_id IS NULL"),
        )
        batch_op.drop_index("ix_journal_line_subject")

    op.drop_table("journal_line")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_person_id"))

    op.drop_table("device")
    with op.batch_alter_table("control_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_control_record_market_id"))
        batch_op.drop_index("ix_control_record_community")

    op.drop_table("control_record")
    with op.batch_alter_table("closed_day", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closed_day_market_id"))
        batch_op.drop_index("ix_closed_day_market")

    op.drop_table("closed_day")
    op.drop_table("checklist_item")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_vendor_id"))
        batch_op.drop_index("ix_attachment_owner")
        batch_op.drop_index(batch_op.f("ix_attachment_blob_id"))

    op.drop_table("attachment")
    op.drop_table("trade")
    op.drop_table("person")
    op.drop_table("paper_kind")
    with op.batch_alter_table("once", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_once_at"))

    op.drop_table("once")
    with op.batch_alter_table("not_applicable", schema=None) as batch_op:
        batch_op.drop_index("ix_not_applicable_market")
        batch_op.drop_index(batch_op.f("ix_not_applicable_company_id"))

    op.drop_table("not_applicable")
    op.drop_table("market_serial")
    with op.batch_alter_table("market", schema=None) as batch_op:
        batch_op.drop_index("ix_market_town")
        batch_op.drop_index("ix_market_community")
        batch_op.drop_index("ix_market_code")

    op.drop_table("market")
    op.drop_table("journal_seal")
    with op.batch_alter_table("house_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_house_item_market_id"))
        batch_op.drop_index(batch_op.f("ix_house_item_company_id"))

    op.drop_table("house_item")
    op.drop_table("function")
    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.drop_index("ix_failed_sign_in_at")
        batch_op.drop_index("ix_failed_sign_in_address")
        batch_op.drop_index("ix_failed_sign_in_account")

    op.drop_table("failed_sign_in")
    with op.batch_alter_table("errand", schema=None) as batch_op:
        batch_op.drop_index("ix_errand_due")

    op.drop_table("errand")
    with op.batch_alter_table("door", schema=None) as batch_op:
        batch_op.drop_index("ix_door_subject")

    op.drop_table("door")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_index("ix_closure_area")

    op.drop_table("closure")
    op.drop_table("checklist")
    op.drop_table("category")
    op.drop_table("calendar_day")
    with op.batch_alter_table("blob", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blob_thumb_sha256"))
        batch_op.drop_index(batch_op.f("ix_blob_sha256"))
        batch_op.drop_index(batch_op.f("ix_blob_missing_since"))
        batch_op.drop_index("ix_blob_history")

    op.drop_table("blob")
    op.drop_table("area_load")
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_area_parent_code"))

    op.drop_table("area")
