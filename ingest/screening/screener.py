"""A parsed document through the detectors and the policy: what goes on, and what was found."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.detectors import Finding
from index.detectors.coverage import Coverage
from ingest.component_versions import SCREENING
from ingest.screening.detector import Detector, RuleDetector
from ingest.screening.masking import mask
from ingest.screening.policy import Action, ScreeningPolicy
from ingest.types import Omission, ParsedDocument

PARSER_DETECTOR = "parser"
"""Named as the detector of text that the parser has left out."""


@dataclass(frozen=True, slots=True)
class ScreenedFinding:
    """A finding, who found it, and what is done about it."""

    finding: Finding
    detector: str
    action: Action


@dataclass(frozen=True, slots=True)
class ScreenedDocument:
    """A document as it may go on, and what was found in it as it came."""

    document: ParsedDocument
    """Masked where the policy says so."""
    findings: Sequence[ScreenedFinding]
    name: str
    """Detectors and policy, for provenance."""

    @property
    def quarantine_findings(self) -> list[ScreenedFinding]:
        """Return the findings that keep the document in quarantine."""
        return [one for one in self.findings if one.action == "quarantine"]

    @property
    def mask_count(self) -> int:
        """Return how many findings were blanked."""
        return sum(one.action == "mask" for one in self.findings)

    def counts(self) -> dict[str, int]:
        """Return how often each ``kind/rule`` was found."""
        counts = Counter(f"{one.finding.kind}/{one.finding.rule}" for one in self.findings)
        return dict(sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class Screening:
    """The detectors of an installation and its policy."""

    detectors: Sequence[Detector] = field(default_factory=lambda: (RuleDetector(),))
    policy: ScreeningPolicy = field(default_factory=ScreeningPolicy)

    def name(self, policy: ScreeningPolicy) -> str:
        """Name the screening with all that its outcome depends on."""
        detectors = "+".join(detector.name for detector in self.detectors)
        return f"{SCREENING} {detectors} {policy.spell()}"

    def screen(
        self, document: ParsedDocument, policy: ScreeningPolicy, *, released: bool = False
    ) -> ScreenedDocument:
        """Look through a document; a released one is not held again, only masked."""
        holds = policy.after_release() if released else policy
        decided = [
            ScreenedFinding(finding, name, holds.action(finding.kind))
            for finding, name in self._find(document.text)
        ]
        decided += [
            ScreenedFinding(_finding_of(omission), PARSER_DETECTOR, holds.action("hidden"))
            for omission in document.omissions
        ]
        masks = [one.finding for one in decided if one.action == "mask"]
        title = document.title and self._masked_title(document.title, holds)
        clean = (
            replace(document, text=mask(document.text, masks), title=title) if masks else document
        )
        decided.sort(key=lambda one: one.finding.start)
        return ScreenedDocument(replace(clean, title=title), decided, self.name(policy))

    def _masked_title(self, title: str, policy: ScreeningPolicy) -> str:
        findings = (finding for finding, _ in self._find(title))
        return mask(title, [one for one in findings if policy.action(one.kind) == "mask"])

    def _find(self, text: str) -> list[tuple[Finding, str]]:
        """Return all findings in text order; of two of one kind that overlap, the first detector's.

        Within one detector, overlaps are its own affair.
        """
        findings: list[tuple[Finding, str]] = []
        coverage: dict[str, Coverage] = defaultdict(lambda: Coverage(len(text)))
        for detector in self.detectors:
            new = [f for f in detector.find(text) if not coverage[f.kind].touches(f.start, f.end)]
            findings += [(finding, detector.name) for finding in new]
            for finding in new:
                coverage[finding.kind].add(finding.start, finding.end)
        return sorted(findings, key=lambda one: (one[0].start, one[0].end, one[0].rule))


def _finding_of(omission: Omission) -> Finding:
    """Return a finding of no width: its words are not in the text."""
    return Finding("hidden", omission.rule, omission.start, omission.start)
