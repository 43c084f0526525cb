"""English texts of the steps. Each answer: what is behind it, a question, an answer, the sign."""

from app.domain.playbook_step import Wording

OBJECTIONS: dict[str, tuple[str, str]] = {
    "expensive": (
        "It is too expensive",
        "Usually a comparison: with another offer, with last time, or with a figure in the client's head. "
        "Ask: “What are you comparing it with: another quote or what you had planned?” "
        "Answer: “I see, it is a noticeable sum. Let us look at what is in it: whatever you do not need "
        "comes out, and the price changes.” "
        "It is gone when the client picks the scope or confirms the sum.",
    ),
    "think": (
        "I will think about it",
        "Most often a question is left that is awkward to ask. "
        "Ask: “Of course. What would you like to weigh: the price, the dates, or whether it fits at all?” "
        "Answer: “Good that you take your time. I will send one similar case with figures, and on Thursday "
        "we decide whether it fits. Is 11 o'clock fine?” "
        "It is gone when the client names a date or asks his own question.",
    ),
    "send_email": (
        "Send it by e-mail",
        "A polite way to end the talk, or colleagues really have to see it. "
        "Ask: “I will. What will you look at first: dates, price, scope?” "
        "Answer: “Then I will send one page about exactly that and check tomorrow whether it is clear.” "
        "There is interest when the client replies to the letter.",
    ),
    "others": (
        "We work with somebody else",
        "Changing a habit is a risk without a reason. "
        "Ask: “What do you like about them, and what would you like more of?” "
        "Answer: “Good that you have a supplier you trust. I do not ask you to change: let us price one item "
        "so that you have something to compare with.” "
        "The door is open when the client sends that item or his requirements.",
    ),
    "not_now": (
        "Not now",
        "The task is there but does not burn, or something else does. "
        "Ask: “When will you come back to it, and what has to happen before?” "
        "Answer: “I understand and will not distract you. I will note the date and come with a finished "
        "estimate, so that you only have to decide.” "
        "The sign: the client names a month or an event himself.",
    ),
    "approve": (
        "I have to get it approved",
        "Somebody else decides too, and your contact needs help inside the company. "
        "Ask: “Who else will look at it, and what matters most to them?” "
        "Answer: “Of course it has to be approved. I will prepare half a page for them: gain, risks, dates. "
        "And I am glad to answer their questions on a call for three.” "
        "The sign: the one who decides writes or joins a talk.",
    ),
    "no_budget": (
        "We have no budget",
        "No money at all, none in this period, or the gain is not visible yet. "
        "Ask: “Will there be money for it later, or was it never planned?” "
        "Answer: “Thank you for saying so. Let us count what the task costs you today: if the solution pays "
        "off, we talk about stages or instalments; if not, we save each other's time.” "
        "The sign: the client names a sum or when it will be there.",
    ),
}

