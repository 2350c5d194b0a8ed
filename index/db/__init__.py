"""The database: engine, migrations, the change log."""
