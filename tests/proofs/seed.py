"""The seed of everything random in the proofs: one run is the same as the next.

``FOOTNOTE_PROOF_SEED=17`` chooses another; ``make proofs-nightly`` draws one and prints it.
"""

import os

SEED = int(os.environ.get("FOOTNOTE_PROOF_SEED", "1"))
