"""The events that applications may subscribe to, and the scope that each needs."""

CRM_RECORDS = ("DEAL", "LEAD", "CONTACT", "COMPANY", "QUOTE", "INVOICE", "ACTIVITY", "TIMELINECOMMENT")
CHANGES = ("ADD", "UPDATE", "DELETE")
DYNAMIC = tuple(f"ONCRMDYNAMICITEM{change}{kind}" for change in CHANGES for kind in ("", "_31"))
SCOPES: dict[str, tuple[str, ...]] = {
    "basic": (
        "ONAPPINSTALL",
        "ONAPPUPDATE",
        "ONAPPUNINSTALL",
        "ONAPPPAYMENT",
        "ONAPPMETHODCONFIRM",
        "ONAPPTEST",
        "ONOFFLINEEVENT",
    ),
    "crm": (
        *(f"ONCRM{record}{change}" for record in CRM_RECORDS for change in CHANGES),
        *DYNAMIC,
        "ONCRMDEALMOVETOCATEGORY",
        *(f"ONCRMDEALUSERFIELD{change}" for change in (*CHANGES, "SETENUMVALUES")),
        *(f"ONCRMDEALRECURRING{change}" for change in (*CHANGES, "EXPOSE")),
        *(f"ONCRMDOCUMENTGENERATORDOCUMENT{change}" for change in CHANGES),
    ),
    "telephony": (
        "ONVOXIMPLANTCALLINIT",
        "ONVOXIMPLANTCALLSTART",
        "ONVOXIMPLANTCALLEND",
        "ONEXTERNALCALLSTART",
        "ONEXTERNALCALLBACKSTART",
    ),
    "task": (*(f"ONTASK{change}" for change in CHANGES), *(f"ONTASKCOMMENT{change}" for change in CHANGES)),
    "imopenlines": (
        *(f"ONOPENLINEMESSAGE{change}" for change in CHANGES),
        "ONSESSIONSTART",
        "ONSESSIONFINISH",
        "ONIMCONNECTORMESSAGEADD",
    ),
    "sale": ("ONPAYMENTENTITYSAVED", "ONSALEORDERSAVED"),
    "user": ("ONUSERADD",),
}
ALL_EVENTS = tuple(name for names in SCOPES.values() for name in names)


def scope_of(event: str) -> str:
    """The scope that an event needs."""
    return next(scope for scope, names in SCOPES.items() if event in names)
