"""A server that is gone, busy, or wants a key: the page says so in one line, and goes on."""

import json
import threading
import urllib.request


def message(page):
    return page.tab.locator("#message")


def test_a_lost_server_costs_no_text_and_the_page_goes_on_by_itself(new_server, open_page):
    server = new_server()
    page = open_page(server.url)
    page.choose("words")
    page.write("you say", length=4096)
    page.tab.locator(".token").nth(10).wait_for()
    server.stop()
    message(page).get_by_text("does not answer").wait_for()
    page.wait()
    kept = page.text("words")
    assert kept.startswith("you say")
    assert "stays" in page.tab.locator("#write article .warning").inner_text()
    page.shot("lost")
    page.tab.get_by_role("button", name="Write", exact=True).click()  # still nobody there
    page.wait()
    page.tab.locator(".branches button").first.click()
    assert page.text("words") == kept
    server.start()
    message(page).get_by_text("is back").wait_for()
    page.tab.fill("#length", "5")
    count = page.tab.locator(".token").count()
    page.tab.get_by_role("button", name="Continue").click()
    page.tab.locator(".token").nth(count + 4).wait_for()
    page.wait()
    assert page.text("words").startswith(kept)
    assert page.tab.locator("#write article .warning").is_hidden()


def test_a_key_is_asked_for_and_only_kept_in_memory(new_server, open_page):
    page = open_page(new_server("--api-key", "open-sesame").url)
    message(page).get_by_text("needs a key").wait_for()
    page.tab.fill("#key", "wrong")
    page.tab.keyboard.press("Enter")
    message(page).get_by_text("refused").wait_for()
    page.tab.fill("#key", "open-sesame")
    page.tab.keyboard.press("Enter")
    page.choose("words")
    page.write("you say", length=5)
    page.wait()
    assert page.tab.locator(".token").count() == 7
    assert page.tab.locator("#key-form").is_hidden()
    page.tab.reload()
    message(page).get_by_text("needs a key").wait_for()
    stored = page.tab.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "sesame" not in stored + page.tab.url
    assert "you say" in stored


def test_a_busy_server_is_asked_again(new_server, open_page):
    server = new_server("--max-requests", "1")
    page = open_page(server.url)
    page.choose("chars")
    body = {"model": "korean", "prompt": "나는", "max_tokens": 4096, "n": 4, "stream": True}
    request = urllib.request.Request(f"{server.url}v1/completions", json.dumps(body).encode())
    other = urllib.request.urlopen(request)
    other.readline()
    page.write("you", length=5)
    message(page).get_by_text("busy").wait_for()
    threading.Thread(target=other.close).start()
    page.tab.locator(".token").nth(7).wait_for()
    page.wait()
    assert message(page).is_hidden()


def test_a_wrong_request_is_one_line_in_its_column(page):
    page.choose("chars", "words")
    page.tab.click("#tab-fill")
    page.tab.fill("#fill-text", "no blank here")
    page.tab.keyboard.press("Enter")
    page.tab.get_by_role("button", name="Fill", exact=True).click()
    page.tab.locator("#fill article .warning").nth(1).wait_for()
    lines = page.tab.locator("#fill article .warning").all_inner_texts()
    assert all("has no blank" in line and "\n" not in line for line in lines)
