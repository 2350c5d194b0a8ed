"""``python -m api.cli`` does what ``footnote`` does."""

import sys

from api.cli import main

sys.exit(main())
