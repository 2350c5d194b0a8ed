"""The forms of keys and tokens that their makers document: a table, and its patterns.

A form is literal text with ``{alphabet:length}`` in it; ``27``, ``27-35`` and ``27+`` are lengths.
Source: each maker's own documentation of its tokens.
"""

import re
from collections.abc import Iterator

_ALPHABETS = {
    "alnum": "A-Za-z0-9",
    "word": "A-Za-z0-9_-",
    "hex": "0-9a-f",
    "capital-hex": "0-9A-F",
    "capital": "A-Z0-9",
    "small": "a-z0-9",
    "digit": "0-9",
    "base64": "A-Za-z0-9+/",
    "padded": "A-Za-z0-9+/=",
    "discord": "MNO",
    "dotted": "A-Za-z0-9_.~-",
}
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LONGEST = 600
"""Characters that a part without a documented end may have."""

FORMATS: dict[str, dict[str, tuple[str, ...]]] = {
    "cloud-key": {
        "AWS marketplace": ("amzn.mws.{uuid}",),
        "Cloudflare": ("v1.0-{hex:24}-{hex:146}",),
        "Firebase": ("AAAA{word:7}:APA91b{word:100+}",),
        "Google refresh token": ("1//0{word:40+}",),
        "OpenShift": ("sha256~{word:43}",),
        "Tailscale": ("tskey-{small:3-12}-{alnum:10-32}-{alnum:16-64}",),
        "Yandex": ("AQVN{word:35-38}", "y0_{word:40+}"),
        "Alibaba": ("LTAI{alnum:16-24}",),
        "AWS Bedrock": ("ABSK{padded:100+}",),
        "Azure client secret": ("{alnum:3}{digit:1}Q~{dotted:31-34}", "{alnum:3}8Q~{dotted:31-34}"),
        "Azure DevOps": ("{alnum:76}AZDO{alnum:4}",),
        "Baidu": ("bce-v3/ALTAK-{alnum:21}/{hex:40}",),
        "DigitalOcean": tuple(f"do{kind}_v1_{{hex:64}}" for kind in "opr"),
        "Fly.io": ("fo1_{word:43}",),
        "Heroku": ("HRKU-AA{word:58}", "HRKU-{uuid}"),
        "Netlify": ("nfp_{alnum:36+}",),
        "Render": ("rnd_{alnum:28+}",),
        "Scalingo": ("tk-us-{word:48}",),
        "Tencent": ("AKID{alnum:32}",),
    },
    "database-token": {
        "Dropbox": ("sl.{word:120+}", "sl.u.{word:120+}"),
        "Airtable": ("pat{alnum:14}.{hex:64}",),
        "Contentful": ("CFPAT-{word:43}",),
        "Pinecone": ("pcsk_{alnum:5-6}_{alnum:50-70}",),
        "PlanetScale": tuple(f"pscale_{kind}_{{word:32+}}" for kind in ("tkn", "pw", "oauth")),
        "Supabase": ("sb_secret_{word:31}", "sbp_{hex:40}"),
    },
    "developer-token": {
        "1Password": ("ops_eyJ{padded:200+}",),
        "Asana": ("1/{digit:16}:{hex:32}", "2/{digit:16}/{digit:16}:{hex:32}"),
        "Atlassian": ("ATATT3xFfGF0{word:100+}={capital-hex:8}", "ATCTT3xFfG{word:100+}={capital-hex:8}"),  # noqa: E501 - a row
        "Bitbucket": ("ATBB{alnum:32}",),
        "CircleCI": ("CCIPAT_{alnum:22}_{hex:40}",),
        "Duffel": ("duffel_live_{word:43}", "duffel_test_{word:43}"),
        "Figma": ("figd_{word:40+}",),
        "Grafana": ("glsa_{alnum:32}_{hex:8}", "glc_{padded:32+}"),
        "Harness": ("pat.{alnum:22}.{hex:24}.{alnum:20}",),
        "HubSpot": ("pat-na1-{uuid}", "pat-na2-{uuid}", "pat-eu1-{uuid}"),
        "LaunchDarkly": ("sdk-{uuid}", "api-{uuid}"),
        "Linear": ("lin_api_{alnum:40}", "lin_oauth_{hex:64}"),
        "Notion": ("ntn_{digit:11}{alnum:35}", "secret_{alnum:43}"),
        "NuGet": ("oy2{small:43}",),
        "Prefect": ("pnu_{alnum:36}",),
        "Pulumi": ("pul-{hex:40}",),
        "ReadMe": ("rdme_{small:70}",),
        "Sentry": ("sntryu_{hex:64}", "sntrys_eyJ{padded:40+}_{padded:40+}"),
        "SonarQube": ("squ_{hex:40}", "sqp_{hex:40}", "sqa_{hex:40}"),
        "Sourcegraph": ("sgp_{hex:40}", "sgp_local_{hex:40}"),
        "Terraform Cloud": ("{alnum:14}.atlasv1.{word:60-70}",),
        "Typeform": ("tfp_{word:40-60}",),
        "Adobe": ("p8e-{small:32}",),
        "Artifactory": ("AKCp{alnum:66-73}",),
        "Buildkite": ("bkua_{hex:40}",),
        "crates.io": ("cio{alnum:32}",),
        "Docker": ("dckr_pat_{word:27}", "dckr_oat_{word:32}"),
        "Doppler": tuple(f"dp.{k}.{{alnum:40-44}}" for k in ("pt", "st", "ct", "sa", "scim", "audit")),  # noqa: E501 - a row
        "Dynatrace": ("dt0c01.{capital:24}.{capital:64}",),
        "GitLab": (
            *(f"gl{k}-{{word:20+}}" for k in ("rt", "dt", "soat", "ft", "imt", "agent", "oas")),
            "glptt-{hex:40}", "glcbt-{alnum:1-5}_{word:20+}",
            "GR1348941{word:20}",
        ),
        "HashiCorp Vault": ("hvs.{word:24+}", "hvb.{word:24+}", "hvr.{word:24+}"),
        "Infracost": ("ico-{alnum:32}",),
        "Mapbox": ("sk.eyJ{alnum:20+}.{word:20+}",),
        "New Relic": ("NRAK-{capital:27}", "NRII-{word:32}", "NRJS-{hex:19}", "{hex:36}NRAL"),
        "Octopus": ("API-{capital:26}",),
        "Postman": ("PMAK-{hex:24}-{hex:34}",),
        "RubyGems": ("rubygems_{hex:48}",),
    },
    "chat-token": {
        "Discord": ("{discord:1}{word:23-27}.{word:6}.{word:27-38}",),
        "Slack app": ("xapp-{digit:1}-{capital:9-14}-{digit:10-14}-{hex:64}",),
        "Twilio": ("SK{hex:32}",),
        "Telegram": ("{digit:8-10}:AA{word:33}",),
    },
    "account-token": {
        "Databricks": ("dapi{hex:32}-{digit:1}", "dapi{hex:32}"),
        "Facebook": ("EAA{alnum:80+}",),
        "Okta": ("SSWS 00{word:40}",),
        "Zoho": ("1000.{hex:32}.{hex:32}",),
    },
    "mail-key": {
        "Brevo": ("xkeysib-{hex:64}-{alnum:16}",),
        "Mailchimp": ("{hex:32}-us{digit:1-2}",),
        "Mailgun": ("key-{hex:32}", "{hex:32}-{hex:8}-{hex:8}"),
        "Mandrill": ("md-{word:22}",),
        "Resend": ("re_{alnum:8}_{alnum:24}",),
    },
    "model-token": {
        "Groq": ("gsk_{alnum:40+}",),
        "LangSmith": ("lsv2_pt_{hex:32}_{hex:10}", "lsv2_sk_{hex:32}_{hex:10}"),
        "NVIDIA": ("nvapi-{word:60+}",),
        "Perplexity": ("pplx-{alnum:40+}",),
        "xAI": ("xai-{alnum:70+}",),
        "Replicate": ("r8_{alnum:37}",),
    },
    "key-file": {
        "age": ("AGE-SECRET-KEY-1{capital:58}",),
    },
    "payment-key": {
        "EasyPost": ("EZAK{alnum:54}", "EZTK{alnum:54}"),
        "Plaid": tuple(f"access-{k}-{{uuid}}" for k in ("production", "development", "sandbox")),
        "Shippo": ("shippo_live_{hex:40}", "shippo_test_{hex:40}"),
        "Square access": ("sq0atp-{word:22}", "sq0csp-{word:43}"),
        "Braintree": ("access_token$production${small:16}${hex:32}",),
        "Flutterwave": ("FLWSECK-{hex:32}-X", "FLWSECK_TEST-{alnum:12+}"),
        "Razorpay": ("rzp_live_{alnum:14}", "rzp_test_{alnum:14}"),
        "Shopify": tuple(f"shp{kind}_{{hex:32}}" for kind in ("at", "ss", "ca", "pa")),
        "Square": ("EAAA{word:60}",),
        "Stripe": ("whsec_{base64:32+}",),
    },
    "webhook": {
        "Slack": ("hooks.slack.com/services/T{capital:8-12}/B{capital:8-12}/{alnum:20-30}",
                  "hooks.slack.com/workflows/T{capital:8-12}/A{capital:8-12}/{digit:16-20}/{alnum:20-30}"),
        "Discord": (
            "discord.com/api/webhooks/{digit:17-20}/{word:60-70}",
            "discordapp.com/api/webhooks/{digit:17-20}/{word:60-70}",
        ),
        "Microsoft Teams": (".webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{hex:32}/{uuid}",),  # noqa: E501 - a row
    },
}  # fmt: skip
"""Kind of secret, maker, forms. The kind is the rule's name."""

