"""Label sets that are too long for a declaration, and the notes that many declarations share."""


def bio(*types: str) -> tuple[str, ...]:
    """Tag names in the hub's order: O, then B- and I- of each type."""
    return ("O", *(f"{prefix}-{name}" for name in types for prefix in "BI"))


def _roles(core: str, modifiers: str, continued: str, referring: str) -> tuple[str, ...]:
    """Role names: the predicate, arguments and modifiers, then C- (continued) and R- (referring) ones of them."""
    prefixed = (f"{prefix}-{name}" for prefix, names in (("C", continued), ("R", referring)) for name in names.split())
    return ("V", *core.split(), *modifiers.split(), *prefixed)


ONTONOTES_TYPES = (
    "CARDINAL", "DATE", "EVENT", "FAC", "GPE", "LANGUAGE", "LAW", "LOC", "MONEY", "NORP", "ORDINAL", "ORG", "PERCENT",
    "PERSON", "PRODUCT", "QUANTITY", "TIME", "WORK_OF_ART",
)

WNUT17_TYPES = ("corporation", "creative-work", "group", "location", "person", "product")

CONLL05_ROLES = _roles(
    "A0 A1 A2 A3 A4 A5 AA",
    "AM AM-ADV AM-CAU AM-DIR AM-DIS AM-EXT AM-LOC AM-MNR AM-MOD AM-NEG AM-PNC AM-PRD AM-REC AM-TM AM-TMP",
    "V A0 A1 A2 A3 A4 A5 AM-ADV AM-CAU AM-DIR AM-DIS AM-EXT AM-LOC AM-MNR AM-NEG AM-PNC AM-TMP",
    "A0 A1 A2 A3 A4 AA AM-ADV AM-CAU AM-DIR AM-EXT AM-LOC AM-MNR AM-PNC AM-TMP",
)

CONLL12_ROLES = _roles(
    "ARG0 ARG1 ARG2 ARG3 ARG4 ARG5 ARGA",
    "ARGM-ADJ ARGM-ADV ARGM-CAU ARGM-COM ARGM-DIR ARGM-DIS ARGM-DSP ARGM-EXT ARGM-GOL ARGM-LOC ARGM-LVB ARGM-MNR "
    "ARGM-MOD ARGM-NEG ARGM-PNC ARGM-PRD ARGM-PRP ARGM-PRR ARGM-PRX ARGM-REC ARGM-TMP",
    "V ARG0 ARG1 ARG2 ARG3 ARG4 ARGM-ADJ ARGM-ADV ARGM-CAU ARGM-COM ARGM-DIR ARGM-DIS ARGM-DSP ARGM-EXT ARGM-LOC "
    "ARGM-MNR ARGM-MOD ARGM-NEG ARGM-PRP ARGM-TMP",
    "ARG0 ARG1 ARG2 ARG3 ARG4 ARG5 ARGM-ADV ARGM-CAU ARGM-COM ARGM-DIR ARGM-EXT ARGM-GOL ARGM-LOC ARGM-MNR ARGM-MOD "
    "ARGM-PNC ARGM-PRD ARGM-PRP ARGM-TMP",
)

EWT_ROLES = _roles(
    "ARG0 ARG1 ARG1-DSP ARG2 ARG3 ARG4 ARG5 ARGA",
    "ARGM-ADJ ARGM-ADV ARGM-CAU ARGM-COM ARGM-CXN ARGM-DIR ARGM-DIS ARGM-EXT ARGM-GOL ARGM-LOC ARGM-LVB ARGM-MNR "
    "ARGM-MOD ARGM-NEG ARGM-PRD ARGM-PRP ARGM-PRR ARGM-REC ARGM-TMP",
    "V ARG0 ARG1 ARG1-DSP ARG2 ARG3 ARG4 ARGM-ADV ARGM-COM ARGM-CXN ARGM-DIR ARGM-EXT ARGM-GOL ARGM-LOC ARGM-MNR "
    "ARGM-PRP ARGM-PRR ARGM-TMP",
    "ARG0 ARG1 ARG2 ARG3 ARG4 ARGM-ADJ ARGM-ADV ARGM-CAU ARGM-COM ARGM-DIR ARGM-GOL ARGM-LOC ARGM-MNR ARGM-TMP",
)

PRINTED = "printed: the group is named after the type of task in Table I"
INFERRED_SM = "inferred: Section IV-E has a group Semantic Matching and does not list its tasks"
INFERRED_OTHERS = "inferred: the type of this task in Table I is none of the groups that Section IV-E names"
NOT_IN_PAPER = "not in the paper: the group of the task it goes with"
