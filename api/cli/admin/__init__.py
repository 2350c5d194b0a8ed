"""``footnote admin``: tenants, keys, groups, identities, people, the model and the queue."""

from api.cli.admin.audit import audit
from api.cli.admin.contributors import contributor
from api.cli.admin.embedding_model import model
from api.cli.admin.groups import access, group, identity
from api.cli.admin.keys import api_key
from api.cli.admin.original_files import adopt, sweep, trash
from api.cli.admin.people import person
from api.cli.admin.quarantine import quarantine
from api.cli.admin.queue import queue, reingest
from api.cli.admin.receipts import receipt
from api.cli.admin.tenants import tenant
from api.cli.admin.usage import usage
from api.cli.command_group import command_group

app = command_group()
admin = command_group(
    "Manage tenants, keys, groups, identities, people, the model, the queue and the audit log."
)
app.add_typer(admin, name="admin")

admin.add_typer(api_key, name="key")
admin.add_typer(tenant, name="tenant")
admin.add_typer(group, name="group")
admin.add_typer(contributor, name="contributor")
admin.add_typer(identity, name="identity")
admin.add_typer(person, name="person")
admin.add_typer(model, name="model")
admin.add_typer(queue, name="queue")
admin.add_typer(quarantine, name="quarantine")
admin.add_typer(trash, name="trash")
admin.add_typer(audit, name="audit")
for single in (reingest, receipt, usage, access, sweep, adopt):
    admin.add_typer(single)
