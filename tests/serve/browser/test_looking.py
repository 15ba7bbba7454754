"""Score, fill and gates; a phone, a dark page."""

import json
import urllib.request

TEXT = "you say goodbye .\nzebra say hello ."


def asked(server, path, **body):
    request = urllib.request.Request(f"{server.url}v1/{path}", json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_a_score_is_the_servers_line_by_line(page, shared_server):
    page.choose("words")
    page.tab.click("#tab-score")
    page.tab.fill("#score-text", TEXT)
    page.tab.press("#score-text", "Enter")
    page.tab.locator(".line").nth(1).wait_for()
    found = asked(shared_server, "score", model="words", text=TEXT)
    assert page.tab.locator(".figures dd").first.inner_text() == f"{found['perplexity']:.1f}"
    assert page.tab.locator(".line").count() == 2
    assert page.tab.locator(".line .token").count() == found["tokens"]
    unknown = page.tab.locator(".oov")
    assert unknown.inner_text() == "zebra"
    assert "unknown word" in unknown.get_attribute("aria-label")
    page.tab.get_by_label("Show bits of surprise").check()
    page.tab.locator(".line .token").nth(2).click()
    page.tab.locator("#panel .likely button").first.wait_for()
    page.shot("score")


def test_an_alternative_in_a_scored_line_is_written_on_from(page):
    page.choose("words")
    page.tab.click("#tab-score")
    page.tab.fill("#score-text", TEXT)
    page.tab.get_by_role("button", name="Score", exact=True).click()
    page.tab.locator(".line .token").nth(2).click()
    name = page.tab.locator("#panel .likely .name").nth(1).inner_text().removesuffix(" ◂")
    page.tab.keyboard.press("2")
    page.wait()
    assert page.tab.locator("#start").input_value() == f"you say {name}"
    assert page.text("words").startswith(f"you say {name}")


def test_blanks_are_filled_by_both_kinds_of_models(page):
    page.choose("words", "both-ways")
    page.tab.click("#tab-fill")
    page.choose("words", "both-ways")
    page.tab.fill("#fill-text", "you say ")
    page.tab.get_by_role("button", name="Insert ___").click()
    page.tab.keyboard.type(" .")
    page.tab.keyboard.press("Enter")
    page.tab.locator(".filled li").first.wait_for()
    page.tab.locator(".blank li").first.wait_for()
    assert page.tab.locator(".filled mark").count() >= 6
    assert page.tab.locator("#panel").is_hidden()
    page.shot("fill")


def test_the_gates_are_those_of_the_token_under_the_cursor(page, shared_server):
    page.choose("words")
    page.write("you say", length=12, seed=1)
    page.wait()
    page.tab.locator(".token").nth(1).click()
    page.tab.locator("summary", has_text="Gates").click()
    page.tab.locator("canvas").first.wait_for()
    layers = asked(shared_server, "trace", model="words", text="you say")["layers"]
    strips = sum(len(one["gates"]) + len(one["states"]) for one in layers)
    assert page.tab.locator("canvas").count() == strips
    gate = layers[0]["gates"]["f"]
    label = page.tab.get_by_role("img", name="forget:").get_attribute("aria-label")
    assert f"mean {sum(gate) / len(gate):.2f}" in label
    # of a token after the end of a line too, where the state goes on
    last = page.tab.locator(".token").last
    with page.tab.expect_response("**/v1/trace") as response:
        last.click()
    assert response.value.json()["token"] == last.inner_text().replace("↵", "<eos>")


def test_a_phone_shows_all_of_it_and_keeps_the_token_above_the_panel(open_page, shared_server):
    page = open_page(
        shared_server.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page.choose("words")
    page.tab.fill("#start", "you say")
    page.tab.get_by_role("button", name="Write", exact=True).tap()
    page.wait()
    token = page.tab.locator(".token").nth(20)
    token.tap()
    page.tab.locator("#panel .likely button").first.wait_for()
    box, panel = token.bounding_box(), page.tab.locator("#panel").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= panel["y"]
    page.shot("phone")
    for part in ("write", "score", "fill"):
        page.tab.locator(f"#tab-{part}").tap()
        assert page.tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_dark_page_is_dark(open_page, shared_server):
    page = open_page(shared_server.url, color_scheme="dark")
    page.choose("korean", "chars")
    page.write("나는", length=40, seed=2)
    page.wait()
    color = page.tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert color == "rgb(22, 24, 27)"
    page.tab.locator(".token").nth(9).click()
    page.shot("dark")


def test_a_model_that_cannot_do_something_is_not_asked(page):
    page.tab.wait_for_selector("#models input")
    assert page.tab.locator("#models input[value=both-ways]").is_disabled()
    page.tab.locator("#tab-write").focus()
    page.tab.keyboard.press("ArrowLeft")
    assert page.tab.locator("#tab-fill").get_attribute("aria-selected") == "true"
    assert page.tab.locator("#models input[value=both-ways]").is_enabled()
    assert page.tab.url.endswith("#fill")
