"""The market's books: signs, equipment, people of vendors, corrections, search words, imports, exports, reads."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.core.db import BigId, Json, Moment
from portal.core.rls import Wall, raise_walls

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BY_SIGNS = sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql")

STAMPS = ("company_id", "community_code", "town_code")

JOURNAL_INDEXES = {
    "ix_journal_line_name": ["actor_name", "id"],
    "ix_journal_line_verb": ["verb", "id"],
    "ix_journal_line_organisation": ["organisation_id", "id"],
    "ix_journal_line_at": ["at"],
}

WALLS = (
    Wall("check_point", "owned"),
    Wall("correction", "owned", vendor_key="vendor_id"),
    Wall("equipment", "owned", vendor_key="vendor_id"),
    Wall("export"),
    Wall("import", "owned"),
    Wall("import_row", "owned"),
    Wall("operator_change", "owned", changes=STAMPS),
    Wall("personal_read", changes=()),
    Wall("point_visit", "owned", changes=STAMPS),
    Wall("search_word", "owned"),
    Wall("sign", "owned"),
    Wall("worker", "owned", vendor_key="vendor_id"),
)


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("membership_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("listing", sa.String(length=40), nullable=False),
        sa.Column(
            "format",
            sa.Enum("xlsx", "csv", name="exportformat", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("filters", Json, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "ready",
                "failed",
                "gone",
                name="exportstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "why",
            sa.Enum(
                "no_right",
                "not_there",
                "too_many",
                "broken",
                name="whynot",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.create_index("ix_export_expiry", ["state", "expires_at"], unique=False)
        batch_op.create_index("ix_export_membership", ["membership_id", "id"], unique=False)
        batch_op.create_index("ix_export_person", ["person_id", "asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_sha256"), ["sha256"], unique=False)

    op.create_table(
        "personal_read",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("reader", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", BigId, nullable=False),
        sa.Column("company_id", BigId, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_read")),
    )
    with op.batch_alter_table("personal_read", schema=None) as batch_op:
        batch_op.create_index("ix_personal_read_company", ["company_id", "id"], unique=False)
        batch_op.create_index("ix_personal_read_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_personal_read_subject", ["subject_kind", "subject_id", "id"], unique=False)

    op.create_table(
        "import",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "stalls",
                "vendors",
                "people",
                "equipment",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "judged",
                "refused",
                "applying",
                "done",
                "dropped",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", Json, nullable=False),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=False),
        sa.Column("marked_sha256", sa.String(length=64), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("left_sheets", Json, nullable=False),
        sa.Column("sheet", sa.String(length=80), nullable=False),
        sa.Column("header_row", sa.Integer(), nullable=False),
        sa.Column("columns", Json, nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("by_person_id", BigId, nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("by_membership_id", BigId, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("judged_at", Moment(), nullable=True),
        sa.Column("applied_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_import_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.create_index("ix_import_market", ["market_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_sealed_sha256"), ["sealed_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_marked_sha256"), ["marked_sha256"], unique=False)
        batch_op.create_index(
            "uq_import_running",
            ["company_id", "market_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'applying')"),
            postgresql_where=sa.text("state IN ('waiting', 'applying')"),
        )

    op.create_table(
        "operator_change",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("from_company_id", BigId, nullable=False),
        sa.Column("from_name", sa.String(length=120), nullable=False),
        sa.Column("to_company_id", BigId, nullable=False),
        sa.Column("to_name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("moved_by", sa.String(length=80), nullable=False),
        sa.Column("moved_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_operator_change_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_change")),
    )
    with op.batch_alter_table("operator_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operator_change_market_id"), ["market_id"], unique=False)

    op.create_table(
        "search_word",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "market",
                "stall",
                "vendor",
                "equipment",
                name="found",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", BigId, nullable=False),
        sa.Column("word", BY_SIGNS, nullable=False),
        sa.Column("batch_position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_search_word_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
        sa.UniqueConstraint(
            "company_id",
            "kind",
            "subject_id",
            "word",
            name=op.f("uq_search_word_company_id_kind_subject_id_word"),
        ),
    )
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.create_index("ix_search_word_city", ["word"], unique=False)
        batch_op.create_index("ix_search_word_community", ["community_code", "word"], unique=False)
        batch_op.create_index("ix_search_word_company", ["company_id", "word"], unique=False)
        batch_op.create_index(batch_op.f("ix_search_word_market_id"), ["market_id"], unique=False)
        batch_op.create_index("ix_search_word_town", ["town_code", "word"], unique=False)

    op.create_table(
        "sign",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "market",
                "zone",
                "point",
                "stall",
                name="signkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", BigId, nullable=False),
        sa.Column("ref", sa.String(length=9), nullable=False),
        sa.Column("code_sealed", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live", "revoked", name="signstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("printed_at", Moment(), nullable=True),
        sa.Column("prints", sa.Integer(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("revoked_by", sa.String(length=80), nullable=False),
        sa.Column("revoked_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_sign_market_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign")),
        sa.UniqueConstraint("company_id", "ref", name=op.f("uq_sign_company_id_ref")),
    )
    with op.batch_alter_table("sign", schema=None) as batch_op:
        batch_op.create_index("ix_sign_market", ["market_id", "kind", "state", "id"], unique=False)
        batch_op.create_index("ix_sign_subject", ["kind", "subject_id", "id"], unique=False)
        batch_op.create_index(
            "uq_sign_live",
            ["company_id", "kind", "subject_id"],
            unique=True,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        )

    op.create_table(
        "check_point",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("zone_id", BigId, nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_check_point_market_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_check_point_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_point")),
        sa.UniqueConstraint(
            "company_id", "market_id", "code", name=op.f("uq_check_point_company_id_market_id_code")
        ),
    )
    with op.batch_alter_table("check_point", schema=None) as batch_op:
        batch_op.create_index("ix_check_point_order", ["market_id", "position", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_point_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "correction",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("vendor_id", BigId, nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "name",
                "keeper_name",
                "phone",
                "goods",
                "other",
                name="correctedfield",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("old", sa.String(length=400), nullable=False),
        sa.Column("wished", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                name="correctionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("by_person_id", BigId, nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_correction_market_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_correction_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index("ix_correction_market", ["market_id", "state", "id"], unique=False)
        batch_op.create_index("ix_correction_vendor", ["vendor_id", "state", "id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "new",
                "changed",
                "same",
                "wrong",
                "left_out",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("faults", Json, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_import_row_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint(
            "company_id", "import_id", "number", name=op.f("uq_import_row_company_id_import_id_number")
        ),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index("ix_import_row_verdict", ["import_id", "verdict", "number"], unique=False)

    op.create_table(
        "worker",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("vendor_id", BigId, nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("handles_ready_food", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_worker_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_worker_market_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_worker_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    with op.batch_alter_table("worker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_worker_market_id"), ["market_id"], unique=False)
        batch_op.create_index("ix_worker_vendor", ["vendor_id", "to_on", "id"], unique=False)

    op.create_table(
        "equipment",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("vendor_id", BigId, nullable=True),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "extinguisher_powder",
                "extinguisher_water",
                "extinguisher_co2",
                "hydrant",
                "lift",
                "forklift",
                "fridge",
                "gas_detector",
                "scale",
                "fair_scale",
                "other",
                name="equipmentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("sort_key", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("maker", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("point_id", BigId, nullable=True),
        sa.Column("stall_id", BigId, nullable=True),
        sa.Column("made_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("fk_equipment_market_id")),
        sa.ForeignKeyConstraint(["point_id"], ["check_point.id"], name=op.f("fk_equipment_point_id")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_equipment_stall_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_equipment_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment")),
        sa.UniqueConstraint(
            "company_id", "market_id", "code", name=op.f("uq_equipment_company_id_market_id_code")
        ),
    )
    with op.batch_alter_table("equipment", schema=None) as batch_op:
        batch_op.create_index("ix_equipment_kind", ["market_id", "kind", "sort_key", "id"], unique=False)
        batch_op.create_index("ix_equipment_order", ["market_id", "sort_key", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_equipment_point_id"), ["point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_equipment_stall_id"), ["stall_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_equipment_vendor_id"), ["vendor_id"], unique=False)

    op.create_table(
        "point_visit",
        sa.Column("id", BigId, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.String(length=12), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("market_id", BigId, nullable=False),
        sa.Column("occurrence_id", BigId, nullable=False),
        sa.Column("point_id", BigId, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("device_at", Moment(), nullable=True),
        sa.Column("by_person_id", BigId, nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_point_visit_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_visit")),
        sa.UniqueConstraint(
            "company_id",
            "occurrence_id",
            "point_id",
            name=op.f("uq_point_visit_company_id_occurrence_id_point_id"),
        ),
    )
    with op.batch_alter_table("point_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_visit_occurrence_id"), ["occurrence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_visit_point_id"), ["point_id"], unique=False)

    _add_to_paper("worker")
    _add_to_paper("equipment")
    op.add_column("vendor", sa.Column("erased_on", sa.Date(), nullable=True))
    op.add_column("paper_kind", sa.Column("function_code", sa.String(length=40), nullable=True))
    op.create_index("ix_occurrence_town_day", "occurrence", ["town_code", "service_day"])
    for name, columns in JOURNAL_INDEXES.items():
        op.create_index(name, "journal_line", columns)
    raise_walls(op.get_bind(), WALLS)


def _add_to_paper(table: str) -> None:
    """Add a reference without making the table anew, which SQLite could not with rows that refer to it."""
    name = f"{table}_id"
    reference = sa.ForeignKey(f"{table}.id", name=f"fk_paper_{name}")
    op.add_column("paper", sa.Column(name, BigId, reference, nullable=True), inline_references=True)
    op.create_index(f"ix_paper_{name}", "paper", [name])


def downgrade() -> None:
    op.drop_index("ix_occurrence_town_day", "occurrence")
    with op.batch_alter_table("paper_kind", schema=None) as batch_op:
        batch_op.drop_column("function_code")
    for name in JOURNAL_INDEXES:
        op.drop_index(name, "journal_line")
    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.drop_column("erased_on")

    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_worker_id"))
        batch_op.drop_index(batch_op.f("ix_paper_equipment_id"))
        batch_op.drop_column("equipment_id")
        batch_op.drop_column("worker_id")

    with op.batch_alter_table("point_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_visit_point_id"))
        batch_op.drop_index(batch_op.f("ix_point_visit_occurrence_id"))

    op.drop_table("point_visit")
    with op.batch_alter_table("equipment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_equipment_vendor_id"))
        batch_op.drop_index(batch_op.f("ix_equipment_stall_id"))
        batch_op.drop_index(batch_op.f("ix_equipment_point_id"))
        batch_op.drop_index("ix_equipment_order")
        batch_op.drop_index("ix_equipment_kind")

    op.drop_table("equipment")
    with op.batch_alter_table("worker", schema=None) as batch_op:
        batch_op.drop_index("ix_worker_vendor")
        batch_op.drop_index(batch_op.f("ix_worker_market_id"))

    op.drop_table("worker")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_import_row_verdict")

    op.drop_table("import_row")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index("ix_correction_vendor")
        batch_op.drop_index("ix_correction_market")

    op.drop_table("correction")
    with op.batch_alter_table("check_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_point_zone_id"))
        batch_op.drop_index("ix_check_point_order")

    op.drop_table("check_point")
    with op.batch_alter_table("sign", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_sign_live", sqlite_where=sa.text("state = 'live'"), postgresql_where=sa.text("state = 'live'")
        )
        batch_op.drop_index("ix_sign_subject")
        batch_op.drop_index("ix_sign_market")

    op.drop_table("sign")
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.drop_index("ix_search_word_town")
        batch_op.drop_index(batch_op.f("ix_search_word_market_id"))
        batch_op.drop_index("ix_search_word_company")
        batch_op.drop_index("ix_search_word_community")
        batch_op.drop_index("ix_search_word_city")

    op.drop_table("search_word")
    with op.batch_alter_table("operator_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operator_change_market_id"))

    op.drop_table("operator_change")
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_import_running",
            sqlite_where=sa.text("state IN ('waiting', 'applying')"),
            postgresql_where=sa.text("state IN ('waiting', 'applying')"),
        )
        batch_op.drop_index(batch_op.f("ix_import_marked_sha256"))
        batch_op.drop_index(batch_op.f("ix_import_sealed_sha256"))
        batch_op.drop_index(batch_op.f("ix_import_sha256"))
        batch_op.drop_index("ix_import_market")

    op.drop_table("import")
    with op.batch_alter_table("personal_read", schema=None) as batch_op:
        batch_op.drop_index("ix_personal_read_subject")
        batch_op.drop_index("ix_personal_read_person")
        batch_op.drop_index("ix_personal_read_company")

    op.drop_table("personal_read")
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_export_sha256"))
        batch_op.drop_index("ix_export_membership")
        batch_op.drop_index("ix_export_expiry")

    op.drop_table("export")
