"""What a class says in a week: the room full of real things that looks are judged on."""

import io
import random

from PIL import Image, ImageDraw

from tests import reels
from tests.callers import Caller, Space

LONGEST = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsmitglieds"
)
LOREM = (
    "The first sunflower is taller than the fence. Mr Okafor says that we may water it on Monday "
    "and Thursday, never at noon, and that whoever forgets it owes the class a poem. "
)

PROGRAM = """\
```python
@app.get("/beds/<int:number>")
def show(number):  # one bed, with all that grows there
    bed = beds.get(number, None)
    return f"Bed {number}: {len(bed)} plants" if bed else ("No such bed in the garden", 404)
```"""
# Whatever can be written, each thing once, in a conversation.
WRITTEN = [
    ("Mei Tanaka", "# Watering\n**Beds 1 to 3** need water *today*, ~~bed 4~~ has had some."),
    ("Mei Tanaka", "Bring:\n- gloves\n- a hat, one of\n  - straw\n  - wool\n\n9. Dig\n10. Water"),
    ("Jo", "> Beds 1 to 3 need water\n> > and bed 4?\n\nI do it, with `python beds.py --all`"),
    ("Yusuf Al-Amin", PROGRAM),
    ("Jo", "Look: https://example.org/map_(beds). [Seeds](https://example.org), tea@example.org"),
    ("Yusuf Al-Amin", "- صباح الخير\n- سأحضر الماء `beds.py`\n\n> هل نحتاج إلى شيء آخر؟"),
    ("Mei Tanaka", "```diff\n-bed = 3\n+bed = 4\n```\n```\nplain, " + "and long, " * 20 + "\n```"),
    ("Jo", ":sunflower::bee::joy:"),
    ("Mei Tanaka", "Thank you :tada: See https://gоogle.example/ and not that one"),
]  # fmt: skip

# What can be played, as phones and machines make it.
FILMED = [
    ("Mei Tanaka", "The volcano smokes", ("IMG_2041.mov", lambda: film(1))),
    ("Jo", "Held upright", ("upright.mp4", lambda: film(2, (360, 640)))),
    ("Yusuf Al-Amin", "", ("صوت 001.m4a", lambda: reels.reel("m4a", 75))),
    ("Jo", "Both at once, and the plan", ("walk.webm", lambda: film(3, (480, 360), "webm")),
     ("bees.ogg", lambda: reels.reel("ogg", 5)), ("plan.pdf", lambda: b"%PDF-1.7")),
    ("Mei Tanaka", "A tiny one", ("tiny.mp4", lambda: reels.reel("mp4", 1))),
    ("Jo", "An old camera", ("DSC_1.mov", lambda: reels.reel("mov", 1, video="mjpeg", audio=""))),
]  # fmt: skip


