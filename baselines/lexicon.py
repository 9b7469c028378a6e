"""A small lexicon of opposites, negators and modality for `baselines.features`, written for this project.

Words stand in their base form, irregular forms beside it; they are matched by their stem.
"""

from __future__ import annotations

_OPPOSITES = """
abandon, drop, withdraw | continue, keep, kept, maintain
absent, missing | present
accept, agree, agreed, approve, consent | refuse, reject, oppose, veto
accident, accidental, inadvertent, mistake | deliberate, intentional, purpose, planned
acquit, clear, exonerate | convict, condemn
admit, acknowledge, confess, confirm | deny, denied, denial
ahead, before, earlier | after, later, behind
alive, survive, survived, living | dead, death, die, died, killed, perished
all, every, entire, whole, wholly, complete | part, partly, partial, some, none
allow, permit, authorise, authorize, legal, lawful | ban, forbid, forbidden, outlaw, prohibit, illegal, unlawful
always | never
arrive, arrived, enter, came | depart, leave, left, quit
attack, assault, raid | defend, defence, defense, protect
begin, began, begun, start, launch, open | end, cease, stop, halt, close, shut, finish
better, improve | worse, worsen
big, large, huge | small, tiny, little
boost, grow, grew, increase, rise, rose, risen, gain, up | cut, decline, decrease, fall, fell, fallen, shrink, drop, lose, down
build, built, create | destroy, destroyed, demolish
buy, bought, purchase | sell, sold, sale
civilian, unarmed | armed, military, fighter, militant, soldier, terrorist
fail, failed, failure, unsuccessful | succeed, success, successful
false, untrue, fake, forged, fabricated, invented, fabrication, fiction | true, genuine, real, authentic
few, fewer, less, least, under, below | many, more, most, over, above
first | last
forget, ignore | remember, heed
free, release, released | arrest, capture, detain, hold, held, imprison, jail
friend, ally | enemy, foe, rival
guilty, guilt, responsible, blame, fault | innocent, blameless, uninvolved
happen, happened, occur, occurred | avert, prevent
hide, hid, hidden, conceal, secret | disclose, reveal, publish, public, show
high | low
honour, honor, keep, kept, obey, respect | break, broke, broken, breach, violate, defy
include | exclude
inside, within | outside, beyond
join | leave, left, quit
legitimate | illegitimate
election, elected | coup, putsch
natural, illness, disease | murder, poison, assassinate, suicide
near, close | distant, far
north, northern | south, southern
east, eastern | west, western
official | unofficial
pass, passed | fail, failed
pay, paid | owe, unpaid
peace, peaceful, ceasefire, truce | war, fight, fighting, violence, violent
possible, can, could | impossible
pull, retreat, withdrew, withdraw | advance, push, invade, occupy, remain, stay
related, linked, connected | unrelated
safe, harmless | dangerous, danger, hazard, unsafe, toxic
send, sent | receive, received
separate, apart, alone | together, joint, jointly
single, only, sole | several, multiple, many
strong | weak
support, back, favour, favor, praise | oppose, criticise, criticize, condemn
sure, certain, known | unsure, unclear, unknown, uncertain
theft, steal, stole, stolen | return, restore
voluntary, voluntarily, willing | force, forced, compel, coerce
win, won, victory | lose, lost, defeat
working, effective, function, on | broken, useless, ineffective, off
"""

HEDGES = frozenset(
    "allege alleged allegedly apparently appear believe believed claim could doubt estimate fear feared hint "
    "likely likeliest may maybe might perhaps possible possibly potential presumably presumed probable "
    "probably purported reportedly rumour rumor seem suggest suspect suspected suspicion thought unclear "
    "unconfirmed uncertain".split()
)
"""Words that weaken a statement."""

CERTAINTY = frozenset(
    "absolutely all always certainly clearly completely conclusive confirmed definitely ever entirely every "
    "fully indeed none nothing only prove proved proven totally utterly wholly".split()
)
"""Words that strengthen a statement, or make it hold of everything."""

INTENTIONS = frozenset(
    "aim announce consider demand expect goal hope intend intention mean plan planned prepare promise propose "
    "purpose ready request seek sought should vow want will wish would".split()
)
"""Words of what is meant to be, and has not happened by that."""

SILENCE = frozenset(
    "aware comment decline disclose elaborate investigate inquiry knowledge knew know question reserve silence "
    "silent unaware unknown whether".split()
)
"""Words of those who know nothing, or do not answer."""

APPROXIMATE = frozenset(
    "about almost approximately around at between least most nearly near roughly some under over than".split()
)
"""Words that make a number a range."""

NEGATORS = frozenset(
    "no not never none nothing nobody nowhere neither nor without cannot "
    "deny denied denies denial refuse refused reject rejected fail failed lack lacked "
    "false untrue baseless unfounded fiction".split()
)
"""Words that negate what follows them, or a statement that they are about; n't is read as not."""


def opposites() -> list[tuple[frozenset[str], frozenset[str]]]:
    """The lines of the lexicon of opposites: words, and the words that speak against them."""
    sides = [line.split("|") for line in _OPPOSITES.strip().splitlines()]
    return [(_words(one), _words(other)) for one, other in sides]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))
