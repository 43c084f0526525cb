"""The one collection of tables. Every table's key begins with the installation, the tenant."""

from sqlalchemy import BigInteger, Column, ForeignKey, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def tenant() -> Column[int]:
    """The column that every tenant-owned table begins with."""
    return Column(
        "installation_id",
        BigInteger,
        ForeignKey("installation.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
