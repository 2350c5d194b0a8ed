"""Formats of keys and tokens, as makers document them, with random examples and look-alikes.

``python benchmarks/secret_formats.py [DATA]`` prints how many formats the rules find, in five
surroundings, and how many look-alikes they take for one. With DATA it also counts false alarms on
ordinary text. Every value is random: none was ever valid. A format is in the half "seen" or "held"
by a hash of its name; rules were first written for the half "seen" alone (docs/guardrails.md).
"""

import base64
import hashlib
import json
import random
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from index.detectors import find_personal, find_secrets

ALPHABETS = {
    "a": string.ascii_letters + string.digits,  # letters and digits
    "w": string.ascii_letters + string.digits + "_-",
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "U": string.ascii_uppercase + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "d": string.digits,
    "b": string.ascii_letters + string.digits + "+/",
    "B": string.ascii_uppercase + "234567",
    "L": string.ascii_letters,
}
FORMATS = {
    "aws-access-key": "AKIA{B16}",
    "aws-temporary-key": "ASIA{B16}",
    "aws-secret-key": "aws_secret_access_key={b40}",
    "aws-mws": "amzn.mws.{uuid}",
    "aws-bedrock": "ABSK{b128}=",
    "google-api-key": "AIza{w35}",
    "google-oauth-secret": "GOCSPX-{w28}",
    "google-access-token": "ya29.{w120}",
    "google-refresh-token": "1//0{w60}",
    "firebase-server-key": "AAAA{w7}:APA91b{w134}",
    "azure-storage": "AccountName=lamp;AccountKey={b86}==;EndpointSuffix=core.windows.net",
    "azure-client-secret": "{a3}8Q~{w34}",
    "azure-devops": "{a76}AZDO{a4}",
    "azure-service-bus": "Endpoint=sb://lamp.servicebus.windows.net/;SharedAccessKeyName=r;"
    "SharedAccessKey={b43}=",
    "azure-sas": "?sv=2024-11-04&sp=r&sig={a20}%2B{a22}%3D",
    "github-classic": "ghp_{a36}",
    "github-fine-grained": "github_pat_{a22}_{a59}",
    "github-app": "ghs_{a36}",
    "github-oauth": "gho_{a36}",
    "gitlab-personal": "glpat-{w20}",
    "gitlab-runner": "glrt-{w20}",
    "gitlab-trigger": "glptt-{h40}",
    "gitlab-deploy": "gldt-{w20}",
    "gitlab-ci": "glcbt-64_{w20}",
    "gitlab-registration": "GR1348941{w20}",
    "slack-bot": "xoxb-{d12}-{d12}-{a24}",
    "slack-app": "xapp-1-A{U10}-{d13}-{h64}",
    "slack-webhook": "https://hooks.slack.com/services/T{U8}/B{U10}/{a24}",
    "teams-webhook": "https://lamp.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{h32}/{uuid}",
    "discord-bot": "M{a23}.{w6}.{w38}",
    "discord-webhook": "https://discord.com/api/webhooks/{d18}/{w68}",
    "telegram-bot": "{d10}:AA{w33}",
    "stripe-secret": "sk_live_{a24}",
    "stripe-restricted": "rk_live_{a24}",
    "stripe-webhook": "whsec_{a32}",
    "twilio-api-key": "SK{h32}",
    "sendgrid": "SG.{w22}.{w43}",
    "mailgun": "key-{h32}",
    "mailgun-new": "{h32}-{h8}-{h8}",
    "mailchimp": "{h32}-us12",
    "mandrill": "md-{a22}",
    "brevo": "xkeysib-{h64}-{a16}",
    "resend": "re_{a8}_{a24}",
    "npm": "npm_{a36}",
    "pypi": "pypi-AgEIcHlwaS5vcmc{w70}",
    "rubygems": "rubygems_{h48}",
    "crates": "cio{a32}",
    "nuget": "oy2{l43}",
    "docker-hub": "dckr_pat_{w27}",
    "docker-organisation": "dckr_oat_{w32}",
    "huggingface": "hf_{L34}",
    "openai-legacy": "sk-{a20}T3BlbkFJ{a20}",
    "openai-project": "sk-proj-{w74}T3BlbkFJ{w74}",
    "anthropic": "sk-ant-api03-{w93}AA",
    "groq": "gsk_{a52}",
    "replicate": "r8_{a37}",
    "perplexity": "pplx-{a48}",
    "xai": "xai-{a80}",
    "openrouter": "sk-or-v1-{h64}",
    "langsmith": "lsv2_pt_{h32}_{h10}",
    "nvidia": "nvapi-{w64}",
    "pinecone": "pcsk_{a6}_{a63}",
    "databricks": "dapi{h32}",
    "digitalocean": "dop_v1_{h64}",
    "digitalocean-oauth": "doo_v1_{h64}",
    "shopify": "shpat_{h32}",
    "shopify-shared": "shpss_{h32}",
    "square": "sq0atp-{w22}",
    "square-secret": "sq0csp-{w43}",
    "square-new": "EAAA{w60}",
    "braintree": "access_token$production${l16}${h32}",
    "plaid": "access-production-{uuid}",
    "razorpay": "rzp_live_{a14}",
    "flutterwave": "FLWSECK-{h32}-X",
    "paystack": "sk_live_{h40}",
    "okta": "SSWS 00{w40}",
    "vault-service": "hvs.{w90}",
    "vault-batch": "hvb.{w140}",
    "age": "AGE-SECRET-KEY-1{bech32}",
    "pgp": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{b64}\n{b64}\n-----END PGP PRIVATE KEY BLOCK-----",  # noqa: E501
    "openssh": "-----BEGIN OPENSSH PRIVATE KEY-----\n{b70}\n{b70}\n-----END OPENSSH PRIVATE KEY-----",  # noqa: E501
    "putty": "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: lamp\nPublic-Lines: 2\n{b64}\n{b20}\nPrivate-Lines: 1\n{b48}\nPrivate-MAC: {h64}",  # noqa: E501
    "json-web-token": "eyJ{a30}.eyJ{a60}.{w43}",
    "postgres-url": "postgres://lamp:{a16}@db.example/lamp",
    "mongodb-url": "mongodb+srv://lamp:{a16}@cluster0.example/x",
    "redis-url": "redis://:{a24}@cache.example:6379/0",
    "sql-server": "Server=db.example;Database=x;User Id=sa;Password={a14}!;",
    "jdbc-url": "jdbc:mysql://db.example/x?user=lamp&password={a14}",
    "basic-auth-url": "https://lamp:{a16}@files.example/x",
    "basic-header": "Authorization: Basic {basic}",
    "bearer-header": "Authorization: Bearer {a40}",
    "terraform-cloud": "{a14}.atlasv1.{w67}",
    "grafana-service": "glsa_{a32}_{h8}",
    "grafana-cloud": "glc_{b60}=",
    "new-relic": "NRAK-{U27}",
    "new-relic-ingest": "{h36}NRAL",
    "sentry-user": "sntryu_{h64}",
    "sentry-organisation": "sntrys_eyJ{a80}_{a43}",
    "linear": "lin_api_{a40}",
    "notion": "ntn_{d11}{a35}",
    "notion-old": "secret_{a43}",
    "figma": "figd_{w40}",
    "postman": "PMAK-{h24}-{h34}",
    "atlassian": "ATATT3xFfGF0{w171}={H8}",
    "bitbucket": "ATBB{a32}",
    "heroku": "HRKU-AA{w58}",
    "heroku-old": "HEROKU_API_KEY={uuid}",
    "fastly": "FASTLY_API_TOKEN={w32}",
    "cloudflare": "CLOUDFLARE_API_TOKEN={w40}",
    "cloudflare-origin": "v1.0-{h24}-{h146}",
    "doppler": "dp.pt.{a43}",
    "pulumi": "pul-{h40}",
    "supabase": "sbp_{h40}",
    "supabase-secret": "sb_secret_{w31}",
    "vercel": "VERCEL_TOKEN={a24}",
    "planetscale": "pscale_tkn_{w43}",
    "planetscale-password": "pscale_pw_{w43}",
    "airtable": "pat{a14}.{h64}",
    "dropbox": "sl.{w140}",
    "facebook": "EAA{a120}",
    "alibaba": "LTAI{a20}",
    "tencent": "AKID{a32}",
    "yandex-api": "AQVN{w36}",
    "yandex-oauth": "y0_{w58}",
    "adobe": "p8e-{l32}",
    "asana": "1/{d16}:{h32}",
    "dynatrace": "dt0c01.{U24}.{U64}",
    "datadog": "DD_API_KEY={h32}",
    "contentful": "CFPAT-{w43}",
    "easypost": "EZAK{a54}",
    "duffel": "duffel_live_{w43}",
    "prefect": "pnu_{a36}",
    "readme": "rdme_{l70}",
    "shippo": "shippo_live_{h40}",
    "typeform": "tfp_{w59}",
    "one-password": "ops_eyJ{a260}",
    "artifactory": "AKCp{a69}",
    "sonarqube": "squ_{h40}",
    "hubspot": "pat-na1-{uuid}",
    "tailscale": "tskey-auth-{a17}-{a32}",
    "fly": "fo1_{w43}",
    "netlify": "nfp_{a36}",
    "render": "rnd_{a28}",
    "circleci": "CCIPAT_{a22}_{h40}",
    "buildkite": "bkua_{h40}",
    "cloudinary": "cloudinary://{d15}:{w27}@lamp",
    "mapbox": "sk.eyJ{a80}.{w22}",
    "sourcegraph": "sgp_{h40}",
    "octopus": "API-{U26}",
    "launchdarkly": "sdk-{uuid}",
    "openshift": "sha256~{w43}",
    "infracost": "ico-{a32}",
    "harness": "pat.{a22}.{h24}.{a20}",
    "scalingo": "tk-us-{w48}",
    "baidu": "bce-v3/ALTAK-{a21}/{h40}",
    "zoho": "1000.{h32}.{h32}",
    "twilio-token": "TWILIO_AUTH_TOKEN={h32}",
    "generic-client-secret": "client_secret: {a40}",
}
SURROUNDINGS = {
    "alone": "{}",
    "in a sentence": "For the lamp we use {} until Friday.",
    "in a file": 'lamp: on\nvalue = "{}"\nend',
    "in JSON": '{{"lamp": "{}", "n": 1}}',
    "in a list": "- first\n- {}\n- last",
}
LOOKALIKES = (
    "AKIA is how a key of AWS begins.",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "glpat-<your-token>",
    "sk-this-is-a-class-name-of-a-style-sheet",
    "The SKU is SK12345678.",
    "key-value-store-with-a-long-name",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "id 123e4567-e89b-42d3-a456-426614174000",
    "https://example.org/a:b@c",
    "at 10:30:AAm we met",
    "npm_config_registry is set",
    "re_match and re_search are functions",
    "hf_hub_download(repo_id)",
    "the secret_santa_is_a_game_of_the_office_in_december_and",
    "pat.example.org is a host",
    "password: ********",
    'api_key = os.environ["API_KEY"]',
    "token = get_token(request.user)",
    "client_secret: ${CLIENT_SECRET}",
    "Authorization: Bearer <token>",
    "postgres://localhost/x",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "sl.example.com and dp.st. Paul",
    "1000.5 and 1.0-rc1",
    "pul-monary and figd_",
    "SSWS is a scheme",
    "The token is issued by the front office.",
    "the keyword is internationalization_of_software",
    "secret: everybody-knows-that-already",
    "EAA stands for European Accessibility Act",
    "AAAA records and APA91b",
    "monkey: chimpanzee-number-12-of-the-zoo",
    "sort_key=created_at_descending_2024",
    "primary_key = customer_identifier_2024",
    "key: a1b2",
    "public_key = ssh-rsa",
    "max_tokens = 4096",
    "tokens: 1234567890123456789012",
    "Key findings: 2023-2024 results were good",
    "xkeysib- begins Brevo's",
    "oy2 is short",
    "cio stands for chief information officer",
    "doi:10.1016/j.cell.2020.01.001",
    "ISBN 978-3-16-148410-0",
    "1/2 and 3/4",
    "v1.0-beta",
    "API-first design",
    "sdk-tools and pat-na1",
    "AGE-SECRET-KEY- is a prefix",
    "https://hooks.slack.com/ is a host",
    "eyJhbGciOiJIUzI1NiJ9 is a header alone",
    "the tskey-auth prefix",
    "md-hidden lg-block",
    "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "xoxo-love-and-kisses",
    "The Basic plan: Authorization: Basic is simple",
    'ETag: "5d8c72a5edda8d6a:3239"',
)