def landscape(number: int, size: tuple[int, int] = (960, 640), kind: str = "JPEG") -> bytes:
    """A picture of hills under a sky; another one for each number, the same each time."""
    chance = random.Random(number)
    across, down = size
    hue = chance.randrange(256)
    sky = Image.linear_gradient("L").resize(size)
    im = Image.merge("HSV", [Image.new("L", size, hue), sky.point(lambda y: 150 - y // 2),
                             sky.point(lambda y: 190 + y // 4)]).convert("RGB")  # fmt: skip
    draw = ImageDraw.Draw(im)
    x, y, r = chance.randrange(across), down // 4, min(size) // 9
    draw.ellipse((x - r, y - r, x + r, y + r), (255, 240, 190))
    for row in range(4):
        top = down * (4 + row) // 9
        points = [(at * across // 6, top + chance.randrange(down // 7)) for at in range(7)]
        shade = tuple(int(part * (0.75 - row * 0.13)) for part in im.getpixel((across // 2, top)))
        draw.polygon([(0, down), *points, (across, down)], shade)
    out = io.BytesIO()
    im.save(out, kind, quality=80)
    return out.getvalue()


def gif(size: tuple[int, int] = (120, 80)) -> tuple[str, bytes]:
    """One that moves over hills, again and again."""
    shots = [Image.open(io.BytesIO(landscape(at, size))).convert("P") for at in range(3)]
    out = io.BytesIO()
    shots[0].save(out, "GIF", save_all=True, append_images=shots[1:], duration=200, loop=0)
    return "dance.gif", out.getvalue()


def drawing() -> tuple[str, bytes]:
    """Lines that stand on nothing: whatever lies behind shines through."""
    im = Image.new("RGBA", (900, 600))
    draw = ImageDraw.Draw(im)
    for at in range(9):
        draw.ellipse(
            (90 * at, 60 + 30 * at, 90 * at + 180, 240 + 30 * at), outline="black", width=9
        )
    draw.rectangle((40, 380, 420, 560), fill=(235, 80, 60, 160))
    out = io.BytesIO()
    im.save(out, "PNG")
    return "plan.png", out.getvalue()


def albums(space: Space) -> int:
    """A room whose messages have 1, 2, 3, 5 and 10 photos, some of odd shapes; returns its id.

    Three months pass for the whole space, so it comes before everything else that is said there.
    """
    names = "Yusuf Al-Amin", "Mei Tanaka", "Jo"
    yusuf, mei, jo = (space.caller(name) for name in names)
    room = space.makes_room("Photos of all shapes", "closed", *names)
    sizes = [(960, 640), (640, 960), (900, 900), (1600, 400), (480, 1100)]
    for number, count in enumerate((3, 5, 10)):
        photos = [photo(20 * number + at, sizes[at % 5]) for at in range(count)]
        (mei, jo, yusuf)[number].says(f"{count} of them", *photos, room=room)
        if number < 2:
            space.lets_pass(33 * 24 * 60)
    mei.says("Two, upright", photo(80, (640, 960)), photo(81, (640, 960)), room=room)
    jo.says("Wide", photo(82, (2400, 300)), room=room)
    jo.says("Tall", photo(83, (100, 1800)), room=room)
    yusuf.says("See-through", drawing(), room=room)
    yusuf.says("Small", photo(84, (60, 40)), room=room)
    plan = b"%PDF-1.7\n" + bytes(48_000)
    mei.says("Plans", ("beds and watering.pdf", plan), ("names.txt", b"Jo, Mei"), room=room)
    return room


def noise(size: int) -> bytes:
    """A picture that no format makes smaller: about `size` bytes of PNG."""
    side = int((size / 3) ** 0.5)
    out = io.BytesIO()
    octets = random.Random(7).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), octets).save(out, "PNG")
    return out.getvalue()


BROKEN = "liar.png", b"\x89PNG\r\n\x1a\n and no picture at all"
UNREADABLE = "This picture could not be read. Try saving it again, or send another."


def photo(number: int, size: tuple[int, int] = (960, 640)) -> tuple[str, bytes]:
    """A photo with its file name."""
    return f"IMG_20{number:02}.jpg", landscape(number, size)


def film(number: int, size: tuple[int, int] = (960, 540), kind: str = "mp4", **more) -> bytes:
    """Twelve seconds of a camera that moves over hills."""
    wide = Image.open(io.BytesIO(landscape(number, (size[0] + 96, size[1]))))
    shots = [wide.crop((at, 0, at + size[0], size[1])) for at in range(96)]
    return reels.reel(kind, 12, size, shots=shots, **more)


def a_week(space: Space) -> None:
    """Fill the Lobby: four people, five days, 60 messages, every kind of thing that can be said."""
    miriam, yusuf = space.owner, space.caller("Yusuf Al-Amin")
    mei, jo = space.caller("Mei Tanaka"), space.caller("Jo")
    space.caller("ليلى حداد")
    miriam.form("/space", welcome="We plan the garden here, and the trip. Bring questions.")
    mei.post("/people/me", name="Mei Tanaka", about="Beans, bicycles, and school radio on Friday")

    for number in range(12):
        (jo, mei, yusuf)[number % 3].says(f"{number + 1}. " + LOREM[: 30 + number * 17 % 140])
    space.lets_pass(3 * 24 * 60)

    miriam.says("Good morning. The garden group meets at the gate at ten, with boots.")
    beans = mei.says("I bring the beans")
    mei.says("and the string, and whoever wants to can have half of my rhubarb cake")
    mei.says("", photo(1))
    space.lets_pass(4)
    gate = jo.says("Where is the gate?")
    address = "https://example.org/map?from=gate&to=garden&marks=water,tools,bicycles"
    yusuf.replies(gate, f"Behind the bicycles, where the old map of the school hangs: {address}")
    yusuf.replies(beans, "Which ones? Mine were eaten by slugs, all but three", "yes")
    mei.replies(beans, "The blue ones. Slugs pass them by", "yes")
    yusuf.says("صباح الخير، سأحضر الماء والأكواب للجميع. هل نحتاج إلى شيء آخر؟")
    miriam.says("Thank you, Yusuf. شكرا")
    jo.says(f"New record for the longest word: {LONGEST} (I counted twice)")
    space.lets_pass(26 * 60)

    mei.says("Before and after", photo(2), photo(3, (640, 960)))
    yusuf.says("Three from the shed", photo(4, (600, 900)), photo(5), photo(6))
    space.lets_pass(6)
    miriam.says("", photo(7), photo(8), photo(9), photo(10))
    jo.says("🌻")
    jo.says("Tall one", photo(11, (420, 1200)))
    plan = b"%PDF-1.7\n" + bytes(48_000)
    miriam.says("The plan for the beds, and who waters when", ("beds and watering.pdf", plan))
    miriam.says("Names, in a text", ("names.txt", b"Jo\nMei\nYusuf\n"))
    space.lets_pass(23 * 60)

    looked_after(space)

    said = mei.says("We meet at nine")
    mei.edits(said, "We meet at ten, not at nine")
    miriam.says(LOREM * 3 + "\n\nSecond paragraph: bring a hat.\n\n- water\n- gloves\n- a hat")
    jo.deletes(jo.says("Oops, wrong room"))
    yusuf.says("what = [bed for bed in beds if bed.is_dry]   # my script says: bed 3")
    for number in range(14):
        begin = number * 7
        words = LOREM[begin : begin + 25 + number * 9].strip()
        (yusuf, mei, miriam, jo)[number // 3 % 4].says(words)
        if number % 5 == 4:
            space.lets_pass(9)
    space.lets_pass(31)
    said = jo.says("The volcano for Friday is ready, it has three lids")
    jo.edits(said, "The volcano for Friday is ready, it has three lids and a fuse")
    space.lets_pass(7)
    miriam.deletes(miriam.says("Who has my pen?"))
    mei.says("Look, the first tomato", photo(12))
    proud = yusuf.says("It is smaller than my thumb, and I am already proud of it")
    for who, emoji in ((mei, "🍅"), (jo, "🍅"), (miriam, "🍅"), (yusuf, "🍅"), (miriam, "🎉")):
        who.post(f"/messages/{proud['id']}/reactions", emoji=emoji)
    for pinned in (said, proud):
        miriam.post(f"/messages/{pinned['id']}/pin")
    space.lets_pass(3)
    miriam.says("See you tomorrow at ten.")


def rooms(space: Space) -> dict[str, str]:
    """Rooms of every kind and in every state, by what they are; returns their addresses."""
    miriam, mei, jo = space.owner, space.caller("Mei Tanaka"), space.caller("Jo")
    all_ids = [str(number) for number in range(1, 6)]

    def made(by: Caller, name: str, kind: str = "open", *people: str) -> str:
        form = {"name": name, "topic": "Beds 1 to 4, and who waters when", "kind": kind}
        return f"/rooms/{by.post('/rooms', **form, people=list(people))['room']}"

    found = {
        "garden": made(jo, "School garden", "closed", *all_ids[:3]),
        "open": made(jo, "Maths and puzzles for whoever likes to be puzzled"),
        "announcements": made(miriam, "Announcements", "announcement"),
        "archived": made(miriam, "Trip to the botanical garden"),
        "left": made(mei, "Reading circle"),
        "deserted": made(mei, "Surprise for the end of term", "closed"),
        "out": made(mei, "Radio on Friday"),
        "written": made(jo, "How one writes", "closed", *all_ids[:3]),
        "films": made(jo, "Films of the garden", "closed", *all_ids[:3]),
        "few": f"/rooms/{jo.post('/direct', people=all_ids[:3])['room']}",
    }
    for by, words in WRITTEN:
        space.caller(by).says(words, room=int(found["written"].rpartition("/")[2]))
    for by, words, *files in FILMED:
        sent = [(name, make()) for name, make in files]
        space.caller(by).says(words, *sent, room=int(found["films"].rpartition("/")[2]))
    miriam.post(f"{found['archived']}/archive")
    jo.post(f"{found['left']}/leave")
    mei.post(f"{found['deserted']}/leave")
    mei.post(f"{found['out']}/people/4/remove")
    return found


def looked_after(space: Space) -> None:
    """What a moderator has to do: a report, a message deleted, one person muted, two sent away."""
    miriam, jo, tomas = space.owner, space.caller("Jo"), space.caller("Tomás Herrera")
    noa, sione = space.caller("Noa Ben-David"), space.caller("Sione Tupou")
    miriam.form("/people/3/role", role="moderator")
    advert = tomas.says("Cheap watering cans, only today, only from me: https://example.org/cans")
    for message, why in (
        (advert, "The third advertisement this week"),
        (noa.says("Whoever waters bed 3 is a thief"), ""),
    ):
        jo.form(f"/messages/{message['id']}/report", reason=why)
    miriam.deletes(advert)
    miriam.form("/reports/1/close")
    miriam.form("/people/6/mute", end="week")
    miriam.form("/people/7/remove", end="day")
    sione.form("/people/1/block")
    miriam.form("/people/8/ban")
    jo.form("/people/6/block")


def lines(space: Space, count: int, *names: str, seed: int = 1) -> list[str]:
    """Messages of many lengths, by these people in turn; returns their words."""
    chance, said = random.Random(seed), []
    for number in range(1, count + 1):
        words = f"{number:03} {LOREM * chance.choice((0, 0, 0, 1, 1, 2, 5))}".strip()
        said.append(words)
        space.caller(names[number % len(names)]).says(words)
    return said