_UNIT = re.compile(r"\{([\w-]+)(?::(\d+)(\+|-\d+)?)?\}")


def pattern_of(kind: str) -> "re.Pattern[str]":
    """Return the pattern of all forms of a kind."""
    return re.compile("|".join(_pattern(form) for form in _forms(kind)))


def signs_of(kind: str) -> tuple[str, ...]:
    """Return literal texts of which one stands in every secret of a kind."""
    return tuple(max(_UNIT.sub("\0", form).split("\0"), key=len) for form in _forms(kind))


def _forms(kind: str) -> Iterator[str]:
    for forms in FORMATS[kind].values():
        yield from forms


def _pattern(form: str) -> str:
    """Return a form's pattern; nothing that would prolong the key stands beside it."""
    pattern, last = "" if form[0] in "./" else "(?<![A-Za-z0-9])", 0
    for unit in _UNIT.finditer(form):
        pattern += re.escape(form[last : unit.start()]) + _unit(unit)
        last = unit.end()
    return f"{pattern}{re.escape(form[last:])}(?![A-Za-z0-9])"


def _unit(unit: "re.Match[str]") -> str:
    name, least, most = unit.groups()
    if name == "uuid":
        return _UUID
    limit = {None: least, "+": str(_LONGEST)}.get(most) or most.lstrip("-")
    return f"[{_ALPHABETS[name]}]{{{least},{limit}}}"