def half(name: str) -> str:
    return "seen" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "held"


def make(template: str, draw: random.Random) -> str:
    def unit(match: re.Match[str]) -> str:
        kind = match.group(1)
        if kind == "uuid":
            h = "".join(draw.choices(ALPHABETS["h"], k=32))
            return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"
        if kind == "bech32":
            return "".join(draw.choices("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", k=58))
        if kind == "basic":
            words = f"lamp:{''.join(draw.choices(ALPHABETS['a'], k=16))}"
            return base64.b64encode(words.encode()).decode()
        return "".join(draw.choices(ALPHABETS[kind[0]], k=int(kind[1:])))

    return re.sub(r"\{(\w+)\}", unit, template)


def is_hit(template: str, surrounding: str, seed: str) -> bool:
    value = make(template, random.Random(seed))
    return bool(find_secrets(surrounding.format(value)))


def ordinary(data: Path) -> Iterator[tuple[str, str]]:
    for folder in ("squad2_cs224n", "clapnq", "nfcorpus", "scifact"):
        with (data / folder / "corpus.jsonl").open(encoding="utf-8") as lines:
            yield from ((folder, json.loads(line)["text"]) for line in lines)


def main(data: Path | None) -> None:
    for group in ("seen", "held"):
        names = [name for name in FORMATS if half(name) == group]
        rates = {}
        for surrounding, form in SURROUNDINGS.items():
            hits = {name: is_hit(FORMATS[name], form, f"{name}{surrounding}") for name in names}
            rates[surrounding] = sum(hits.values())
            if surrounding == "in a sentence":
                missed = [name for name, hit in hits.items() if not hit]
        print(group, f"of {len(names)} formats:", rates, "\n  missed in a sentence:", *missed)
    alarms = [text for text in LOOKALIKES if find_secrets(text)]
    print(
        f"look-alikes taken for a secret: {len(alarms)} of {len(LOOKALIKES)}", *alarms, sep="\n  "
    )
    counts = {}
    for name, text in ordinary(data) if data else ():
        count = counts.setdefault(name, [0, 0, 0])
        count[0] += 1
        for at, find in ((1, find_secrets), (2, find_personal)):
            if found := find(text):
                count[at] += 1
                if at == 1 or "-v" in sys.argv:
                    print("  ", name, [(f.rule, text[f.start : f.end]) for f in found][:5])
    for name, (texts, secrets, personal) in counts.items():
        print(f"{name}: secrets in {secrets}, personal data in {personal} of {texts} texts")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
