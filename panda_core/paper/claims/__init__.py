"""The claim ledger. A new claim is an entry of claims.yml and, where it needs one, a function of either side."""

from panda_core.paper.claims.ledger import RULE, Claim, Row, claims, counts, ledger
from panda_core.paper.claims.outcome import Measured, Missing, Printed, verdict

__all__ = ["RULE", "Claim", "Measured", "Missing", "Printed", "Row", "claims", "counts", "ledger", "verdict"]