STEPS: dict[str, Wording] = {
    "request": Wording(
        "Client made a request",
        "Leave a request, call or write",
        "Thank them for getting in touch and ask what made them write today.",
    ),
    "answered": Wording(
        "Client answered and talked with us",
        "Answer a call or a message",
        "No answer? Write in one line who you are and which one question you will settle. "
        "“Hello! We have your request and need a minute to check the size. Is now a good time?”",
        ("send_email", "not_now", "others"),
    ),
    "told_task": Wording(
        "Client told us about the task",
        "Tell what has to be solved",
        "Ask and listen: “What does not suit you now? How should it be? What if it stays as it is?” "
        "A good sign is when the client talks more than you.",
        ("send_email", "others", "not_now"),
    ),
    "requirements": Wording(
        "Client stated the requirements",
        "State the requirements",
        "Put the answers into one message and ask to check it: “Did I get it right: 40 seats, by March, "
        "with assembly? What is missing?” The client's reply is the requirements.",
        ("send_email", "others"),
    ),
    "budget": Wording(
        "Client named the budget",
        "Name the budget or its limits",
        "Give a range: “Such tasks cost our clients from 3 to 5 thousand. Which end is closer to yours?” "
        "“No budget” is an answer too: mark that the step will not happen.",
        ("no_budget",),
    ),
    "decider": Wording(
        "Client said who decides",
        "Say who takes the decision",
        "“Who else will look at the proposal? What should they see in it?”",
        ("approve",),
    ),
    "deadline": Wording(
        "Client named the deadline",
        "Say by when the result is needed",
        "Start from the client's event: “On which day must it work? Then we count back when to begin.”",
        ("not_now",),
    ),
    "address_deadline": Wording(
        "Client gave the address and the time",
        "Give the address and the time",
        "The client is in a hurry: two questions and done. “Where to, and by what hour?”",
    ),
    "agreed_meeting": Wording(
        "Client agreed to meet and named a time",
        "Name a time to meet",
        "Offer two times to choose from and say what the client takes home from the meeting.",
        ("not_now", "send_email"),
    ),
    "meeting": Wording(
        "Client came to the meeting",
        "Come to the meeting or the demo",
        "Remind the day before and send one question to think about: it is pleasant to answer.",
        ("not_now",),
    ),
    "site_visit": Wording(
        "Client received our specialist on site",
        "Receive our specialist on site",
        "Write who comes, when and how long it takes; ask for a confirmation.",
        ("not_now",),
    ),
    "trial": Wording(
        "Client tried the solution",
        "Try the solution on a task of their own",
        "Give one small exercise for the first day and ask what came of it.",
        ("not_now", "think"),
    ),
    "brief": Wording(
        "Client sent the brief",
        "Send the brief",
        "No brief? Send five questions: the answers become one.",
        ("not_now",),
    ),
    "clarified": Wording(
        "Client answered our questions",
        "Answer the open questions",
        "Put the questions into one letter, number them, and say by which day you need the answers and why.",
    ),
    "proposal": Wording(
        "Client received and opened the proposal",
        "Open the proposal",
        "Sent does not mean read. Call and give a reason to open it: “Page two has the figures for your "
        "40 seats. Have a look, please: if they are off, I will redo them today.”",
        ("think", "expensive", "send_email"),
    ),
    "question": Wording(
        "Client compared and asked a question",
        "Compare the options and ask questions",
        "Help to compare fairly: send three criteria that people choose by and ask which matters most.",
        ("think", "others"),
    ),
    "terms": Wording(
        "Client confirmed the terms",
        "Confirm the terms or ask for changes",
        "List what was agreed in three lines and ask: “Is it all right? What should change?” "
        "Asking for a change is a step forward too.",
        ("expensive", "think", "approve", "others"),
    ),
    "decider_agreed": Wording(
        "The one who decides gave an answer",
        "Show the proposal to the one who decides",
        "Prepare half a page for the head: gain, risks, dates. Offer a call for three.",
        ("approve", "no_budget"),
    ),
    "bid_accepted": Wording(
        "Client accepted our bid for review",
        "Confirm that the bid is accepted",
        "Check that the papers are in order: a small mistake is easier to mend today.",
    ),
    "winner": Wording(
        "Client announced the winner",
        "Announce the result",
        "Find out the date of the decision and what will matter most. Say thank you either way.",
    ),
    "documents": Wording(
        "Client sent the company details",
        "Send the details or documents",
        "Send a short list of what is needed and why. The fewer points, the sooner the answer.",
    ),
    "contract_review": Wording(
        "Client read the contract and replied",
        "Send remarks or consent on the contract",
        "Ask who has the contract now and which clause worries them: “Let us go through it in ten minutes.”",
        ("approve", "not_now"),
    ),
    "contract": Wording(
        "Client signed the contract",
        "Sign the contract",
        "Remind them what happens right after the signature: who calls, what begins and when.",
        ("approve",),
    ),
    "invoice": Wording(
        "Client took the invoice and named a payment date",
        "Name the date of payment",
        "“Did the invoice arrive? Which day is the payment planned for? I will hold a slot for you.”",
        ("approve", "no_budget", "not_now"),
    ),
    "prepayment": Wording(
        "Client made the prepayment",
        "Make the prepayment",
        "Say what begins on the day of the prepayment and which date it secures.",
        ("expensive", "no_budget"),
    ),
    "payment": Wording(
        "Client paid",
        "Pay the invoice",
        "Confirm the date without pressing: “All is ready to start, only the payment is missing. "
        "Does your accounting need anything from us?”",
        ("no_budget", "approve"),
    ),
    "accepted": Wording(
        "Client accepted the goods or the work",
        "Accept the goods or the work",
        "Call on the day it arrives: “Did everything come? What should we check first?”",
    ),
    "started": Wording(
        "Client began to use it",
        "Begin to use it",
        "Ask about the first result: “What works already? Where did you stop?”",
    ),
    "rated": Wording(
        "Client gave a rating",
        "Give a rating from 0 to 10",
        "One question: “How likely are you to recommend us, 0 to 10?” And: “What would make it a 10?”",
    ),
    "repeat": Wording(
        "Client bought again",
        "Order again",
        "Come when the last order is about to run out, with the scope ready, so that a yes is enough.",
        ("not_now", "others"),
    ),
    "referred": Wording(
        "Client brought a friend",
        "Recommend us",
        "Ask for an introduction right after a good rating and suggest whom it could help.",
    ),
    "named_date": Wording(
        "Client named a date to come back to it",
        "Name the date of the next talk",
        "Agree on a day and a reason: “I will be back on the 12th with new delivery dates, all right?”",
        ("not_now", "think"),
    ),
    "responded": Wording(
        "Client responded to the offer",
        "Respond to the offer",
        "Say what they took last time and what has changed since. One offer, not a catalogue.",
        ("not_now",),
    ),
    "confirmed_order": Wording(
        "Client confirmed the order",
        "Confirm what is in the order",
        "Send the last order as a list and ask: “The same again, or shall we change something?”",
        ("expensive",),
    ),
}

SEGMENTS: dict[str, str] = {
    "all": "All deals",
    "rest": "The rest",
    "urgent": "Urgent",
    "choosing": "Choosing",
    "tender": "Tender",
    "repeat": "Repeat",
}
