"""The register's pages in plain words: bands and what people did."""

from api.kit.i18n import later
from api.registry.models import PhaseBand

BANDS = {
    PhaseBand.PRE_OPERATIONAL: later("På väg"),
    PhaseBand.OPERATIONAL: later("I drift"),
}
ACTIONS = {
    "imported": later("läste in uppgifterna"),
    "added": later("lade till resurscentret"),
    "corrected": later("rättade"),
    "checked": later("bekräftade"),
}
