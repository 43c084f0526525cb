"""How sellers name their stages, and the client step behind each name.

A rule is a list of groups that must all be found among the words of a name; a group is words
divided by `|`, each matching by its beginning (`=word` matches the whole word), and a group that
begins with `!` must not be found. The first rule that fits wins, so order carries meaning: a name
that waits for an act comes before a name of the act itself.
"""

LOST = "lost"
SELLER = "seller"

NO_CLIENT_STEP: tuple[tuple[str, str], ...] = (
    (
        LOST,
        "спам|дубл|мусор|=брак|отказ|потерян|проигр|провал|архив|нецелев|lost|spam|junk|duplicate|disqualif",
    ),
    (LOST, "churn|cancel|rejected|archive|unqualified|неквал"),
    (LOST, "=не реализов|целев|квалифиц|купил|подош"),
    (SELLER, "недозвон|недоступ|unreachable|attempt|попыт|неразобр|unsorted"),
    (SELLER, "=не|=нет|=no дозвон|отвеч|ответ|бере|взял|answer|response"),
)

RULES: tuple[tuple[tuple[str, ...], str], ...] = (
    # waiting for the client, preparing for him: the step before is what the client has done
    (
        ("contract",),
        "ожид|ждем|ждут|=жду|await|waiting|pending договор|контракт|подпис|contract|signature "
        "оплат|предоплат|payment",
    ),
    (
        ("invoice",),
        "ожид|ждем|ждут|=жду|await|waiting|pending|контрол|проверк|обеща оплат|предоплат|аванс|"
        "деньг|платеж|поступлен|payment|money",
    ),
    (
        ("contract_review",),
        "ожид|ждем|ждут|=жду|await|waiting|pending подпис|договор|контракт|signature|contract",
    ),
    (("brief",), "ожид|ждем|ждут|=жду|await|waiting|pending =тз|бриф|анкет|brief|данн|информ|info"),
    (("requirements",), "ожид|ждем|ждут|=жду|await|waiting|pending =кп|расчет|просчет|смет|quote|estimate"),
    (
        ("named_date",),
        "ожид|ждем|ждут|=жду|await|waiting|pending решен|ответ|реакц|обратн|decision|reply|feedback",
    ),
    (
        ("requirements",),
        "подготов|готов|формир|составл|делаем|разраб|prepar|drafting|building|написан "
        "=кп|предложен|смет|коммерч|расчет|proposal|quote|offer|estimate",
    ),
    (("terms",), "подготов|готов|формир|составл|prepar|drafting договор|контракт|contract|счет|invoice"),
    # repeat sales and what follows a sale
    (
        ("repeat",),
        "повторн|втор|repeat|second продаж|покупк|заказ|сделк|клиент|sale|purchase|order|business|deal",
    ),
    (("repeat",), "допродаж|апсел|апсейл|upsell|crosssell|renewal|renewed|продлен|пролонг|reorder"),
    (("accepted",), "закрывающ|=акт|=акты|приемк|=сдача|=сдано|накладн"),
    (
        ("rated",),
        "отзыв|=nps|=нпс|testimonial|рейтинг|оценк|rating|feedback|satisfaction !стоимост|объект|цен",
    ),
    (("referred",), "рекоменд|referral|сарафан|реферал|advocate"),
    # tenders
    (("winner",), "итог|победител|победа|выигра|протокол|winner|awarded !лид"),
    (
        ("bid_accepted",),
        "заявк|bid|подач|submi|участ|допуск тендер|торг|аукцион|конкурс|закуп|подан|tender|bid|rfp",
    ),
    (("brief",), "тендер|аукцион|конкурс|закупк|tender|=rfp|=rfq|=rfi"),
    # money
    (("prepayment",), "предоплат|аванс|задат|prepay|deposit|downpayment|advance"),
    (("prepayment",), "частичн|partial|first|перв оплат|платеж|payment"),
    (("payment",), "оплачен|оплатил|=paid|paymentreceived"),
    (("invoice",), "счет|счета|инвойс|invoice|billing|billed"),
    (("payment",), "оплат|платеж|payment|деньг|поступлен"),
    # meetings, before contracts, because people agree ("договорились") to meet
    (
        ("agreed_meeting",),
        "назнач|запланир|договорил|договорен|запис|заброн|приглаш|schedul|booked|=set|planned|"
        "arranged встреч|показ|презентац|демо|консультац|созвон|визит|урок|занят|пробн|замер|"
        "прием|осмотр|выезд|zoom|звонок|meeting|demo|presentation|call|visit|appointment|consult",
    ),
    (
        ("proposal",),
        "презентац|каталог|прайс|материал|presentation|catalog|brochure|deck отправ|высла|направ|sent|shared",
    ),
    (("trial",), "пробн|тестов|тестир|=тест|пилот|триал|образ|trial|pilot|=poc|sample|sandbox|evaluation"),
    (("trial",), "демодоступ|demoaccess"),
    (("site_visit",), "замер|осмотр|выезд|обследов|аудит|sitevisit|survey|measure|inspection|audit"),
    (
        ("meeting",),
        "встреч|показ|презентац|защит|=демо|демонстр|консультац|вебинар|meeting|=demo|demonstration|"
        "presentation|webinar|consultation|showing|viewing|визит|шоурум|созвон !показател",
    ),
    # papers
    (
        ("decider_agreed",),
        "согласов|утвержд|approv|решен руковод|=лпр|директор|начальств|внутр|boss|manager|board|"
        "committee|internal|management|legal",
    ),
    (("decider",), "=лпр|лпра|decisionmaker|decider|stakeholder|buyer"),
    (("contract_review",), "договор|контракт =на подпис"),
    (
        ("contract",),
        "договор|контракт|contract|agreement|соглашен подписан|подписал|подписыв|заключ|signed|signing|"
        "closed|executed !договорил|договорен",
    ),
    (("contract_review",), "договор|контракт|contract|agreement|соглашен|юрист|legal !договорил|договорен"),
    (("contract",), "подписан|signed|signature"),
    (("documents",), "документ|реквизит|паспорт|document|paperwork"),
    # the offer
    (
        ("terms",),
        "=кп|предложен|смет|коммерч|proposal|quote|offer согласов|утвержд|принят|подтвержд|одобр|accept|"
        "approv|agreed|negotiat",
    ),
    (
        ("proposal",),
        "=кп|предложен|смет|коммерч|оффер|proposal|=quote|quoted|quotation|=offer|offered|pricing|estimate",
    ),
    (("proposal",), "желан|desire"),
    (
        ("terms",),
        "возражен|objection|дожим|дожат|торг|услов|скидк|terms|negotiat|согласов|финальн|commit|verbal|"
        "closing",
    ),
    (("terms",), "закрыти|закрываем сделк|возражен|продаж"),
    # the order and what is made of it
    (
        ("confirmed_order",),
        "заказ|order|брон|резерв|reserv|booking оформл|подтвержд|принят|собран|согласов|confirm|"
        "placed|брон|резерв|reserv|booking",
    ),
    (("prepayment",), "производств|изготовл|production|manufactur"),
    (
        ("accepted",),
        "отгру|доставл|доставк|shipp|deliver|монтаж|выдан|выдач|выполнен|завершен|исполнен|получил|"
        "handover|fulfil|установк !лид|денег",
    ),
    (
        ("started",),
        "внедрен|онбординг|onboard|implementation|запуск|launch|активац|activat|обучен|сопровожд|поддержк|"
        "support|retention|удержан|постпродаж|aftersale|aftersales|использ|adoption|success"
        " !успешно",
    ),
    (
        ("payment",),
        "успешно|выигран|=won|продан|куплен|купил|покупк|purchase|успех|состоял|bought|продажа|closedwon",
    ),
    # later
    (("requirements",), "подбор"),
    (
        ("named_date",),
        "отложен|позже|позднее|заморо|пауз|later|onhold|hold|postpon|snooz|парков|перспектив|будущ|"
        "nurtur|прогрев",
    ),
    (
        ("named_date",),
        "дума|размышл|thinking|considering|consideration|принима|принят|decision|решени|evaluat|"
        "deciding|сомнева",
    ),
    # need
    (("brief",), "=тз|бриф|brief|анкет|техзадан|техническ|опросн|questionnaire !неанкет"),
    (
        ("requirements",),
        "квалиф|классиф|qualif|потребн|требован|need|requirement|discovery|=bant|выявл|=sql|"
        "параметр|подбор|расчет|просчет|калькул|оценк|scoping|assessment",
    ),
    # contact
    (
        ("answered",),
        "перезвон|дозвон|контакт|связал|связь|позвон|звонок|прозвон|contact|called|=call|calling|reached|"
        "connected|ответил|replied|responded|знакомств|intro|обзвон|outreach",
    ),
    (
        ("told_task",),
        "переговор|диалог|общен|бесед|интервью|разговор|обсужд|talks|conversation|discussion|interest|"
        "интерес|заинтерес|вовлеч|engag|opportunit",
    ),
    (
        ("request",),
        "заявк|обращен|=лид|лиды|лидов|новы|нова|ново|входящ|lead|leads|inquiry|enquiry|=new|request|inbound|"
        "привлеч|attract|регистрац|signup|=mql|prospect|incoming|=заказ|awareness|оставил|запрос",
    ),
)

SELLER_ONLY = (
    "работ|обработ|взят|распредел|передан|ответственн|проверк|очеред|подготов|process|progress|working|assigned|"
    "queue|backlog|=open|opened|todo|review|администр|внутренн|задач|план"
)
