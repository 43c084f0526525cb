"""Hooks as captured or documented (names replaced), flat and with plain keys; what each is about."""

from urllib.parse import quote_plus

from app.crm.events import ContactTouched, DealTouched, InboundEvent, Unhandled

ACCOUNT = (
    "account[subdomain]=etesttask&account[id]=32427762&account[_links][self]=https://etesttask.amocrm.ru"
)
LEAD = (
    "leads[add][0][id]=32966269&leads[add][0][name]=Test&leads[add][0][status_id]=76789230"
    "&leads[add][0][price]=999&leads[add][0][responsible_user_id]=10000698"
    "&leads[add][0][last_modified]=1748268669&leads[add][0][modified_user_id]=10000698"
    "&leads[add][0][created_user_id]=10000698&leads[add][0][date_create]=1748268669"
    "&leads[add][0][pipeline_id]=9621010&leads[add][0][account_id]=32427762"
    "&leads[add][0][created_at]=1748268669&leads[add][0][updated_at]=1748268669"
)
SAMPLES: dict[str, tuple[str, list[InboundEvent]]] = {
    "S1 add_lead": (f"{ACCOUNT}&{LEAD}", [DealTouched("32966269")]),
    "S2 update_lead": (
        f"{ACCOUNT}&leads[update][0][id]=32966269&leads[update][0][custom_fields][0][id]=752009"
        "&leads[update][0][custom_fields][0][name]=Поле1"
        "&leads[update][0][custom_fields][0][values][0][value]=1",
        [DealTouched("32966269")],
    ),
    "S3 status_lead to won, a date field": (
        "leads[status][0][id]=10701093&leads[status][0][name]=Семинар&leads[status][0][status_id]=142"
        "&leads[status][0][old_status_id]=20067736&leads[status][0][tags][0][name]=повторное обращение"
        "&leads[status][0][custom_fields][2][values][0]=1542067200&account[subdomain]=etesttask",
        [DealTouched("10701093")],
    ),
    "S4 status_lead with an empty name": (
        "leads[status][0][id]=15318175&leads[status][0][name]=&leads[status][0][status_id]=67548619"
        "&leads[status][0][old_status_id]=67548607&leads[status][0][custom_fields][4][values][0]=1725915600",
        [DealTouched("15318175")],
    ),
    "S5 responsible_lead": (
        "leads[responsible][0][id]=15318175&leads[responsible][0][old_status_id]=67548607",
        [DealTouched("15318175")],
    ),
    "S6 delete_lead": (
        "leads[delete][0][id]=12345678&leads[delete][0][status_id]=67548607"
        "&leads[delete][0][pipeline_id]=8572511",
        [DealTouched("12345678")],
    ),
    "S7 add_contact": (
        f"{ACCOUNT}&contacts[add][0][id]=37054081&contacts[add][0][type]=contact",
        [ContactTouched("37054081")],
    ),
    "S8 update_contact": (
        "contacts[update][0][id]=37054081&contacts[update][0][custom_fields][1][code]=PHONE"
        "&contacts[update][0][old_responsible_user_id]=10000698&contacts[update][0][type]=contact",
        [ContactTouched("37054081")],
    ),
    "S9 add_company": (
        "contacts[add][0][id]=10959143&contacts[add][0][linked_leads_id][7480363][ID]=7480363"
        "&contacts[add][0][type]=company",
        [ContactTouched("10959143")],
    ),
    "S10 update_task": (
        "task[update][0][id]=1564845&task[update][0][element_id]=15320411"
        "&task[update][0][element_type]=2&task[update][0][status]=1&task[update][0][action_close]=1",
        [DealTouched("15320411")],
    ),
    "S11 note_lead": (
        "leads[note][0][note][text]=note text&leads[note][0][note][attachement]="
        "&leads[note][0][note][note_type]=4&leads[note][0][note][element_type]=2"
        '&leads[note][0][note][element_id]=15320411&leads[note][0][note][metadata]={"event_source":{"id":1}}'
        "&leads[note][0][note][id]=4600471",
        [DealTouched("15320411")],
    ),
    "S11 note_lead of 2019": (
        "leads[note][0][note][id]=1&leads[note][0][note][element_id]=77&leads[note][0][note][group_id]=0"
        "&leads[note][0][note][timestamp_x]=2019-01-01 10:00:00",
        [DealTouched("77")],
    ),
    "S12 add_message without a lead": (
        "account[subdomain]=etesttask&account[id]=32427762&message[add][0][contact_id]=13311307"
        "&message[add][0][text]=test!&message[add][0][type]=incoming",
        [ContactTouched("13311307")],
    ),
    "S12 add_message with a lead": (
        "message[add][0][contact_id]=13311307&message[add][0][element_type]=2"
        "&message[add][0][entity_type]=lead&message[add][0][element_id]=9276114",
        [DealTouched("9276114")],
    ),
    "S13 update_talk": (
        "talk[update][0][talk_id]=191&talk[update][0][contact_id]=11018118"
        "&talk[update][0][entity_id]=9276114&talk[update][0][entity_type]=lead",
        [DealTouched("9276114")],
    ),
    "S14 unsorted accepted": (
        "unsorted[delete][0][action]=accept&unsorted[delete][0][accept_result][leads][0]=15258873"
        "&unsorted[delete][0][category]=mail",
        [DealTouched("15258873")],
    ),
    "S15 a trigger of the digital pipeline": (
        "leads[status][0][id]=23802129&leads[status][0][old_pipeline_id]=7010970"
        "&account[subdomain]=etesttask",
        [DealTouched("23802129")],
    ),
    "S16 thin hook": (
        "leads[add][0][id]=22791302&leads[add][0][status_id]=106939423"
        "&leads[add][0][pipeline_id]=13859031&account[id]=32427762",
        [DealTouched("22791302")],
    ),
    "S17 the account last": (f"{LEAD}&{ACCOUNT}", [DealTouched("32966269")]),
    "S18 radiobutton": (
        "contacts[add][0][id]=5&contacts[add][0][custom_fields][4][id]=791730"
        "&contacts[add][0][custom_fields][4][values][value]=2"
        "&contacts[add][0][custom_fields][4][values][enum]=566642",
        [ContactTouched("5")],
    ),
    "S19 several in one": (
        "leads[status][0][id]=1001&leads[status][0][status_id]=222&leads[status][1][id]=1002"
        "&leads[status][1][status_id]=222&account[id]=32427762",
        [DealTouched("1001"), DealTouched("1002")],
    ),
    "one lead in two branches": (
        "leads[update][0][id]=7&leads[status][0][id]=7",
        [DealTouched("7")],
    ),
    "a call noted on a contact": (
        "contacts[note][0][note][note_type]=10&contacts[note][0][note][element_id]=37054081"
        "&contacts[note][0][type]=contact",
        [ContactTouched("37054081")],
    ),
    "a task of a contact": (
        "task[add][0][id]=1&task[add][0][element_id]=44&task[add][0][element_type]=1",
        [ContactTouched("44")],
    ),
    "a task of nothing": ("task[add][0][id]=1&task[add][0][element_type]=0", [Unhandled("without_owner")]),
    "unsorted declined": (
        "unsorted[delete][0][action]=decline&unsorted[delete][0][decline_result][leads][0]=8",
        [DealTouched("8")],
    ),
    "unsorted with its lead": ("unsorted[add][0][lead_id]=12", [DealTouched("12")]),
    "unsorted without a lead": ("unsorted[add][0][uid]=ab", [Unhandled("unsorted")]),
    "a customer": ("customers[add][0][id]=3", [Unhandled("customers")]),
    "an element of a list": ("catalogs[add][0][id]=3", [Unhandled("catalogs")]),
}


def body_of(flat: str) -> bytes:
    """The body as it travels: keys and values percent-encoded."""
    pairs = [pair.partition("=") for pair in flat.split("&")]
    return "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, _, value in pairs).encode("ascii")
