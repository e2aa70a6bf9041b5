// What the tests of the settings share: a browser that changes them, and the
// table of which test measures what each control does.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, generous, missing, open } from "./harness.mjs";

/** Desk is a browser at one page of settings. */
export class Desk {
  #path;
  #effects = new Map(); // title of the test by property
  #saved = new Set(); // properties that the page has had saved

  /** A desk is declared where its tests are; begin sits down at it. */
  constructor(path) {
    this.#path = path;
    after(() => this.chrome?.close());
  }

  /** begin signs in at a server. */
  async begin(server) {
    assert.equal(missing(), "");
    this.server = server;
    this.chrome = await browser();
    ({ page: this.page, wrong: this.wrong } = await open(this.chrome.context, await server.link()));
    await this.page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
    this.page.on("request", (r) => {
      if (r.method() !== "PATCH" || !r.url().endsWith("/api/v1/config")) return;
      const change = r.postDataJSON();
      if (!change.DryRun) for (const name of Object.keys(change.Set ?? {})) this.#saved.add(name);
    });
  }

  /** show shows the settings afresh. */
  async show() {
    await this.page.goto(this.server.url + this.#path);
    try {
      await this.page.getByRole("heading", { name: "SMB signing", exact: true }).waitFor();
    } catch (e) {
      throw new Error(`the page says: ${await this.page.locator("body").innerText()}\nthe server: ${this.server.log.slice(-4000)}`, { cause: e });
    }
  }

  section(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** dialog is the one that is open. */
  get dialog() {
    return this.page.getByRole("alertdialog");
  }

  /** review asks for what would follow. */
  async review() {
    await this.page.getByRole("button", { name: "Save", exact: true }).click();
    await this.dialog.getByText(/complies with it|comply no more/).waitFor();
  }

  /** changing makes a change, with a reason and for good. */
  async changing(what) {
    await this.show();
    await what();
    await this.review();
    await this.dialog.getByRole("checkbox", { name: "Restore in 10 minutes unless I press Keep" }).uncheck();
    await this.dialog.getByRole("textbox", { name: /Reason/ }).fill("a test");
    await this.dialog.getByRole("button", { name: /^(Save|Lower protection…|Turn off for everyone…)$/ }).click();
    await this.page.getByText(/Saved as revision/).waitFor();
  }

  /** control is the control of a property. */
  control(property) {
    return this.page.locator(`[data-property="${property}"]`);
  }

  /** line types into the control of a property. */
  async line(property, text) {
    await this.control(property).fill(text);
    await this.page.keyboard.press("Tab");
  }

  /** effect is a test that changes each of the properties through the page and measures what comes of it with a
   * client. That they are changed is made sure of. */
  effect(title, properties, measure, options = {}) {
    for (const p of properties) this.#effects.set(p, title);
    test(title, options, async (t) => {
      this.#saved.clear();
      await measure(t);
      assert.deepEqual(properties.filter((p) => !this.#saved.has(p)), [], "these were not changed through the page");
    });
  }

  /** finish declares the tests that come last: no control is without an effect that is measured, and nothing went
   * wrong in the browser. */
  finish() {
    test(`each control of ${this.#path} has a test of its effect`, async () => {
      await this.show();
      const found = await this.page.evaluate(() => ({
        named: [...document.querySelectorAll("[data-property]")].map((e) => e.dataset.property),
        nameless: [...document.querySelectorAll("section.setting :is(input, select, textarea)")].filter((e) => !e.closest("[data-property]")).map((e) => e.outerHTML),
      }));
      assert.deepEqual(found.nameless, [], "controls that say of no property");
      assert.ok(found.named.length > 10, `the page shows ${found.named.length} controls`);
      assert.deepEqual([...new Set(found.named)].sort(), [...this.#effects.keys()].sort(), "what the page shows, and what is measured");
    });
    test("nothing on the way was refused by the policy, or loaded from elsewhere", () => {
      assert.deepEqual(this.wrong, []);
    });
  }
}

/** until waits for something to become true of what happens elsewhere. */
export async function until(what, holds) {
  for (const deadline = Date.now() + generous; ; ) {
    if (await holds()) return;
    if (Date.now() > deadline) assert.fail(`never: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
