"""Texts stream, branch and survive a reload; the keyboard is enough."""


def tokens(page, name="words"):
    box = page.tab.get_by_role("listbox", name=f"Text of {name}", exact=True)
    return box.locator(".token")


def test_a_text_streams_and_each_token_says_its_surprise(page):
    page.choose("words")
    page.write("you say", length=30, seed=1)
    page.wait()
    assert page.text("words").startswith("you say ")
    assert tokens(page).count() == 32
    assert page.tab.locator(".given").count() == 2
    drawn = tokens(page).nth(5)
    assert "probability" in drawn.get_attribute("aria-label")
    assert "bits" in drawn.get_attribute("title")
    assert "30 tokens" in page.tab.locator(".status").inner_text()
    page.shot("write")


def test_the_same_seed_writes_the_same_text_and_an_empty_one_another(page):
    page.choose("words")
    found = []
    for seed in (7, 7, "", ""):
        page.write("you", length=40, seed=seed)
        page.wait()
        found.append(page.text("words"))
    assert found[0] == found[1] != found[2] != found[3]


def test_pointing_at_a_token_shows_what_else_was_likely(page):
    page.choose("words")
    page.write("you say", length=10, seed=1)
    page.wait()
    tokens(page).nth(4).hover()
    rows = page.tab.locator("#panel .likely button")
    assert rows.count() >= 8
    name = tokens(page).nth(4).inner_text().strip()
    assert page.tab.locator("#panel .here .name").inner_text().startswith(name)
    shares = [float(text.strip("%<>")) for text in rows.locator(".share").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    tokens(page).nth(5).hover()
    assert page.tab.locator("#panel h2 .name").inner_text() == tokens(page).nth(5).inner_text()


def test_an_alternative_begins_a_branch_and_the_earlier_one_stays(page):
    page.choose("words")
    page.write("you say", length=12, seed=1)
    page.wait()
    before = page.text("words")
    tokens(page).nth(5).click()
    other = page.tab.locator("#panel .likely button:not(.here)").first
    name = other.locator(".name").inner_text()
    other.click()
    page.wait()
    branched = tokens(page).all_inner_texts()
    assert branched[5] == name
    assert branched[:5] == before.replace("\n", " ").split()[:5] or "↵" in branched[:5]
    assert len(branched) == 5 + 1 + 12
    page.tab.get_by_role("button", name="1 you say").click()
    assert page.text("words") == before
    page.tab.get_by_role("button", name=f"2 {name}").click()
    assert tokens(page).all_inner_texts() == branched
    page.tab.get_by_role("button", name="Continue").click()
    page.wait()
    assert tokens(page).count() == len(branched) + 12


def test_a_reload_keeps_text_branches_and_settings(page):
    page.choose("words", "chars")
    page.write("you say", length=12, seed=5)
    page.wait()
    page.tab.locator("#temperature").fill("0.5")
    tokens(page).nth(3).click()
    page.tab.locator("#panel .likely button").nth(2).click()
    page.wait()
    before = [page.text("words"), page.text("chars")]
    page.tab.reload()
    tokens(page).first.wait_for()
    assert [page.text("words"), page.text("chars")] == before
    assert page.tab.locator("#temperature").input_value() == "0.5"
    assert page.tab.locator("#temperature-value").inner_text() == "0.50"
    assert page.tab.locator("#start").input_value() == "you say"
    assert page.tab.locator(".branches button").count() == 2


def test_the_keyboard_is_enough(page):
    tab = page.tab
    tab.wait_for_selector("#models input")
    tab.locator("#tab-write").focus()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.value") == "words"
    for _ in tab.locator("#models input:enabled").all():
        tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "start"
    tab.keyboard.type("you say")
    tab.keyboard.press("Enter")
    page.wait()
    for _ in range(6):  # two sliders, length, seed, the button, the box of the legend
        tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("End")
    tab.keyboard.press("Home")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight"):
        tab.keyboard.press(key)
    assert tab.evaluate("document.activeElement.dataset.index") == "3"
    tab.keyboard.press("ArrowDown")
    low = tab.evaluate("document.activeElement.getBoundingClientRect().top")
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate("document.activeElement.getBoundingClientRect().top") < low
    tab.keyboard.press("Home")
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")  # to what else was likely
    tab.keyboard.press("ArrowDown")
    wanted = tab.evaluate("document.activeElement.querySelector('.name').textContent")
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.dataset.index") == "3"
    tab.keyboard.press("2")
    page.wait()
    assert tokens(page).nth(3).inner_text() == wanted
    assert tab.locator(".branches button").count() == 2
    tab.keyboard.press("[")
    assert tab.locator(".branches [aria-current]").inner_text().startswith("1 ")


def test_two_models_write_side_by_side_until_they_are_stopped(page):
    page.choose("words", "chars")
    page.write("you say", length=4096)
    page.tab.locator(".token").nth(20).wait_for()
    page.tab.keyboard.press("Escape")
    page.wait()
    assert 0 < tokens(page, "chars").count() < 4096 + 7
    assert page.tab.locator(".status").all_inner_texts()[0].endswith("stopped")
    first, second = (page.tab.locator("article").nth(k).bounding_box() for k in (0, 1))
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    page.tab.set_viewport_size({"width": 390, "height": 844})
    first, second = (page.tab.locator("article").nth(k).bounding_box() for k in (0, 1))
    assert first["y"] + first["height"] <= second["y"]


def test_enter_while_a_syllable_is_composed_does_not_send(page):
    page.choose("korean")
    page.tab.fill("#start", "나는 하")
    for event in ({"key": "Enter", "isComposing": True}, {"key": "Enter", "keyCode": 229}):
        page.tab.dispatch_event("#start", "keydown", event)
        assert page.tab.locator(".token").count() == 0
    page.tab.fill("#start", "나는 학교에")
    page.tab.press("#start", "Shift+Enter")
    assert page.tab.locator("#start").input_value() == "나는 학교에\n"
    page.tab.press("#start", "Backspace")
    page.tab.press("#start", "Enter")
    page.wait()
    assert page.text("korean").startswith("나는 학교에")
    assert page.tab.locator(".space").count() > 0
    page.shot("hangul")
