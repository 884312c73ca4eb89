"""The register's pages in plain words: what people did."""

from api.kit.i18n import later

ACTIONS = {
    "imported": later("läste in uppgifterna"),
    "added": later("lade till resurscentret"),
    "corrected": later("rättade"),
    "checked": later("bekräftade"),
}
