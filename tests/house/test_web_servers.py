"""The example configurations of web servers before the service are sound, and fit its settings."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.cli.serve import KEEP_ALIVE_SECONDS
from api.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text()
CADDY = (DEPLOY / "Caddyfile").read_text()
UNIT = (DEPLOY / "footnote.service").read_text()
DEFAULTS = {name: field.default for name, field in Settings.model_fields.items()}


def without_comments(text):
    return re.sub(r"(?m)^\s*#.*$", "", text)


def test_every_line_of_nginx_ends_as_one_and_every_block_is_closed():
    lines = [line.strip() for line in without_comments(NGINX).splitlines() if line.strip()]
    assert [line for line in lines if line[-1] not in ";{}"] == []
    depth = 0
    for sign in "".join(lines):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0


def test_every_block_of_caddy_is_closed_on_a_line_of_its_own():
    lines = [line for line in without_comments(CADDY).splitlines() if line.strip()]
    depth = 0
    for line in lines:
        depth -= line.strip() == "}"
        assert line == "\t" * depth + line.strip()
        depth += line.endswith("{")
    assert depth == 0


@pytest.mark.parametrize("text", [NGINX, CADDY])
def test_they_lead_to_the_service_and_let_an_upload_through(text):
    assert f"127.0.0.1:{DEFAULTS['port']}" in text
    (megabytes,) = re.findall(r"(?:client_max_body_size|max_size) (\d+)", text)
    assert int(megabytes) * 10**6 > DEFAULTS["upload_limit"]
    keep_alive_times = re.findall(r"(?:keepalive_timeout|keepalive) (\d+)s", text)
    assert [int(seconds) < KEEP_ALIVE_SECONDS for seconds in keep_alive_times] == [True]
    setting_names = set(re.findall(r"FOOTNOTE_([A-Z_]+)", text))
    assert {name.lower() for name in setting_names} <= set(DEFAULTS)


def test_nginx_takes_its_file(tmp_path):
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not installed: its file was only parsed")
    pem = tmp_path / "pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x",
         "-keyout", str(pem), "-out", str(pem) + ".crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    site = NGINX.replace("/etc/ssl/footnote/fullchain.pem", f"{pem}.crt")
    site = site.replace("/etc/ssl/footnote/key.pem", str(pem))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"events {{}}\nhttp {{\n{site}\n}}\n")
    subprocess.run([nginx, "-t", "-c", str(whole), "-p", str(tmp_path)], check=True)


def test_caddy_takes_its_file():
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed: its file was only parsed")
    command = [caddy, "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    subprocess.run(command, check=True)


def test_the_unit_permits_more_files_than_there_may_be_idle_connections():
    (limit,) = re.findall(r"(?m)^LimitNOFILE=(\d+)$", UNIT)
    assert int(limit) > 4 * DEFAULTS["idle_connections"]
